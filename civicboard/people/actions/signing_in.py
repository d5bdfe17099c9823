"""Signing in through a provider: the attempt, and what was proved by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Conflict, Unfit, Work, require
from civicboard.people import policy, queries
from civicboard.people.actions.identities import put_identity
from civicboard.people.actions.sessions import start_session
from civicboard.people.actions.vouching import keep_vouching, sift
from civicboard.people.models import LoginAttempt, Newcomer, Person, RememberedApp
from civicboard.people.queries import NewcomerRow, Proof


async def begin_login(
    work: Work,
    *,
    state_hash: str,
    browser_hash: str,
    provider: str,
    nonce: str,
    verifier: str,
    provider_data: Mapping[str, Any],
    next_path: str,
    link: bool = False,
) -> None:
    """Keep what finishing this sign-in will need. ``link`` adds the identity to the viewer's account."""
    require(work.viewer.signed_in or not link, "Sign in first to add another way.")
    work.session.add(
        LoginAttempt(
            state_hash=state_hash,
            browser_hash=browser_hash,
            provider=provider,
            nonce=nonce,
            verifier=verifier,
            provider_data=dict(provider_data),
            next=next_path,
            started_at=work.now,
            link_person_id=work.viewer.id if link else None,
        )
    )


async def use_login_attempt(work: Work, *, state_hash: str, browser_hash: str, provider: str) -> LoginAttempt:
    """Take the sign-in out of the table, so that it works once, whatever comes of it. Raises Refused."""
    attempt = await queries.find_login_attempt(
        work, state_hash=state_hash, browser_hash=browser_hash, provider=provider
    )
    await work.session.delete(attempt)
    return attempt


async def remember_app(work: Work, *, server: str, client_id: str, client_secret: str) -> None:
    """Keep the board's registration at a Mastodon server, in the place of an older one."""
    values = {"client_id": client_id, "client_secret": client_secret, "registered_at": work.now}
    await work.session.execute(
        insert(RememberedApp)
        .values(server=server, **values)
        .on_conflict_do_update(index_elements=[RememberedApp.server], set_=values)
    )


async def sign_in(work: Work, proof: Proof, *, token_hash: str, user_agent: str) -> bool:
    """Sign this browser in as the person whose identity was proved; False when nobody here has it."""
    identity = await queries.find_identity(work, proof.issuer, proof.subject)
    if identity is None:
        return False
    await start_session(work, identity.person_id, identity.id, proof, token_hash, user_agent)
    await keep_vouching(work, identity.person_id, identity.id, proof)
    return True


async def keep_newcomer(work: Work, proof: Proof, *, browser_hash: str, next_path: str) -> None:
    """Keep what was proved while the newcomer says what to call them."""
    # What vouches stands by itself: an older process reads the rest.
    proved = asdict(await sift(work, proof))
    vouched = proved.pop("vouched")
    values = {
        "provider": proof.provider,
        "proved": proved,
        "vouched": vouched,
        "next": next_path,
        "proved_at": work.now,
    }
    await work.session.execute(
        insert(Newcomer)
        .values(browser_hash=browser_hash, **values)
        .on_conflict_do_update(index_elements=[Newcomer.browser_hash], set_=values)
    )


async def join(
    work: Work,
    newcomer: NewcomerRow,
    *,
    browser_hash: str,
    name: str,
    handle: str,
    place_id: int | None,
    token_hash: str,
    user_agent: str,
) -> int:
    """Make the newcomer's account and sign this browser in to it. Returns the person's id.

    Raises Unfit for a handle that can't be had, Conflict when the identity has got an account meanwhile.
    """
    if policy.is_reserved(handle):
        raise Unfit("handle", "This handle is kept for the board itself. Please choose another one.")
    person_id: int | None = await work.session.scalar(
        insert(Person)
        .values(handle=handle, name=name, place_id=place_id, joined_at=work.now)
        .on_conflict_do_nothing(index_elements=[Person.handle])
        .returning(Person.id)
    )
    if person_id is None:
        free = await queries.free_handle(work, handle)
        raise Unfit("handle", f"Somebody has this handle already. You could take {free}.")
    identity_id = await put_identity(work, person_id, newcomer.proof)
    if identity_id is None:
        raise Conflict("You have an account here already. Sign in once more to use it.")
    await work.session.execute(delete(Newcomer).where(Newcomer.browser_hash == browser_hash))
    await start_session(work, person_id, identity_id, newcomer.proof, token_hash, user_agent)
    await keep_vouching(work, person_id, identity_id, newcomer.proof)
    return person_id
