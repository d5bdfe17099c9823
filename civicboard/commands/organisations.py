"""``civicboard organisation``: adding one, changing one, and saying which there are."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.commands.console import fail, say
from civicboard.kit.database import Database
from civicboard.kit.text import slug
from civicboard.kit.work import Work
from civicboard.linking import make_desk
from civicboard.organisations.actions import appoint, put_organisation
from civicboard.organisations.models import KINDS, Organisation
from civicboard.organisations.policy import ROLES_IN, claim, domain
from civicboard.organisations.queries import find_organisation_named, find_person_id, organisations_all, people_of
from civicboard.settings import Settings


@dataclass(frozen=True)
class Wanted:
    """What the command was told; an empty ``kind`` and None mean that it stays as it was."""

    name: str
    kind: str
    within: str
    about: str | None
    website: str | None
    domains: list[str] | None
    claims: list[str] | None
    stewards: list[str]


async def put(settings: Settings, wanted: Wanted) -> None:
    """Add an organisation or change it, and name its stewards."""
    name = " ".join(wanted.name.split())
    address = slug(name, "")
    if not address or len(name) > 120:
        raise fail("An organisation has a name of 120 letters at most.")
    if wanted.website and not wanted.website.startswith(("https://", "http://")):
        raise fail("A website's address begins with https://.")
    try:
        domains = None if wanted.domains is None else [domain(one) for one in wanted.domains if one]
        claims = None if wanted.claims is None else [_claim(one) for one in wanted.claims if one]
    except ValueError as wrong:
        raise fail(str(wrong)) from None
    database = Database(settings.database_url, pool_size=1)
    try:
        async with make_desk(database, notify=settings.notify).writing() as work:
            before = await find_organisation_named(work, address)
            organisation = await put_organisation(
                work,
                slug=address,
                name=name,
                kind=_kind(wanted.kind or (before.kind if before else "")),
                parent_id=await _parent(work, wanted.within, address),
                about=wanted.about,
                website=wanted.website,
                email_domains=domains,
                claims=claims,
            )
            for handle in wanted.stewards:
                await _appoint(work, organisation, handle)
    finally:
        await database.close()
    say(f"[green]✓[/green] {name} is on the board, at /organisations/{address}.")


async def tell(settings: Settings) -> None:
    """Say which organisations there are."""
    database = Database(settings.database_url, pool_size=1)
    try:
        async with make_desk(database).reading() as work:
            found = await organisations_all(work)
            for row in found:
                one = await find_organisation_named(work, row.slug)
                assert one is not None  # it was there a moment ago
                proofs = [*one.email_domains, *(f"{c['issuer']} {c['claim']} {c['value']}" for c in one.claims)]
                stewards = [f"@{person.handle}" for person in await people_of(work, row.id) if person.is_steward]
                facts = [row.kind_words, f"{row.people} here", f"confirmed by {', '.join(proofs) or 'stewards only'}"]
                facts.append(f"stewards {', '.join(stewards)}" if stewards else "no steward")
                say(f"{row.name}: {'; '.join(facts)}")
    finally:
        await database.close()
    if not found:
        say("There is none yet. Add one with: civicboard organisation add NAME --kind council")


def _claim(written: str) -> dict[str, str]:
    parts = written.split(maxsplit=2)
    if len(parts) != 3:
        raise ValueError("A claim is three words in one pair of quotation marks: 'ISSUER CLAIM VALUE'.")
    return claim(*parts)


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise fail(f"Please say with --kind what it is: {', '.join(KINDS)}.")
    return kind


async def _parent(work: Work, within: str, address: str) -> int | None:
    if not within:
        return None
    parent = await find_organisation_named(work, within)
    if parent is None:
        raise fail(f"There is no organisation called {within} yet. Add it first.")
    if parent.slug == address:
        raise fail("An organisation can't be part of itself.")
    return parent.id


async def _appoint(work: Work, organisation: Organisation, handle: str) -> None:
    person_id = await find_person_id(work, handle.removeprefix("@"))
    if person_id is None:
        raise fail(f"Nobody here has the handle {handle}. They have to sign in once first.")
    await appoint(work, organisation, person_id, role=ROLES_IN[organisation.kind][0], is_steward=True)
