"""People whose abilities this viewer may see: by name, by what they can do or lend, and by what that means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all
from sqlalchemy.orm import aliased

from civicboard.board.queries.search.asked import (
    MOST_FOUND,
    Findings,
    Search,
    candidates,
    headline,
    match_columns,
    match_of,
)
from civicboard.board.queries.search.ranking import kept_of, reasons
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


def _shown_to(work: Work) -> list[ColumnElement[bool]]:
    """Whose abilities the viewer may see: who keeps theirs for matching is found by nobody else.

    Two people of whom one has blocked the other are not shown to each other.
    """
    public = Ability.visibility == "public"
    if not work.viewer.signed_in:
        return [public]
    me = work.viewer.id
    blocked = select(Block.person_id).where(
        or_(
            and_(Block.person_id == me, Block.blocked_id == Ability.person_id),
            and_(Block.person_id == Ability.person_id, Block.blocked_id == me),
        )
    )
    return [or_(public, Ability.visibility == "signed_in", Ability.person_id == me), ~blocked.exists()]


async def search_people(work: Work, wanted: Search, *, most: int = 10) -> Findings[FoundPerson]:
    """At most so many, the best first."""
    if wanted.stage or wanted.need:
        return Findings()  # these narrow to problems, and a person has neither
    visible = _shown_to(work)
    if wanted.tag:
        visible.append(Ability.tags.contains([wanted.tag]))
    if wanted.place:
        living = select(_living.id).where(_living.id == Ability.person_id, _living.place_id.in_(wanted.places))
        visible.append(living.exists())

    def by_words(query: ColumnElement[Any]) -> Select[Any]:
        able = (
            select(Ability.person_id.label("id"))
            .where(ABILITY_SEARCH.op("@@")(query), *visible)
            .limit(MOST_FOUND)
            .subquery()
        )
        named = (
            select(Person.id.label("id"))
            .join(Ability, Ability.person_id == Person.id)
            .where(NAME_SEARCH.op("@@")(query), *visible)
            .limit(MOST_FOUND)
            .subquery()
        )
        either = union_all(select(able.c.id), select(named.c.id)).subquery()
        return select(either.c.id)

    found = candidates(wanted, "person", by_words, visible, Ability.person_id)
    said = NAME_SEARCH.op("||")(ABILITY_SEARCH)
    about = (
        select(Person.id, *match_columns(wanted, "person", Person.id, said))
        .join(Ability, Ability.person_id == Person.id)
        .join(found, found.c.id == Person.id)
    )
    rows = (await work.session.execute(about, wanted.values())).all()
    matches = {row.id: match_of(row[1:]) for row in rows}
    ids = list(matches)
    kept = [
        ids[position] for position in kept_of(list(matches.values()), least=wanted.least, by_meaning=wanted.by_meaning)
    ]
    best = kept[:most]
    if not best:
        return Findings()
    columns = (
        *(Person.id, Person.handle, Person.name, Place.name, Ability.tags, Ability.words),
        headline(Ability.words, wanted),
    )
    shown = await work.session.execute(
        select(*columns)
        .join(Ability, Ability.person_id == Person.id)
        .outerjoin(Place, Place.id == Person.place_id)
        .where(Person.id.in_(best)),
        wanted.values(),
    )
    people = {row[0]: FoundPerson(*row, reasons(matches[row[0]], wanted.each_word, row[4])) for row in shown}
    return Findings([people[number] for number in best if number in people], len(kept))
