"""Signing in: what a provider proved, whose it is, and who is about to get an account."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Select, select

from civicboard.kit import text
from civicboard.kit.work import Refused, Work
from civicboard.people.models import (
    Identity,
    LoginAttempt,
    Newcomer,
    Person,
    RememberedApp,
    Vouching,
    WantedClaim,
)
from civicboard.people.policy import HANDLE_LENGTH, NOTHING, Vouched, is_reserved, may_finish, may_join


@dataclass(frozen=True, slots=True)
class Proof:
    """What a provider proved: the identity is (``issuer``, ``subject``), the rest is only for convenience.

    ``label`` is how the person recognises the identity; ``name`` and ``handle_hint`` are suggestions for a
    newcomer. ``sid`` and ``id_token`` belong to the provider's own session and are kept with ours.
    """

    provider: str
    issuer: str
    subject: str
    label: str = ""
    name: str = ""
    handle_hint: str = ""
    sid: str = ""
    id_token: str = ""
    vouched: Vouched = NOTHING


@dataclass(frozen=True, slots=True)
class NewcomerRow:
    """Somebody who is about to get an account. ``next`` is where they wanted to go."""

    proof: Proof
    next: str


async def find_identity(work: Work, issuer: str, subject: str) -> Identity | None:
    """The identity that a provider proved, held until the deed is done; None for a stranger's."""
    found: Identity | None = await work.session.scalar(
        select(Identity)
        .where(Identity.issuer == issuer, Identity.subject == subject)
        .with_for_update(read=True, key_share=True)
    )
    return found


async def find_vouching(work: Work, identity_id: int) -> Vouching | None:
    """What the last sign-in with an identity proved that may vouch, held until the deed is done."""
    found: Vouching | None = await work.session.get(Vouching, identity_id, with_for_update=True)
    return found


async def wanted_claims(work: Work, issuer: str | None = None) -> list[tuple[str, str]]:
    """The claims that are worth keeping, of all providers or of one, each with a value that it must have."""
    wanted = select(WantedClaim.claim, WantedClaim.value)
    if issuer is not None:
        wanted = wanted.where(WantedClaim.issuer == issuer.rstrip("/"))
    return [(claim, value) for claim, value in await work.session.execute(wanted)]


def identities_at(issuer: str, subject: str) -> Select[int]:
    """SELECT the ids of a provider's identities, of one ``subject`` there or, when that is empty, of all."""
    ids = select(Identity.id).where(Identity.issuer == issuer)
    return ids.where(Identity.subject == subject) if subject else ids


async def find_login_attempt(work: Work, *, state_hash: str, browser_hash: str, provider: str) -> LoginAttempt:
    """The sign-in that this browser began with this provider, kept from being used twice.

    Raises Refused with what is wrong: none, another browser's, another provider's, or too long ago.
    """
    attempt: LoginAttempt | None = await work.session.scalar(
        select(LoginAttempt).where(LoginAttempt.state_hash == state_hash).with_for_update()
    )
    if attempt is None:
        raise Refused("This sign-in was used already, or was never started here. Each one works only once.")
    if attempt.browser_hash != browser_hash:
        raise Refused("This sign-in was started in another browser, so it can't be finished in this one.")
    if attempt.provider != provider:
        raise Refused("This sign-in was started with another provider.")
    if not may_finish(attempt.started_at, work.now):
        raise Refused("This sign-in took longer than 15 minutes, so it is over.")
    return attempt


async def find_newcomer(work: Work, browser_hash: str, *, lock: bool = False) -> NewcomerRow | None:
    """Who proved themselves in this browser within the hour and has no account yet; None when nobody did."""
    wanted = select(Newcomer).where(Newcomer.browser_hash == browser_hash)
    newcomer: Newcomer | None = await work.session.scalar(wanted.with_for_update() if lock else wanted)
    if newcomer is None or not may_join(newcomer.proved_at, work.now):
        return None
    return NewcomerRow(Proof(**newcomer.proved, vouched=Vouched(**newcomer.vouched)), newcomer.next)


async def free_handle(work: Work, wished: str) -> str:
    """A handle like ``wished``, in the form of one, that nobody has at this moment."""
    base = text.slug(wished, empty="neighbour")[: HANDLE_LENGTH[1] - 4].strip("-")
    if len(base) < HANDLE_LENGTH[0]:
        base = f"neighbour-{base}"
    wishes = [base, *(f"{base}-{n}" for n in range(2, 40))]
    taken = set(await work.session.scalars(select(Person.handle).where(Person.handle.in_(wishes))))
    for wish in wishes:
        if wish not in taken and not is_reserved(wish):
            return wish
    return f"neighbour-{secrets.token_hex(4)}"


async def find_remembered_app(work: Work, server: str) -> RememberedApp | None:
    """The board's registration at this Mastodon server, an address as in https://mastodon.social."""
    return await work.session.get(RememberedApp, server)
