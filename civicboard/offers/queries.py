"""Every SELECT about offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, select

from civicboard.kit.reads import Ask
from civicboard.kit.work import Missing, Work, find_sent
from civicboard.offers.models import STATES, Offer
from civicboard.organisations.queries import Badge, badges_column, read_badges
from civicboard.people.models import Person
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem_to_change

#: The most offers that a problem's page or a profile shows, the newest ones.
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer as a page shows it, with its helper's name and its problem's title."""

    id: int
    problem_id: int
    helper_id: int
    what: str
    words: str
    hours: float | None
    until: date | None
    made_at: datetime
    state: str
    answer: str
    answered_at: datetime | None
    version: int
    helper_name: str
    helper_handle: str
    poster_id: int | None
    problem_title: str
    problem_slug: str
    #: Where the helper belongs, for ``badges``.
    helper_badges: str

    @property
    def badges(self) -> list[Badge]:
        return read_badges(self.helper_badges)

    @property
    def path(self) -> str:
        return f"/offers/{self.id}"

    @property
    def problem_path(self) -> str:
        return f"/problems/{self.problem_id}/{self.problem_slug}"

    @property
    def state_words(self) -> str:
        return STATES[self.state]

    @property
    def is_waiting(self) -> bool:
        return self.state == "waiting"

    @property
    def stands(self) -> bool:
        """Whether it waits or is welcomed, so that there is something to withdraw."""
        return self.state in ("waiting", "welcomed")

    @property
    def hours_words(self) -> str:
        """``"2 hours"``, ``"30 minutes"``; empty when they will see."""
        if self.hours is None:
            return ""
        if self.hours < 1:
            return f"{round(self.hours * 60)} minutes"
        return "1 hour" if self.hours == 1 else f"{self.hours:g} hours"

    @property
    def until_words(self) -> str:
        """``"31 May 2026"``; empty when there is no last day."""
        return f"{self.until.day} {self.until:%B} {self.until.year}" if self.until else ""


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Offer.id,
            Offer.problem_id,
            Offer.helper_id,
            Offer.what,
            Offer.words,
            Offer.hours,
            Offer.until,
            Offer.made_at,
            Offer.state,
            Offer.answer,
            Offer.answered_at,
            Offer.version,
            Person.name.label("helper_name"),
            Person.handle.label("helper_handle"),
            Problem.poster_id,
            Problem.title.label("problem_title"),
            Problem.slug.label("problem_slug"),
            badges_column(Offer.helper_id).label("helper_badges"),
        )
        .join(Person, Person.id == Offer.helper_id)
        .join(Problem, Problem.id == Offer.problem_id)
    )


async def _read(work: Work, rows: Select[*tuple[Any, ...]]) -> list[OfferRow]:
    found = (await work.session.execute(rows.limit(MOST_SHOWN))).mappings()
    return [OfferRow(**row) for row in found]


async def find_offer(work: Work, offer_id: int) -> OfferRow:
    """One offer. Raises Missing."""
    found = await _read(work, _rows().where(Offer.id == offer_id))
    if not found:
        raise Missing
    return found[0]


_ON = Ask(
    _rows().where(Offer.problem_id == bindparam("number", type_=BigInteger)).order_by(Offer.id.desc()).limit(MOST_SHOWN)
)


async def offers_on(work: Work, number: int) -> list[OfferRow]:
    """What has been offered on a problem, whatever became of it, in the order it was offered."""
    return [OfferRow(*row) for row in reversed(await work.fetch(_ON, number=number))]


async def offers_by(work: Work, person_id: int) -> list[OfferRow]:
    """What a person has offered, the newest first. Only they themselves see what was declined."""
    rows = _rows().where(Offer.helper_id == person_id)
    if work.viewer.id != person_id:
        rows = rows.where(Offer.state != "declined")
    return await _read(work, rows.order_by(Offer.id.desc()))


async def find_sent_offer(work: Work, form_key: str | None) -> Offer | None:
    """The offer that the viewer has made with this sending of the form."""
    return await find_sent(work, Offer, form_key, by=Offer.helper_id)


async def find_offer_to_change(work: Work, offer_id: int) -> tuple[Offer, Problem]:
    """An offer and its problem, both locked: the problem first, as everywhere, so nothing deadlocks."""
    number = await work.session.scalar(select(Offer.problem_id).where(Offer.id == offer_id))
    if number is None:
        raise Missing
    problem = await find_problem_to_change(work, number)
    offer = await work.session.scalar(select(Offer).where(Offer.id == offer_id).with_for_update())
    if offer is None:
        raise Missing
    return offer, problem
