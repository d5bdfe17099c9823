"""Every SELECT about organisations themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from civicboard.kit.work import Missing, Work
from civicboard.organisations.models import KINDS, Affiliation, Organisation

#: How many organisations a list names.
MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation as a page shows it, with the one it is part of."""

    id: int
    slug: str
    name: str
    kind: str
    about: str
    website: str
    parent_name: str | None
    parent_slug: str | None
    people: int

    @property
    def path(self) -> str:
        return f"/organisations/{self.slug}"

    @property
    def website_address(self) -> str:
        """Where its website is; nowhere for what is no address of one."""
        return self.website if self.website.startswith(("https://", "http://")) else ""

    @property
    def kind_words(self) -> str:
        return KINDS[self.kind]


def _organisations() -> Select[*tuple[Any, ...]]:
    parent = aliased(Organisation)
    people = (
        select(func.count())
        .where(Affiliation.organisation_id == Organisation.id, Affiliation.ended_at.is_(None))
        .correlate(Organisation)
        .scalar_subquery()
    )
    return select(
        Organisation.id,
        Organisation.slug,
        Organisation.name,
        Organisation.kind,
        Organisation.about,
        Organisation.website,
        parent.name.label("parent_name"),
        parent.slug.label("parent_slug"),
        people,
    ).outerjoin(parent, parent.id == Organisation.parent_id)


async def _list(work: Work, rows: Select[*tuple[Any, ...]]) -> list[OrganisationRow]:
    found = await work.session.execute(rows.order_by(Organisation.name, Organisation.id).limit(MOST_LISTED))
    return [OrganisationRow(*row) for row in found]


async def organisations_all(work: Work) -> list[OrganisationRow]:
    """Every organisation, by name."""
    return await _list(work, _organisations())


async def organisations_within(work: Work, organisation_id: int) -> list[OrganisationRow]:
    """Those that are part of one, by name."""
    return await _list(work, _organisations().where(Organisation.parent_id == organisation_id))


async def find_organisation(work: Work, slug: str) -> OrganisationRow:
    """One organisation by the word in its address. Raises Missing."""
    found = await _list(work, _organisations().where(Organisation.slug == slug))
    if not found:
        raise Missing
    return found[0]


async def find_organisation_to_change(work: Work, slug: str) -> Organisation:
    """The organisation itself, held so that two deeds about who belongs to it wait for each other. Raises Missing."""
    found: Organisation | None = await work.session.scalar(
        select(Organisation).where(Organisation.slug == slug).with_for_update(key_share=True)
    )
    if found is None:
        raise Missing
    return found


async def find_organisation_named(work: Work, name: str) -> Organisation | None:
    """An organisation by its name or the word in its address; None when there is none."""
    wanted = name.strip().lower()
    named = select(Organisation).where(or_(func.lower(Organisation.name) == wanted, Organisation.slug == wanted))
    found: Organisation | None = await work.session.scalar(named.order_by(Organisation.id).limit(1))
    return found


async def claims_asked(work: Work) -> list[tuple[str, str, str]]:
    """Every claim that some organisation asks for: issuer, name and value."""
    found = await work.session.scalars(select(Organisation.claims))
    return sorted({(one["issuer"], one["claim"], one["value"]) for claims in found for one in claims})
