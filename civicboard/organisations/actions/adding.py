"""Adding an organisation, and changing one."""

from __future__ import annotations

from collections.abc import Sequence

from civicboard.kit.work import Missing, Work
from civicboard.organisations.actions.belonging import review, write_badge
from civicboard.organisations.events import AffiliationChanged
from civicboard.organisations.models import Organisation
from civicboard.organisations.queries import claims_asked, find_organisation_to_change, standing_at
from civicboard.people.actions import want_claims


async def put_organisation(
    work: Work,
    *,
    slug: str,
    name: str,
    kind: str,
    parent_id: int | None = None,
    about: str | None = None,
    website: str | None = None,
    email_domains: Sequence[str] | None = None,
    claims: Sequence[dict[str, str]] | None = None,
) -> Organisation:
    """Add an organisation, or change the one of this ``slug``; what is None stays as it was.

    Who was confirmed only by a domain or a claim that no longer counts is no longer confirmed.
    """
    await work.one_at_a_time("organisations")
    try:
        organisation = await find_organisation_to_change(work, slug)
    except Missing:
        organisation = Organisation(slug=slug, name=name, kind=kind, added_at=work.now)
        work.session.add(organisation)
    renamed = organisation.name != name
    organisation.name, organisation.kind = name, kind
    for field, value in (("parent_id", parent_id), ("about", about), ("website", website)):
        if value is not None:
            setattr(organisation, field, value)
    if email_domains is not None:
        organisation.email_domains = list(email_domains)
    if claims is not None:
        organisation.claims = list(claims)
    await work.session.flush()
    if claims is not None:
        await want_claims(work, await claims_asked(work))
    if claims is not None or email_domains is not None:
        await review(work, organisation_id=organisation.id)
    if renamed:
        for one in await standing_at(work, organisation.id):
            await write_badge(work, organisation, one)
            work.record(AffiliationChanged(organisation.id, one.person_id))
    return organisation
