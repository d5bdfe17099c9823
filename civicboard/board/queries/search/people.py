"""People whose abilities this viewer may see: by name, by what they can do or lend, and by what that means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, any_, bindparam, select, true, union_all
from sqlalchemy.orm import aliased

from civicboard.board.queries.search.criteria import TAGS, WITHIN, Findings, Search, Shape
from civicboard.board.queries.search.finding import (
    MOST_PARTLY,
    Asked,
    beside_what_is_asked,
    candidate_columns,
    candidates,
    headline,
    is_one_of,
    so_many,
)
from civicboard.board.queries.search.kinds import search_kind
from civicboard.kit.reads import Statement
from civicboard.kit.viewer import initials
from civicboard.kit.work import Work
from civicboard.matching.models import ABILITY_SEARCH, NAME_SEARCH
from civicboard.people.models import Person
from civicboard.people.queries import not_blocked
from civicboard.places.models import Place
from civicboard.skills.models import Ability
from civicboard.skills.queries import shown_to


@dataclass(frozen=True, slots=True)
class FoundPerson:
    id: int
    handle: str
    name: str
    place_name: str | None
    tags: Sequence[str]
    words: str
    headline: str
    reasons: Sequence[str] = ()

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def path(self) -> str:
        return f"/people/{self.handle}"


_living = aliased(Person)


_ME = bindparam("me", type_=BigInteger)


def _visible(signed_in: bool) -> list[ColumnElement[bool]]:
    """Whose abilities the viewer may see; and two people of whom one has blocked the other don't find each other."""
    return [shown_to(_ME), not_blocked(Ability.person_id, _ME)] if signed_in else [shown_to(None)]


class _People:
    """Where people are found by words: by what they can do, and by name."""

    kind = "person"

    def __init__(self, visible: Sequence[ColumnElement[bool]]) -> None:
        self.visible = visible
        self.number: Any = Ability.person_id

    def said(self, asked: Asked, most: int) -> Select[Any]:
        return self._having(asked.once("said"), most).add_columns(true().label("whole"))

    def some(self, asked: Asked, few: ColumnElement[bool]) -> Select[Any]:
        return self._having(asked.once("partly"), MOST_PARTLY, few)

    def _having(self, query: Any, most: int, *conditions: ColumnElement[bool]) -> Select[Any]:
        able = select(Ability.person_id.label("id")).where(ABILITY_SEARCH.op("@@")(query), *self.visible, *conditions)
        named = (
            select(Person.id.label("id"))
            .join(Ability, Ability.person_id == Person.id)
            .where(NAME_SEARCH.op("@@")(query), *self.visible, *conditions)
        )
        parts = (some.limit(so_many(most)).subquery() for some in (able, named))
        either = union_all(*(select(part.c.id) for part in parts)).subquery()
        return select(either.c.id)


async def search_people(work: Work, wanted: Search, *, most: int = 10) -> Findings[FoundPerson]:
    """At most so many, the best first."""
    if wanted.stage or wanted.need:
        return Findings()  # these narrow to problems, and a person has neither
    found = partial(_found, wanted.shape, signed_in=work.viewer.signed_in)
    return await search_kind(work, wanted, found, _shown(wanted.shape), FoundPerson, most, me=work.viewer.id or 0)


@cache
def _found(shape: Shape, deep: int, signed_in: bool) -> Statement:
    visible = _visible(signed_in)
    if shape.tag:
        visible.append(Ability.tags.contains(TAGS))
    if shape.place:
        living = select(_living.id).where(_living.id == Ability.person_id, _living.place_id == any_(WITHIN))
        visible.append(living.exists())
    asked, source = Asked(shape), _People(visible)
    found = candidates(asked, source, most=deep)
    said = NAME_SEARCH.op("||")(ABILITY_SEARCH)
    columns = candidate_columns(asked, source, said, tags=Ability.tags, found=found)
    rows = select(*columns).join(Person, Person.id == Ability.person_id).join(found, found.c.id == Ability.person_id)
    return Statement(beside_what_is_asked(rows, asked))


@cache
def _shown(shape: Shape) -> Statement:
    columns = (
        *(Person.id, Person.handle, Person.name, Place.name, Ability.tags, Ability.words),
        headline(shape, Ability.words),
    )
    rows = select(*columns).join(Ability, Ability.person_id == Person.id)
    return Statement(rows.outerjoin(Place, Place.id == Person.place_id).where(is_one_of(Person.id)))
