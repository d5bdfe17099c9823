"""People whose abilities this viewer may see: by name, by what they can do or lend, and by what that means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, any_, bindparam, or_, select, union_all
from sqlalchemy.orm import aliased

from civicboard.board.queries.search.asked import MOST_FOUND, TAGS, WITHIN, Findings, Search, Shape
from civicboard.board.queries.search.finding import (
    MOST_PARTLY,
    Asked,
    beside_what_is_asked,
    candidates,
    headline,
    is_one_of,
    match_columns,
    match_of,
    so_many,
)
from civicboard.board.queries.search.ranking import kept_of, reasons
from civicboard.kit.reads import Statement
from civicboard.kit.viewer import initials
from civicboard.kit.work import Work
from civicboard.matching.models import ABILITY_SEARCH, NAME_SEARCH
from civicboard.people.models import Block, Person
from civicboard.places.models import Place
from civicboard.skills.models import Ability


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


def _shown_to(signed_in: bool) -> list[ColumnElement[bool]]:
    """Whose abilities the viewer may see: who keeps theirs for matching is found by nobody else.

    Two people of whom one has blocked the other are not shown to each other.
    """
    public = Ability.visibility == "public"
    if not signed_in:
        return [public]
    me = bindparam("me", type_=BigInteger)
    blocked = select(Block.person_id).where(
        or_(
            and_(Block.person_id == me, Block.blocked_id == Ability.person_id),
            and_(Block.person_id == Ability.person_id, Block.blocked_id == me),
        )
    )
    return [or_(public, Ability.visibility == "signed_in", Ability.person_id == me), ~blocked.exists()]


class _People:
    """Where people are found by words: by what they can do, and by name."""

    kind = "person"

    def __init__(self, visible: Sequence[ColumnElement[bool]]) -> None:
        self.visible = visible
        self.number: Any = Ability.person_id

    def said(self, asked: Asked, most: int) -> Select[Any]:
        return self._having(asked.once("said"), most)

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
    values = {**wanted.values(), "me": work.viewer.id or 0}
    rows = await work.fetch(_found(wanted.shape, work.viewer.signed_in), **values)
    matches = {row[0]: match_of(row[1:]) for row in rows}
    ids = list(matches)
    kept = [
        ids[position] for position in kept_of(list(matches.values()), least=wanted.least, by_meaning=wanted.by_meaning)
    ]
    best = kept[:most]
    if not best:
        return Findings()
    shown = await work.fetch(_shown(wanted.shape), **values, numbers=best)
    people = {}
    for row in shown:
        why = reasons(matches[row[0]], wanted.each_word, row[4])
        people[row[0]] = FoundPerson(*(*row, why))
    return Findings([people[number] for number in best if number in people], len(kept))


@cache
def _found(shape: Shape, signed_in: bool) -> Statement:
    visible = _shown_to(signed_in)
    if shape.tag:
        visible.append(Ability.tags.contains(TAGS))
    if shape.place:
        living = select(_living.id).where(_living.id == Ability.person_id, _living.place_id == any_(WITHIN))
        visible.append(living.exists())
    asked = Asked(shape)
    found = candidates(asked, _People(visible), most=MOST_FOUND)
    columns = match_columns(asked, "person", Person.id, NAME_SEARCH.op("||")(ABILITY_SEARCH), found.c.similarity)
    rows = select(Person.id, *columns).join(Ability, Ability.person_id == Person.id)
    return Statement(beside_what_is_asked(rows.join(found, found.c.id == Person.id), asked))


@cache
def _shown(shape: Shape) -> Statement:
    columns = (
        *(Person.id, Person.handle, Person.name, Place.name, Ability.tags, Ability.words),
        headline(Asked(shape), Ability.words),
    )
    rows = select(*columns).join(Ability, Ability.person_id == Person.id)
    return Statement(rows.outerjoin(Place, Place.id == Person.place_id).where(is_one_of(Person.id)))
