"""Every SELECT about what people proved, and what that confirms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from civicboard.kit.work import Work
from civicboard.organisations.models import Affiliation, Organisation
from civicboard.organisations.policy import Voucher, how_vouched
from civicboard.organisations.queries.listing import MOST_LISTED
from civicboard.people.models import Identity, Vouching


async def proved_ones(
    work: Work, *, person_id: int | None = None, organisation_id: int | None = None
) -> list[tuple[Affiliation, Organisation]]:
    """The standing affiliations of a person, or of an organisation's people, that nothing but a proof confirms."""
    rows = (
        select(Affiliation, Organisation)
        .join(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Affiliation.ended_at.is_(None), Affiliation.confirmed_by != "steward")
    )
    if person_id is not None:
        rows = rows.where(Affiliation.person_id == person_id)
    if organisation_id is not None:
        rows = rows.where(Affiliation.organisation_id == organisation_id)
    found = await work.session.execute(rows.order_by(Affiliation.id).with_for_update(of=Affiliation))
    return [(affiliation, organisation) for affiliation, organisation in found]


async def vouchers_of(work: Work, person_ids: Sequence[int]) -> dict[int, list[Voucher]]:
    """What the sign-ins of each of these people have proved."""
    vouchers: dict[int, list[Voucher]] = {person_id: [] for person_id in person_ids}
    found = await work.session.execute(
        select(Vouching.person_id, Identity.issuer, Vouching.email_domain, Vouching.claims)
        .join(Identity, Identity.id == Vouching.identity_id)
        .where(Vouching.person_id.in_(person_ids))
    )
    for person_id, issuer, email_domain, claims in found:
        vouchers[person_id].append(Voucher(issuer, email_domain, claims))
    return vouchers


@dataclass(frozen=True, slots=True)
class Confirmable:
    """An organisation that what the viewer proved would confirm: ``domain`` is that of their address, or empty."""

    name: str
    slug: str
    domain: str


async def confirmable(work: Work) -> list[Confirmable]:
    """The organisations that the viewer doesn't belong to, but could at once, by what they proved."""
    if work.viewer.id is None:
        return []
    vouchers = (await vouchers_of(work, [work.viewer.id]))[work.viewer.id]
    if not vouchers:
        return []
    domains = [one.email_domain for one in vouchers if one.email_domain]
    mine = select(Affiliation.organisation_id).where(
        Affiliation.person_id == work.viewer.id,
        or_(Affiliation.ended_at.is_(None), Affiliation.ended_how == "steward"),
    )
    rows = select(Organisation).where(
        or_(Organisation.email_domains.overlap(domains), func.jsonb_array_length(Organisation.claims) > 0),
        Organisation.id.not_in(mine),
    )
    found = []
    for one in await work.session.scalars(rows.order_by(Organisation.name).limit(MOST_LISTED)):
        how = how_vouched(one.email_domains, one.claims, vouchers)
        if how:
            domain = next((own for own in domains if own in one.email_domains), "") if how == "domain" else ""
            found.append(Confirmable(one.name, one.slug, domain))
    return found
