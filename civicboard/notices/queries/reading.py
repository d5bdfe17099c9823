"""What one person was told, in the words of today: a notice keeps ids only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from civicboard.kit.reads import Statement
from civicboard.kit.work import Missing, Work
from civicboard.matching.models import Ask
from civicboard.matching.queries.asks import in_peace
from civicboard.networks.models import Convening, Member, MembersPost, Network
from civicboard.notices.models import Notice
from civicboard.notices.queries.notice import NoticeRow
from civicboard.offers.models import Need, Offer
from civicboard.organisations.models import Affiliation, AffiliationRequest, Organisation
from civicboard.people.models import Person
from civicboard.people.queries import not_blocked
from civicboard.posts.models import Post
from civicboard.problems.models import Problem

PAGE = 30
#: Past the last notice there can be.
PAST_ALL = 2**62


@dataclass(frozen=True, slots=True)
class NoticePage:
    notices: list[NoticeRow]
    #: The ``before`` of the next page; None on the last.
    older: int | None


def _about(name: str) -> Any:
    return cast(Notice.about[name].astext, BigInteger)


_helper, _other, _poster, _member, _asker, _passer = (aliased(Person) for _ in range(6))
_Elsewhere, _Before = aliased(Problem), aliased(Ask)


def _is_open() -> ColumnElement[bool]:
    """Whether the person of a notice still has the part that it was told to."""
    in_it = select(Member.person_id).where(
        Member.problem_id == Problem.id,
        Member.person_id == Notice.person_id,
        Member.part == "helper",
        Member.left_at.is_(None),
    )
    stewards = select(Affiliation.id).where(
        Affiliation.organisation_id == Organisation.id,
        Affiliation.person_id == Notice.person_id,
        Affiliation.is_steward,
        Affiliation.ended_at.is_(None),
    )
    return case(
        (
            or_(Notice.kind == "members_posted", Notice.kind == "network_invited"),
            or_(func.coalesce(Problem.poster_id == Notice.person_id, false()), in_it.exists()),
        ),
        (Notice.kind == "affiliation_asked", stewards.exists()),
        else_=true(),
    )


def _is_a_yes() -> ColumnElement[bool]:
    """Whether who made the offer was asked for it by the person who reads of it."""
    yes = aliased(Ask)
    return exists().where(yes.offer_id == Offer.id, yes.by_id == Notice.person_id, yes.state == "yes")


def _convening_state() -> ColumnElement[Any]:
    """Where a convening stands: how it ended, that it runs, or whose yes it waits for."""
    return case(
        (Convening.id.is_(None), null()),
        (Convening.ended_at.is_not(None), Convening.how),
        (Convening.began_at.is_not(None), "runs"),
        (Convening.named_by_id.is_not(None) & Convening.agreed_at.is_(None), "asks_named"),
        else_="asks_poster",
    )


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Notice.id,
            Notice.person_id,
            Notice.kind,
            Notice.made_at,
            Notice.read_at.is_(None).label("is_unread"),
            Problem.id.label("problem_id"),
            Problem.title.label("problem_title"),
            Problem.slug.label("problem_slug"),
            Offer.id.label("offer_id"),
            Offer.what.label("offer_what"),
            Offer.helper_id,
            _helper.name.label("helper_name"),
            Need.id.label("need_id"),
            Need.what.label("need_what"),
            Need.state.label("need_state"),
            _other.name.label("other_name"),
            _poster.name.label("poster_name"),
            _Elsewhere.id.label("elsewhere_id"),
            _Elsewhere.title.label("elsewhere_title"),
            _Elsewhere.slug.label("elsewhere_slug"),
            _Elsewhere.stage.label("elsewhere_stage"),
            Network.name.label("network_name"),
            MembersPost.id.label("members_post_id"),
            _member.name.label("member_name"),
            Post.id.label("post_id"),
            AffiliationRequest.id.label("request_id"),
            AffiliationRequest.answer.label("request_answer"),
            Organisation.name.label("organisation_name"),
            Organisation.slug.label("organisation_slug"),
            Ask.id.label("ask_id"),
            Ask.state.label("ask_state"),
            _asker.name.label("asker_name"),
            Ask.why,
            Ask.words,
            _passer.name.label("passed_on_by"),
            Need.hours,
            Convening.id.label("convening_id"),
            Convening.person_id.label("convening_person_id"),
            _convening_state().label("convening_state"),
            Convening.ends_at.label("convening_ends_at"),
            (Convening.named_by_id.is_not(None) & Convening.agreed_at.is_(None)).label("is_to_who_is_named"),
            Convening.named_by_id.is_(None).label("came_forward"),
            Convening.reminded_at.is_not(None).label("is_nearly_over"),
            (Problem.convenor_id.is_(None) & Problem.poster_id.is_distinct_from(Notice.person_id)).label("may_take_up"),
            case(
                (Notice.kind == "asked", in_peace()),
                (Notice.kind == "convening_asked", not_blocked(Notice.person_id, _other.id)),
                else_=true(),
            ).label("is_in_peace"),
            _is_a_yes().label("is_a_yes"),
            _is_open().label("is_open"),
        )
        .outerjoin(Problem, Problem.id == _about("problem_id"))
        .outerjoin(_poster, _poster.id == Problem.poster_id)
        .outerjoin(Offer, Offer.id == _about("offer_id"))
        .outerjoin(_helper, _helper.id == Offer.helper_id)
        .outerjoin(Need, Need.id == _about("need_id"))
        .outerjoin(_other, _other.id == _about("person_id"))
        .outerjoin(_Elsewhere, _Elsewhere.id == _about("elsewhere_id"))
        .outerjoin(Network, Network.problem_id == Problem.id)
        .outerjoin(MembersPost, MembersPost.id == _about("members_post_id"))
        .outerjoin(_member, _member.id == MembersPost.author_id)
        .outerjoin(Convening, Convening.id == _about("convening_id"))
        .outerjoin(Post, Post.id == _about("post_id"))
        .outerjoin(AffiliationRequest, AffiliationRequest.id == _about("request_id"))
        .outerjoin(Organisation, Organisation.id == AffiliationRequest.organisation_id)
        # What the version before wrote while this one came calls it by its old word.
        .outerjoin(Ask, Ask.id == func.coalesce(_about("ask_id"), _about("plea_id")))
        .outerjoin(_asker, _asker.id == Ask.by_id)
        .outerjoin(_Before, _Before.id == Ask.passed_on_from_id)
        .outerjoin(_passer, (_passer.id == _Before.person_id) & not_blocked(_passer.id, Ask.person_id))
    )


_OWN = Statement(
    _rows()
    .where(
        Notice.person_id == bindparam("mine", type_=BigInteger),
        Notice.id < bindparam("before", type_=BigInteger),
    )
    .order_by(Notice.id.desc())
    .limit(PAGE + 1)
)
_ONE = Statement(_rows().where(Notice.id == bindparam("number", type_=BigInteger)))


async def notices_of(work: Work, *, before: int | None = None) -> NoticePage:
    """What the viewer was told, the newest first, a page of it: what is older than notice ``before``."""
    if not work.viewer.signed_in:
        return NoticePage([], None)
    found = await work.fetch(_OWN, mine=work.viewer.id, before=PAST_ALL if before is None else before)
    shown = _as_rows(found[:PAGE])
    return NoticePage(shown, shown[-1].id if len(found) > PAGE else None)


async def newest_of(work: Work, person_id: int) -> list[NoticeRow]:
    """The first page of what a person was told, to be shown to that person alone."""
    return _as_rows((await work.fetch(_OWN, mine=person_id, before=PAST_ALL))[:PAGE])


async def find_notice(work: Work, notice_id: int) -> NoticeRow:
    """One notice, to be shown to its person alone. Raises Missing."""
    found = await work.fetch(_ONE, number=notice_id)
    if not found:
        raise Missing
    return _as_rows(found)[0]


def _as_rows(found: Sequence[Sequence[Any]]) -> list[NoticeRow]:
    return [NoticeRow(*row) for row in found]
