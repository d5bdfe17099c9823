"""What people have said they can do, as far as the viewer may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from civicboard.kit.in_words import week_in_words
from civicboard.kit.viewer import initials
from civicboard.kit.work import Missing, Work
from civicboard.people.models import Person
from civicboard.places.models import Place
from civicboard.skills.models import LEVELS, VISIBILITIES, Ability, Skill
from civicboard.skills.policy import address_of, may_see_ability


@dataclass(frozen=True, slots=True)
class AbilityRow:
    """All that one person has said of what they can do, for their own eyes. ``reach`` has the slugs of places."""

    tags: Sequence[str] = ()
    words: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)
    things: Sequence[str] = ()
    rooms: Sequence[str] = ()
    reach: Sequence[str] = ()
    online_only: bool = False
    languages: Sequence[str] = ()
    hours_a_week: float | None = None
    free: Sequence[str] = ()
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    timezone: str = ""
    visibility: str = "matching"
    asks_a_week: int = 2
    said_at: datetime | None = None


def shown_to(person_id: Any) -> ColumnElement[bool]:
    """The condition that somebody may see what another has said they can do; as policy.may_see_ability has it.

    Who looks is given by their id, or a parameter that holds it; None for a stranger.
    """
    public = Ability.visibility == "public"
    if person_id is None:
        return public
    return or_(public, Ability.visibility == "signed_in", Ability.person_id == person_id)


_REACH = (
    select(func.array_agg(Place.slug))
    .where(Place.id == func.any(Ability.reach_ids))
    .correlate(Ability)
    .scalar_subquery()
    .label("reach")
)
_ROW = select(
    Ability.tags,
    Ability.words,
    Ability.levels,
    Ability.things,
    Ability.lends,
    Ability.rooms,
    _REACH,
    Ability.online_only,
    Ability.languages,
    Ability.hours_a_week,
    Ability.free,
    Ability.quiet_from,
    Ability.quiet_until,
    Ability.timezone,
    Ability.visibility,
    Ability.asks_a_week,
    Ability.said_at,
)


async def find_ability(work: Work) -> AbilityRow:
    """What the viewer has said they can do, all of it; an empty row when they haven't."""
    found = (await work.session.execute(_ROW.where(Ability.person_id == work.viewer.id))).mappings().first()
    if found is None:
        return AbilityRow()
    row: dict[str, Any] = {**found, "reach": found["reach"] or (), "things": _things(found["things"], found["lends"])}
    del row["lends"]
    return AbilityRow(**row)


def _things(things: Iterable[str], lends: str) -> list[str]:
    """The things to lend, with those that a process of the version before has written since it was upgraded."""
    return [*things, *(line.strip() for line in lends.splitlines() if line.strip())]


async def find_ability_to_change(work: Work) -> Ability | None:
    """The viewer's own row, held until the deed is done."""
    found: Ability | None = await work.session.get(Ability, work.viewer.id, with_for_update=True)
    return found


async def abilities_calling_it(work: Work, words: Sequence[str]) -> list[Ability]:
    """Whoever has said one of these very words for what they can do, held until the deed is done."""
    found = await work.session.scalars(
        select(Ability).where(Ability.tags.overlap(list(words))).order_by(Ability.person_id).with_for_update()
    )
    return list(found)


@dataclass(frozen=True, slots=True)
class Shown:
    """What others see of what somebody can do. ``skills``: the tag, how well in words, its address ("" for none)."""

    skills: Sequence[tuple[str, str, str]] = ()
    words: str = ""
    things: Sequence[str] = ()
    rooms: Sequence[str] = ()
    reach: Sequence[str] = ()
    online_only: bool = False
    languages: Sequence[str] = ()
    free: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A person as their page shows them to the viewer: who they are, and what of what they can do they let be seen.

    ``seen_by`` tells somebody on their own page, in words, who sees that besides them; "" for everybody.
    """

    id: int
    handle: str
    name: str
    about: str
    joined_at: datetime
    place_name: str | None
    place_slug: str | None
    can: Shown
    seen_by: str = ""

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def path(self) -> str:
        return f"/people/{self.handle}"

    @property
    def tags(self) -> list[str]:
        return [tag for tag, _, _ in self.can.skills]


_KNOWN = (
    select(func.array_agg(Skill.tag))
    .where(Skill.tag == func.any(Ability.tags))
    .correlate(Ability)
    .scalar_subquery()
    .label("known")
)
_REACH_NAMES = (
    select(func.array_agg(Place.name))
    .where(Place.id == func.any(Ability.reach_ids))
    .correlate(Ability)
    .scalar_subquery()
    .label("reach")
)


async def find_neighbour(work: Work, handle: str) -> Neighbour:
    """One person by their handle, whose case doesn't count, as the viewer may see them. Raises Missing."""
    found = await work.session.execute(
        select(
            Person.id,
            Person.handle,
            Person.name,
            Person.about,
            Person.joined_at,
            Place.name.label("place_name"),
            Place.slug.label("place_slug"),
            Ability,
            _KNOWN,
            _REACH_NAMES,
        )
        .outerjoin(Place, Place.id == Person.place_id)
        .outerjoin(Ability, Ability.person_id == Person.id)
        .where(Person.handle == handle.lower())
    )
    row = found.first()
    if row is None:
        raise Missing
    said: Ability | None = row.Ability
    can, seen_by = Shown(), ""
    if said is not None and may_see_ability(work.viewer, row.id, said.visibility):
        can = _shown(said, known=row.known or (), reach=sorted(row.reach or ()))
        if row.id == work.viewer.id and said.visibility != "public":
            seen_by = VISIBILITIES[said.visibility]
    who = (row.id, row.handle, row.name, row.about, row.joined_at, row.place_name, row.place_slug)
    return Neighbour(*who, can, seen_by)


def _shown(said: Ability, *, known: Sequence[str], reach: Sequence[str]) -> Shown:
    return Shown(
        skills=[
            (tag, LEVELS.get(said.levels.get(tag, ""), ""), address_of(tag) if tag in known else "")
            for tag in said.tags
        ],
        words=said.words,
        things=_things(said.things, said.lends),
        rooms=said.rooms,
        reach=[] if said.online_only else reach,
        online_only=said.online_only,
        languages=said.languages,
        free=week_in_words(said.free),
    )
