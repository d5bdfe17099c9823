"""An organisation for tests: a council that Ada looks after, where Cy is an officer and which Bo asks to belong to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Desk, Work
from civicboard.organisations.actions import appoint, belong, leave, put_organisation
from civicboard.organisations.models import Affiliation, AffiliationRequest, Organisation
from civicboard.organisations.queries import Badge, badges_column, read_badges
from civicboard.people.models import Identity, Person, Vouching
from tests.cast import Cast

SLUG = "millbrook-council"
NAME = "Millbrook Council"
DOMAIN = "millbrook.gov.uk"


async def an_organisation(work: Work, **said: Any) -> Organisation:
    """Millbrook Council, whose people have addresses at its domain."""
    usual = {"slug": SLUG, "name": NAME, "kind": "council", "email_domains": [DOMAIN]}
    return await put_organisation(work, **(usual | said))


async def council(work: Work, cast: Cast) -> dict[str, Any]:
    """The council as it was in the beginning, whatever has happened to it, with what stands in its addresses."""
    made = await an_organisation(work)
    asks = work.viewer
    for who in (cast.bo, cast.cy, cast.dee):
        work.viewer = who
        await leave(work, SLUG)
    assert cast.ada.id is not None
    assert cast.cy.id is not None
    await appoint(work, made, cast.ada.id, role="officer", is_steward=True)
    await appoint(work, made, cast.cy.id, role="officer", title="Parks")
    work.viewer = cast.bo
    await belong(work, SLUG, role="officer", words="I drive the gritter.")
    work.viewer = asks
    standing = select(Affiliation.id).where(Affiliation.person_id == cast.cy.id, Affiliation.ended_at.is_(None))
    asked = select(AffiliationRequest.id).where(AffiliationRequest.answered_at.is_(None))
    return {
        "slug": SLUG,
        "affiliation": await work.session.scalar(standing),
        "id": await work.session.scalar(asked),
    }


async def gathered(desk: Desk, cast: Cast) -> dict[str, Any]:
    async with desk.writing() as work:
        return await council(work, cast)


async def badges_of(work: Work, person_id: int) -> list[Badge]:
    """The badges of a person, as any page reads them."""
    return read_badges(await work.session.scalar(select(badges_column(Person.id)).where(Person.id == person_id)) or "")


async def badges(desk: Desk, who: Viewer) -> list[str]:
    """The words beside somebody's name."""
    assert who.id is not None
    async with desk.reading() as work:
        found = await badges_of(work, who.id)
    return [badge.words for badge in found]


async def proved(desk: Desk, who: Viewer, domain: str = DOMAIN, claims: dict[str, list[str]] | None = None) -> None:
    """As if somebody's last sign-in had proved this."""
    async with desk.writing() as work:
        identity = await work.session.scalar(select(Identity.id).where(Identity.person_id == who.id))
        before = await work.session.get(Vouching, identity)
        if before is not None:
            await work.session.delete(before)
            await work.session.flush()
        work.session.add(
            Vouching(identity_id=identity, person_id=who.id, seen_at=work.now, email_domain=domain, claims=claims or {})
        )
