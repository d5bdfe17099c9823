"""Every SELECT about who belongs to which organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from civicboard.kit.viewer import initials
from civicboard.kit.work import Missing, Work
from civicboard.organisations.models import Affiliation, Organisation
from civicboard.organisations.queries.badges import Badge, role_words
from civicboard.people.models import Person
from civicboard.places.models import Place

#: How many people an organisation's page names.
MOST_PEOPLE = 500


async def find_person_id(work: Work, handle: str) -> int | None:
    """Whose handle this is; None for nobody's."""
    found: int | None = await work.session.scalar(select(Person.id).where(Person.handle == handle.lower()))
    return found


@dataclass(frozen=True, slots=True)
class BelongingRow:
    """That somebody belongs to an organisation: both, and in what role."""

    id: int
    organisation_id: int
    person_id: int
    name: str
    handle: str
    role: str
    ward: str | None
    ward_slug: str | None
    title: str
    since: datetime
    confirmed_by: str
    is_steward: bool
    organisation: str
    slug: str

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def role_words(self) -> str:
        return role_words(self.role, self.ward)

    @property
    def badge(self) -> Badge:
        return Badge(self.role, self.ward or "", self.organisation, self.slug)


def _belonging() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Affiliation.id,
            Affiliation.organisation_id,
            Affiliation.person_id,
            Person.name,
            Person.handle,
            Affiliation.role,
            Place.name.label("ward"),
            Place.slug.label("ward_slug"),
            Affiliation.title,
            Affiliation.since,
            Affiliation.confirmed_by,
            Affiliation.is_steward,
            Organisation.name.label("organisation"),
            Organisation.slug,
        )
        .join(Person, Person.id == Affiliation.person_id)
        .join(Organisation, Organisation.id == Affiliation.organisation_id)
        .outerjoin(Place, Place.id == Affiliation.ward_id)
        .where(Affiliation.ended_at.is_(None))
    )


async def people_of(work: Work, organisation_id: int) -> list[BelongingRow]:
    """Who belongs to an organisation, by name."""
    rows = _belonging().where(Affiliation.organisation_id == organisation_id)
    found = await work.session.execute(rows.order_by(Person.name, Person.id).limit(MOST_PEOPLE))
    return [BelongingRow(*row) for row in found]


async def affiliations_of(work: Work, person_id: int) -> list[BelongingRow]:
    """Where a person belongs, the oldest affiliation first."""
    found = await work.session.execute(_belonging().where(Affiliation.person_id == person_id).order_by(Affiliation.id))
    return [BelongingRow(*row) for row in found]


async def ward_name(work: Work, ward_id: int | None) -> str:
    """What a ward is called; empty for none."""
    if ward_id is None:
        return ""
    return await work.session.scalar(select(Place.name).where(Place.id == ward_id)) or ""


async def standing_at(work: Work, organisation_id: int) -> list[Affiliation]:
    """All standing affiliations with an organisation, to change them."""
    rows = select(Affiliation).where(Affiliation.organisation_id == organisation_id, Affiliation.ended_at.is_(None))
    return list(await work.session.scalars(rows.order_by(Affiliation.id).with_for_update()))


async def is_steward(work: Work, organisation_id: int) -> bool:
    """Whether the viewer looks after who belongs to an organisation."""
    if not work.viewer.signed_in:
        return False
    found = await work.session.scalar(
        select(Affiliation.is_steward).where(
            Affiliation.organisation_id == organisation_id,
            Affiliation.person_id == work.viewer.id,
            Affiliation.ended_at.is_(None),
        )
    )
    return bool(found)


async def find_standing(work: Work, organisation_id: int, person_id: int) -> Affiliation | None:
    """A person's affiliation with an organisation, to change it; None when they don't belong to it."""
    found: Affiliation | None = await work.session.scalar(
        select(Affiliation)
        .where(
            Affiliation.organisation_id == organisation_id,
            Affiliation.person_id == person_id,
            Affiliation.ended_at.is_(None),
        )
        .with_for_update()
    )
    return found


async def find_affiliation(work: Work, organisation_id: int, affiliation_id: int) -> Affiliation:
    """One of an organisation's affiliations, ended or not, to change it. Raises Missing."""
    found: Affiliation | None = await work.session.scalar(
        select(Affiliation)
        .where(Affiliation.id == affiliation_id, Affiliation.organisation_id == organisation_id)
        .with_for_update()
    )
    if found is None:
        raise Missing
    return found


async def ended_how(work: Work, organisation_id: int, person_id: int) -> str:
    """How a person's last affiliation with an organisation ended; empty when none has."""
    found = await work.session.scalar(
        select(Affiliation.ended_how)
        .where(
            Affiliation.organisation_id == organisation_id,
            Affiliation.person_id == person_id,
            Affiliation.ended_at.is_not(None),
        )
        .order_by(Affiliation.id.desc())
        .limit(1)
    )
    return found or ""
