"""Whom a fact concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select

from civicboard.kit.text import mentions
from civicboard.kit.work import Missing, Work
from civicboard.matching.models import Ask
from civicboard.networks.models import Convening, Member, MembersPost
from civicboard.networks.policy import Asking
from civicboard.notices.models import Notice
from civicboard.offers.models import Need, Offer
from civicboard.offers.policy import welcomed_by
from civicboard.organisations.models import Affiliation
from civicboard.people.models import Person
from civicboard.posts.models import Post
from civicboard.problems.models import Problem

#: The most people round one problem who are told of one thing, those who have helped longest.
MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is concerned by an offer: whose problem it is for, who made it, and who said that it is needed."""

    problem_id: int
    offer_id: int
    poster_id: int | None
    helper_id: int
    need_id: int | None
    need_by_id: int | None
    convenor_id: int | None
    state: str
    answered_by_id: int | None

    @property
    def welcomed_by_id(self) -> int | None:
        """Who welcomed it; None while nobody has."""
        return welcomed_by(state=self.state, answered_by_id=self.answered_by_id, poster_id=self.poster_id)

    @property
    def need_adder_id(self) -> int | None:
        """Who said that it is needed, where that is somebody else than the poster."""
        return None if self.need_by_id == self.poster_id else self.need_by_id


async def find_parties(work: Work, offer_id: int) -> Parties:
    """Who is concerned by an offer. Raises Missing."""
    found = await work.session.execute(
        select(
            Offer.problem_id,
            Offer.id,
            Problem.poster_id,
            Offer.helper_id,
            Offer.need_id,
            Need.by_id,
            Problem.convenor_id,
            Offer.state,
            Offer.answered_by_id,
        )
        .join(Problem, Problem.id == Offer.problem_id)
        .outerjoin(Need, Need.id == Offer.need_id)
        .where(Offer.id == offer_id)
    )
    row = found.first()
    if row is None:
        raise Missing
    return Parties(*row)


async def find_adder_of_met(work: Work, need_id: int) -> int | None:
    """Who added a need that is met, where that is somebody else than the problem's poster; None for any other need."""
    found = await work.session.execute(
        select(Need.by_id, Problem.poster_id)
        .join(Problem, Problem.id == Need.problem_id)
        .where(Need.id == need_id, Need.state == "met")
    )
    row = found.first()
    return None if row is None or row.by_id == row.poster_id else row.by_id


async def owners_of_passed(work: Work, need_id: int) -> tuple[list[int], date | None]:
    """Who may say what became of a need whose day has passed, and that day; nobody for any other need."""
    found = await work.session.execute(
        select(Need.by_id, Problem.poster_id, Problem.convenor_id, Need.by)
        .join(Problem, Problem.id == Need.problem_id)
        .where(Need.id == need_id, Need.state == "passed")
    )
    row = found.first()
    return ([], None) if row is None else ([one for one in row[:3] if one is not None], row.by)


async def people_on(work: Work, problem_id: int) -> list[int]:
    """Who works on a problem: its poster and the helpers who are still in it."""
    poster = await work.session.scalar(select(Problem.poster_id).where(Problem.id == problem_id))
    helpers = await work.session.scalars(
        select(Member.person_id)
        .where(Member.problem_id == problem_id, Member.part == "helper", Member.left_at.is_(None))
        .order_by(Member.joined_at, Member.person_id)
        .limit(MOST_TOLD)
    )
    return [one for one in (poster, *helpers) if one is not None]


async def convenors_so_far(work: Work, problem_id: int) -> list[int]:
    """Who looks after a problem, or has."""
    began = select(Convening.person_id).where(Convening.problem_id == problem_id, Convening.began_at.is_not(None))
    return list(await work.session.scalars(began.distinct()))


@dataclass(frozen=True, slots=True)
class ConveningParties(Asking):
    """Who is concerned by somebody's looking after a problem, or asking to."""

    problem_id: int
    person_id: int
    named_by_id: int | None
    is_agreed: bool
    poster_id: int | None
    ends_at: datetime | None
    how: str
    is_quiet: bool


async def find_convening_parties(work: Work, convening_id: int) -> ConveningParties:
    """Whom a convening concerns. Raises Missing."""
    found = await work.session.execute(
        select(
            Convening.problem_id,
            Convening.person_id,
            Convening.named_by_id,
            Convening.agreed_at.is_not(None),
            Problem.poster_id,
            Convening.ends_at,
            Convening.how,
            Convening.is_quiet,
        )
        .join(Problem, Problem.id == Convening.problem_id)
        .where(Convening.id == convening_id)
    )
    row = found.first()
    if row is None:
        raise Missing
    return ConveningParties(*row)


async def find_members_author(work: Work, post_id: int) -> int:
    """Who wrote this to the members. Raises Missing."""
    found: int | None = await work.session.scalar(select(MembersPost.author_id).where(MembersPost.id == post_id))
    if found is None:
        raise Missing
    return found


async def find_mentioned(work: Work, post_id: int) -> tuple[int, list[int]]:
    """Who wrote a post, and whom they call in it by ``@handle``. Raises Missing."""
    row = (await work.session.execute(select(Post.author_id, Post.words).where(Post.id == post_id))).first()
    if row is None:
        raise Missing
    handles = mentions(row.words)
    if not handles:
        return row.author_id, []
    return row.author_id, list(await work.session.scalars(select(Person.id).where(Person.handle.in_(handles))))


class AskParties(NamedTuple):
    """Who asked (None for the board itself), what became of it, and the offer that a yes is."""

    by_id: int | None
    state: str
    offer_id: int | None


async def find_ask_parties(work: Work, ask_id: int) -> AskParties:
    """Whom an ask concerns besides the one who is asked. Raises Missing."""
    found = await work.session.execute(select(Ask.by_id, Ask.state, Ask.offer_id).where(Ask.id == ask_id))
    row = found.first()
    if row is None:
        raise Missing
    return AskParties(*row)


async def stewards_of(work: Work, organisation_id: int) -> list[int]:
    """Who looks after an organisation's people."""
    found = await work.session.scalars(
        select(Affiliation.person_id)
        .where(
            Affiliation.organisation_id == organisation_id,
            Affiliation.is_steward,
            Affiliation.ended_at.is_(None),
        )
        .order_by(Affiliation.id)
        .limit(MOST_TOLD)
    )
    return list(found)


async def unread_about(
    work: Work, kind: str, people: Sequence[int], *, problem_id: int
) -> list[tuple[int, int, datetime]]:
    """What these people were told of one kind about one problem and have not read: notice, person, and when."""
    found = await work.session.execute(
        select(Notice.id, Notice.person_id, Notice.made_at).where(
            Notice.person_id.in_(people),
            Notice.read_at.is_(None),
            Notice.kind == kind,
            Notice.about["problem_id"].astext == str(problem_id),
        )
    )
    return [(notice_id, person_id, made_at) for notice_id, person_id, made_at in found]
