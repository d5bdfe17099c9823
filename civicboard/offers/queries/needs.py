"""Every SELECT about what problems need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, case, or_, select

from civicboard.kit.days import earliest_today
from civicboard.kit.in_words import day_in_words, hours_in_words
from civicboard.kit.reads import Statement
from civicboard.kit.work import Missing, Work, find_sent
from civicboard.offers.models import NEED_KINDS, NEED_STATES, WHERES, Need, Offer
from civicboard.people.models import Person
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem_to_change

#: The most needs that a problem's page shows: the open ones first, then the newest.
MOST_NEEDS = 60


@dataclass(frozen=True, slots=True)
class NeedRow:
    """A need as a page shows it, with who added it and the problem it is of."""

    id: int
    problem_id: int
    by_id: int | None
    kind: str
    what: str
    words: str
    tags: Sequence[str]
    hours: float | None
    by: date | None
    where: str
    state: str
    offer_count: int
    version: int
    added_at: datetime
    #: An offer to it is done, and its owners have not yet said whether that was enough.
    asks_whether_met: bool
    by_name: str | None
    by_handle: str | None
    poster_id: int | None
    convenor_id: int | None
    problem_title: str
    problem_slug: str
    problem_stage: str

    @property
    def path(self) -> str:
        return f"/needs/{self.id}"

    @property
    def problem_path(self) -> str:
        return f"/problems/{self.problem_id}/{self.problem_slug}"

    @property
    def kind_words(self) -> str:
        return NEED_KINDS[self.kind]

    @property
    def state_words(self) -> str:
        return "Resting" if self.rests else NEED_STATES[self.state]

    @property
    def rests(self) -> bool:
        """Nobody has to see to it while the problem is sorted; when it is reopened it is as it was."""
        return self.stands and self.problem_stage == "sorted"

    @property
    def stands(self) -> bool:
        return self.state in ("open", "being_met")

    @property
    def has_passed(self) -> bool:
        """Its last day is over, and its owners have not yet said what became of it."""
        return self.state == "passed"

    @property
    def takes_offers(self) -> bool:
        return self.stands and not self.rests

    @property
    def hours_words(self) -> str:
        return hours_in_words(self.hours)

    @property
    def by_words(self) -> str:
        return day_in_words(self.by)

    @property
    def where_words(self) -> str:
        return WHERES[self.where]

    @property
    def owners(self) -> str:
        """The ids of who may say what becomes of it, for ``data-for``."""
        ids = dict.fromkeys((self.by_id, self.poster_id, self.convenor_id))
        return " ".join(str(one) for one in ids if one is not None)

    @property
    def key(self) -> tuple[object, ...]:
        """What the rendered need depends on, besides its problem's stage."""
        shown = (self.id, self.version, self.offer_count, self.asks_whether_met, self.by_name, self.by_handle)
        return (*shown, self.convenor_id)


_asks = (
    (Need.state == "being_met")
    & select(Offer.id).where(Offer.need_id == Need.id, Offer.done).correlate(Need).exists()
    & ~select(Offer.id).where(Offer.need_id == Need.id, Offer.state == "welcomed").correlate(Need).exists()
)


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Need.id,
            Need.problem_id,
            Need.by_id,
            Need.kind,
            Need.what,
            Need.words,
            Need.tags,
            Need.hours,
            Need.by,
            Need.where,
            Need.state,
            Need.offer_count,
            Need.version,
            Need.added_at,
            _asks.label("asks_whether_met"),
            Person.name.label("by_name"),
            Person.handle.label("by_handle"),
            Problem.poster_id,
            Problem.convenor_id,
            Problem.title.label("problem_title"),
            Problem.slug.label("problem_slug"),
            Problem.stage.label("problem_stage"),
        )
        .join(Problem, Problem.id == Need.problem_id)
        .outerjoin(Person, Person.id == Need.by_id)
    )


_RANK = case({"open": 0, "being_met": 1, "passed": 2, "met": 3}, value=Need.state, else_=4)


def need_rows() -> Select[*tuple[Any, ...]]:
    """The ``NeedRow`` of problem ``number``: the open ones first, then those being met, those whose day has
    passed, those met, and those no longer needed."""
    return (
        _rows()
        .where(Need.problem_id == bindparam("number", type_=BigInteger))
        .order_by(_RANK, Need.id)
        .limit(MOST_NEEDS)
    )


_ON = Statement(need_rows())
_ONE = Statement(_rows().where(Need.id == bindparam("need", type_=BigInteger)))


async def needs_on(work: Work, number: int) -> list[NeedRow]:
    """What a problem needs and has needed, the open needs first."""
    return [NeedRow(*row) for row in await work.fetch(_ON, number=number)]


async def needs_standing(work: Work, number: int) -> list[NeedRow]:
    """What a problem needs still, the open needs first; nothing while it is sorted."""
    return [need for need in await needs_on(work, number) if need.takes_offers]


async def find_need(work: Work, need_id: int) -> NeedRow:
    """One need. Raises Missing."""
    found = await work.fetch(_ONE, need=need_id)
    if not found:
        raise Missing
    return NeedRow(*found[0])


async def find_sent_need(work: Work, form_key: str | None) -> Need | None:
    """The need that the viewer has added with this sending of the form."""
    return await find_sent(work, Need, form_key, by=Need.by_id)


async def find_need_to_change(work: Work, need_id: int) -> tuple[Need, Problem]:
    """A need and its problem, both locked: the problem first, as everywhere, so nothing deadlocks."""
    number = await work.session.scalar(select(Need.problem_id).where(Need.id == need_id))
    if number is None:
        raise Missing
    problem = await find_problem_to_change(work, number)
    return (await work.session.execute(select(Need).where(Need.id == need_id).with_for_update())).scalar_one(), problem


async def open_needs_in_short(work: Work, number: int) -> list[tuple[str, str]]:
    """Kind and line of each open need of a problem, the oldest first."""
    found = await work.session.execute(
        select(Need.kind, Need.what).where(Need.problem_id == number, Need.state == "open").order_by(Need.id)
    )
    return [(kind, what) for kind, what in found]


def still_open(now: datetime) -> Select[*tuple[Any, ...]]:
    """The ``NeedRow`` of all open needs that there is still time for."""
    today = earliest_today(now)
    return _rows().where(Need.state == "open", Problem.stage != "sorted", or_(Need.by.is_(None), Need.by >= today))
