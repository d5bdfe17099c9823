"""People whose abilities this viewer may see: by name, by what they can do or lend, and by what that means."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, union_all

from civicboard.board.policy import kept_of, reasons
from civicboard.board.queries.search.asked import (
    MOST_FOUND,
    QUERY,
    Search,
    candidates,
    headline,
    match_columns,
    match_of,
)
from civicboard.kit.viewer import initials
from civicboard.kit.work import Work
from civicboard.matching.models import ABILITY_SEARCH, NAME_SEARCH
from civicboard.people.models import Person
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


def _shown_to(work: Work) -> ColumnElement[bool]:
    """Whose abilities the viewer may see: who keeps theirs for matching is found by nobody else."""
    public = Ability.visibility == "public"
    if not work.viewer.signed_in:
        return public
    return or_(public, Ability.visibility == "signed_in", Ability.person_id == work.viewer.id)


async def search_people(
    work: Work, wanted: Search, *, most: int = 10, hidden: Collection[int] = ()
) -> list[FoundPerson]:
    """At most so many, the best first; ``hidden`` are those whom the viewer must not meet."""
    visible = [_shown_to(work)]
    if hidden:
        visible.append(Ability.person_id.not_in(hidden))
    if wanted.tag:
        visible.append(Ability.tags.contains([wanted.tag]))
    if wanted.place:
        living = select(Person.id).where(Person.id == Ability.person_id, Person.place_id.in_(wanted.places))
        visible.append(living.exists())
    able = (
        select(Ability.person_id.label("id"))
        .where(ABILITY_SEARCH.op("@@")(QUERY), *visible)
        .limit(MOST_FOUND)
        .subquery()
    )
    named = (
        select(Person.id.label("id"))
        .join(Ability, Ability.person_id == Person.id)
        .where(NAME_SEARCH.op("@@")(QUERY), *visible)
        .limit(MOST_FOUND)
        .subquery()
    )
    either = union_all(select(able.c.id), select(named.c.id)).subquery()
    found = candidates(wanted, "person", select(either.c.id), visible, Ability.person_id)
    said = NAME_SEARCH.op("||")(ABILITY_SEARCH)
    about = (
        select(Person.id, *match_columns(wanted, "person", Person.id, said))
        .join(Ability, Ability.person_id == Person.id)
        .join(found, found.c.id == Person.id)
    )
    rows = (await work.session.execute(about, wanted.values())).all()
    matches = {row.id: match_of(row[1:]) for row in rows}
    ids = list(matches)
    best = [ids[position] for position in kept_of(list(matches.values()), least=wanted.least)][:most]
    if not best:
        return []
    columns = (
        *(Person.id, Person.handle, Person.name, Place.name, Ability.tags, Ability.words),
        headline(Ability.words, wanted),
    )
    shown = await work.session.execute(
        select(*columns)
        .join(Ability, Ability.person_id == Person.id)
        .outerjoin(Place, Place.id == Person.place_id)
        .where(Person.id.in_(best))
    )
    people = {
        row[0]: FoundPerson(*row, reasons(matches[row[0]], wanted.each_word, wanted.words, row[4])) for row in shown
    }
    return [people[number] for number in best if number in people]
