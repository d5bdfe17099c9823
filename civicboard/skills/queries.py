"""Every SELECT about what people can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from civicboard.kit.viewer import initials
from civicboard.kit.work import Missing, Work
from civicboard.people.models import Person
from civicboard.places.models import Place
from civicboard.skills.models import Ability


@dataclass(frozen=True, slots=True)
class AbilityRow:
    """What one person can do: tags, their own words, what they can lend. All empty when they haven't said."""

    tags: Sequence[str] = ()
    words: str = ""
    lends: str = ""


async def find_ability(work: Work, person_id: int) -> AbilityRow:
    """What a person has said they can do."""
    found = await work.session.execute(
        select(Ability.tags, Ability.words, Ability.lends).where(Ability.person_id == person_id)
    )
    row = found.first()
    return AbilityRow(*row) if row else AbilityRow()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A person as their page shows them: who they are, and what they can do or lend."""

    id: int
    handle: str
    name: str
    about: str
    joined_at: datetime
    place_name: str | None
    place_slug: str | None
    tags: Sequence[str]
    words: str
    lends: str

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def path(self) -> str:
        return f"/people/{self.handle}"


async def find_neighbour(work: Work, handle: str) -> Neighbour:
    """One person by their handle, whose case doesn't count. Raises Missing."""
    found = await work.session.execute(
        select(
            Person.id,
            Person.handle,
            Person.name,
            Person.about,
            Person.joined_at,
            Place.name.label("place_name"),
            Place.slug.label("place_slug"),
            Ability.tags,
            func.coalesce(Ability.words, "").label("words"),
            func.coalesce(Ability.lends, "").label("lends"),
        )
        .outerjoin(Place, Place.id == Person.place_id)
        .outerjoin(Ability, Ability.person_id == Person.id)
        .where(Person.handle == handle.lower())
    )
    row = found.mappings().first()
    if row is None:
        raise Missing
    return Neighbour(**{**row, "tags": row["tags"] or ()})
