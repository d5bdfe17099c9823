"""The one SELECT of a problem's page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    bindparam,
    select,
)

from civicboard.board.queries.cards import Entry
from civicboard.kit import outbox
from civicboard.kit.reads import Statement, rows_of
from civicboard.kit.work import Missing, Work
from civicboard.networks.queries import MOST_SHOWN as MOST_MEMBERS
from civicboard.networks.queries import ConvenorRow, MemberRow, convenor_rows, member_rows
from civicboard.offers.models import Need, Offer
from civicboard.offers.queries import MOST_SHOWN as MOST_OFFERS
from civicboard.offers.queries import NeedRow, need_rows
from civicboard.organisations.queries import badges_column
from civicboard.people.models import Person
from civicboard.posts.queries import MOST_SHOWN as MOST_POSTS
from civicboard.posts.queries import PAST_ALL, post_keys
from civicboard.problems.models import Problem
from civicboard.problems.queries import ProblemRow, problem_rows
from civicboard.progress.models import StageChange
from civicboard.progress.queries import MOST_SHOWN as MOST_CHANGES


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """What one problem's page shows, read in one moment: whole rows where they are small, keys where they are not."""

    cursor: str
    problem: ProblemRow
    members: list[MemberRow]
    posts: list[Entry]
    has_older: bool
    changes: list[Entry]
    offers: list[Entry]
    needs: list[NeedRow]
    convenor: ConvenorRow | None


_WHERE = bindparam("number", type_=BigInteger)
_CHANGES = (
    select(StageChange.id, Person.name, Person.handle, StageChange.changed_at)
    .join(Person, Person.id == StageChange.by_id)
    .where(StageChange.problem_id == _WHERE)
    .order_by(StageChange.id.desc())
    .limit(MOST_CHANGES)
)
_OFFERS = (
    select(
        Offer.id,
        Offer.version,
        Person.name,
        Person.handle,
        Need.what,
        badges_column(Offer.helper_id),
        Problem.convenor_id,
    )
    .join(Person, Person.id == Offer.helper_id)
    .join(Problem, Problem.id == Offer.problem_id)
    .outerjoin(Need, Need.id == Offer.need_id)
    .where(Offer.problem_id == _WHERE)
    .order_by(Offer.id.desc())
    .limit(MOST_OFFERS)
)
_PROBLEM_PAGE = Statement(
    problem_rows()
    .add_columns(
        outbox.EPOCH,
        outbox.SNAPSHOT,
        rows_of(member_rows()),
        rows_of(post_keys()),
        rows_of(_CHANGES),
        rows_of(_OFFERS),
        rows_of(need_rows()),
        rows_of(convenor_rows()),
    )
    .where(Problem.id == _WHERE)
)


async def find_problem_page(work: Work, number: int, *, before: int | None) -> ProblemPage:
    """One problem with all that its page shows. Raises Missing."""
    found = await work.fetch(
        _PROBLEM_PAGE, number=number, before=PAST_ALL if before is None else before, most=MOST_MEMBERS
    )
    if not found:
        raise Missing
    *problem, epoch, snapshot, members, posts, changes, offers, needs, convenors = found[0]
    return ProblemPage(
        str(outbox.Cursor.of(epoch, snapshot)),
        ProblemRow(*problem),
        [MemberRow(*member) for member in members],
        [Entry(key, at) for *key, at in reversed(posts[:MOST_POSTS])],
        len(posts) > MOST_POSTS,
        [Entry(key, at) for *key, at in reversed(changes)],
        [Entry(key) for key in reversed(offers)],
        [NeedRow(*need) for need in needs],
        ConvenorRow(*convenors[0]) if convenors else None,
    )
