"""Every SELECT about offers themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, select
from sqlalchemy.orm import aliased

from civicboard.kit.in_words import day_in_words, hours_in_words
from civicboard.kit.reads import Statement
from civicboard.kit.work import Missing, Work, find_sent
from civicboard.offers import policy
from civicboard.offers.models import STATES, Need, Offer
from civicboard.organisations.queries import Badge, badges_column, read_badges
from civicboard.people.models import Person
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem_to_change

#: The most offers that a problem's page or a profile shows, the newest ones.
MOST_SHOWN = 200


_Poster, _Convenor, _Answerer = aliased(Person), aliased(Person), aliased(Person)


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
    answered_by_id: int | None
    version: int
    #: What it does not take in.
    limits: str
    need_id: int | None
    ended_at: datetime | None
    done: bool
    need_what: str | None
    helper_name: str
    helper_handle: str
    poster_id: int | None
    poster_name: str | None
    poster_handle: str | None
    #: Who looks after the problem now.
    convenor_id: int | None
    convenor_name: str | None
    answered_by_name: str | None
    answered_by_handle: str | None
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
        return "Joined in" if self.joined_by_themselves else STATES[self.state]

    @property
    def joined_by_themselves(self) -> bool:
        """Whether it stands though nobody welcomed it, since nobody was there to do so."""
        return self.state == "welcomed" and self.welcomed_by_id is None

    @property
    def answerers(self) -> tuple[int, ...]:
        """The ids of who may answer it."""
        return policy.answerers(poster_id=self.poster_id, convenor_id=self.convenor_id, helper_id=self.helper_id)

    @property
    def enders(self) -> tuple[int, ...]:
        """The ids of who may say that it is done besides the two who reach each other; the helper, where nobody
        welcomed it."""
        if self.joined_by_themselves:
            return (self.helper_id, *self.answerers)
        return tuple(one for one in self.answerers if one != self.welcomed_by_id)

    @property
    def answerer_names(self) -> str:
        """``"Ada or Cy"``; empty where nobody can answer it."""
        names = {self.poster_id: self.poster_name, self.convenor_id: self.convenor_name}
        return " or ".join(names[one] or "" for one in self.answerers)

    @property
    def welcomed_by_id(self) -> int | None:
        return policy.welcomed_by(state=self.state, answered_by_id=self.answered_by_id, poster_id=self.poster_id)

    @property
    def welcomed_by_name(self) -> str | None:
        """Who welcomed it, by name; None where nobody has."""
        if self.welcomed_by_id is None:
            return None
        return self.answered_by_name if self.answered_by_id is not None else self.poster_name

    @property
    def welcomed_by_handle(self) -> str | None:
        if self.welcomed_by_id is None:
            return None
        return self.answered_by_handle if self.answered_by_id is not None else self.poster_handle

    @property
    def is_waiting(self) -> bool:
        return self.state == "waiting"

    @property
    def stands(self) -> bool:
        """Whether it waits or is welcomed, so that there is something to withdraw."""
        return self.state in ("waiting", "welcomed")

    @property
    def hours_words(self) -> str:
        return hours_in_words(self.hours)

    @property
    def until_words(self) -> str:
        return day_in_words(self.until)

    @property
    def key(self) -> tuple[object, ...]:
        """What the rendered offer depends on."""
        shown = (self.id, self.version, self.helper_name, self.helper_handle, self.need_what, self.helper_badges)
        return (*shown, self.convenor_id)


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
            Offer.answered_by_id,
            Offer.version,
            Offer.limits,
            Offer.need_id,
            Offer.ended_at,
            Offer.done,
            Need.what.label("need_what"),
            Person.name.label("helper_name"),
            Person.handle.label("helper_handle"),
            Problem.poster_id,
            _Poster.name.label("poster_name"),
            _Poster.handle.label("poster_handle"),
            Problem.convenor_id,
            _Convenor.name.label("convenor_name"),
            _Answerer.name.label("answered_by_name"),
            _Answerer.handle.label("answered_by_handle"),
            Problem.title.label("problem_title"),
            Problem.slug.label("problem_slug"),
            badges_column(Offer.helper_id).label("helper_badges"),
        )
        .join(Person, Person.id == Offer.helper_id)
        .join(Problem, Problem.id == Offer.problem_id)
        .outerjoin(_Poster, _Poster.id == Problem.poster_id)
        .outerjoin(_Convenor, _Convenor.id == Problem.convenor_id)
        .outerjoin(_Answerer, _Answerer.id == Offer.answered_by_id)
        .outerjoin(Need, Need.id == Offer.need_id)
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


_ON = Statement(
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


async def standing_offers_on(work: Work, number: int) -> list[OfferRow]:
    """What waits for an answer on a problem or is welcomed, in the order it was offered."""
    standing = _rows().where(Offer.problem_id == number, Offer.state.in_(["waiting", "welcomed"]))
    return await _read(work, standing.order_by(Offer.id))


async def waiting_offers_to_change(work: Work, number: int) -> Sequence[Offer]:
    """What waits for an answer on a problem that the caller holds locked, to be changed."""
    waiting = select(Offer).where(Offer.problem_id == number, Offer.state == "waiting")
    return (await work.session.scalars(waiting.order_by(Offer.id).with_for_update())).all()


async def offers_to(work: Work, need_id: int) -> list[OfferRow]:
    """What has been offered to a need, whatever became of it, in the order it was offered."""
    return await _read(work, _rows().where(Offer.need_id == need_id).order_by(Offer.id))


async def find_standing_offer(work: Work, need_id: int, helper_id: int) -> Offer | None:
    """What somebody offers to a need, and it waits or is welcomed. Its problem is locked already."""
    standing = select(Offer).where(
        Offer.need_id == need_id, Offer.helper_id == helper_id, Offer.state.in_(["waiting", "welcomed"])
    )
    return await work.session.scalar(standing.order_by(Offer.id).limit(1).with_for_update())


async def welcomed_offers_to_end(work: Work, number: int, person_id: int) -> Sequence[Offer]:
    """The welcomed offers of one person on a problem that the caller holds locked, to be changed."""
    mine = select(Offer).where(Offer.problem_id == number, Offer.helper_id == person_id, Offer.state == "welcomed")
    return (await work.session.scalars(mine.order_by(Offer.id).with_for_update())).all()
