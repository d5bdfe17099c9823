"""What one person was told, in the words of today: a notice keeps ids only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, cast, func, select
from sqlalchemy.orm import aliased

from civicboard.kit.reads import Ask
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Missing, Work
from civicboard.notices.models import Notice
from civicboard.offers.models import Need, Offer
from civicboard.people.models import Person
from civicboard.people.queries import viewer_of, viewer_rows
from civicboard.problems.models import Problem

PAGE = 30
#: Past the last notice there can be.
PAST_ALL = 2**62


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice as its person reads it. What it is about may be gone since: then those fields are None."""

    id: int
    person_id: int
    kind: str
    made_at: datetime
    is_unread: bool
    problem_id: int | None
    problem_title: str | None
    problem_slug: str | None
    offer_id: int | None
    offer_what: str | None
    helper_id: int | None
    helper_name: str | None
    need_id: int | None
    need_what: str | None
    need_state: str | None
    #: The person whom it is about, if that isn't who made the offer.
    other_name: str | None
    poster_name: str | None

    @property
    def is_gone(self) -> bool:
        """Whether what it is about is no longer there."""
        return self.problem_id is None or (self.kind.startswith("offer_") and self.offer_id is None)

    @property
    def path(self) -> str:
        """Where to look at what it is about; the page of notices itself for what is gone."""
        if self.is_gone:
            return "/notices"
        if self.kind.startswith("offer_"):
            return f"/offers/{self.offer_id}"
        if self.kind == "joined":
            return f"/problems/{self.problem_id}/network"
        return f"/problems/{self.problem_id}/{self.problem_slug}"


@dataclass(frozen=True, slots=True)
class NoticePage:
    notices: list[NoticeRow]
    #: The ``before`` of the next page; None on the last.
    older: int | None


_UNREAD = select(func.count()).where(Notice.person_id == bindparam("mine", type_=BigInteger), Notice.read_at.is_(None))
_COUNT = Ask(_UNREAD)


async def count_unread(work: Work, person_id: int) -> int:
    """How many notices a person has not marked as read."""
    found = await work.fetch(_COUNT, mine=person_id)
    return int(found[0][0])


_VISITOR = Ask(
    viewer_rows().add_columns(
        select(func.count())
        .where(Notice.person_id == Person.id, Notice.read_at.is_(None))
        .correlate(Person)
        .scalar_subquery()
    )
)


async def find_visitor(work: Work, token_hash: str) -> Viewer | None:
    """Whose session cookie this is, with how much they have not read; None when it is nobody's. One statement."""
    found = await work.fetch(_VISITOR, token_hash=token_hash, now=work.now)
    if not found:
        return None
    *row, unread = found[0]
    return replace(viewer_of(row, work.now), unread=unread)


def _about(name: str) -> Any:
    return cast(Notice.about[name].astext, BigInteger)


_helper, _other, _poster = aliased(Person), aliased(Person), aliased(Person)


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
        )
        .outerjoin(Problem, Problem.id == _about("problem_id"))
        .outerjoin(_poster, _poster.id == Problem.poster_id)
        .outerjoin(Offer, Offer.id == _about("offer_id"))
        .outerjoin(_helper, _helper.id == Offer.helper_id)
        .outerjoin(Need, Need.id == _about("need_id"))
        .outerjoin(_other, _other.id == _about("person_id"))
    )


_OWN = Ask(
    _rows()
    .where(
        Notice.person_id == bindparam("mine", type_=BigInteger),
        Notice.id < bindparam("before", type_=BigInteger),
    )
    .order_by(Notice.id.desc())
    .limit(PAGE + 1)
)
_ONE = Ask(_rows().where(Notice.id == bindparam("number", type_=BigInteger)))


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
