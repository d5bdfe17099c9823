"""The browsers that people are signed in with."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, update
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Refused, Work, require
from civicboard.people import policy, queries
from civicboard.people.events import SessionEnded
from civicboard.people.models import Session, UsedLogoutToken
from civicboard.people.queries import Proof

LONGEST_USER_AGENT = 300


async def start_session(
    work: Work, person_id: int, identity_id: int, proof: Proof, token_hash: str, user_agent: str
) -> None:
    """Begin a session, and end the one that this browser had: the token changes at each sign-in."""
    await end_this_session(work)
    work.session.add(
        Session(
            person_id=person_id,
            identity_id=identity_id,
            token_hash=token_hash,
            started_at=work.now,
            seen_at=work.now,
            ends_at=work.now + policy.SESSION_LASTS,
            provider_sid=proof.sid,
            id_token=proof.id_token,
            user_agent="".join(c for c in user_agent if c.isprintable())[:LONGEST_USER_AGENT],
        )
    )


async def touch_session(work: Work, session_id: int, *, every: timedelta) -> bool:
    """Note that a session is in use, unless it was noted less than ``every`` ago. Says whether it wrote."""
    touched = await work.session.execute(
        update(Session)
        .where(Session.id == session_id, Session.seen_at < work.now - every)
        .values(seen_at=work.now)
        .returning(Session.id)
    )
    return touched.first() is not None


async def end_this_session(work: Work) -> None:
    """Sign the viewer out of this browser; nothing happens when they are signed out."""
    if work.viewer.session_id is not None:
        await end_where(work, Session.id == work.viewer.session_id)


async def end_session(work: Work, session_id: int) -> None:
    """Sign the viewer out of one browser. Twice is no mistake. Raises Missing for another person's."""
    require(policy.may_end_sessions(work.viewer), "Sign in first.")
    await end_where(work, Session.id == await queries.find_session(work, session_id))


async def end_other_sessions(work: Work) -> int:
    """Sign the viewer out of every browser but this one. Returns of how many."""
    require(policy.may_end_sessions(work.viewer), "Sign in first.")
    return await end_where(work, Session.person_id == work.viewer.id, Session.id != work.viewer.session_id)


async def end_provider_sessions(work: Work, *, issuer: str, subject: str, sid: str, jti: str) -> int:
    """Sign out whom a provider signed out: those of its session ``sid``, or without one all of ``subject``'s.

    Returns how many sessions ended. Raises Refused when this very notice came before.
    """
    news = await work.session.scalar(
        insert(UsedLogoutToken)
        .values(issuer=issuer, jti=jti, used_at=work.now)
        .on_conflict_do_nothing()
        .returning(UsedLogoutToken.jti)
    )
    if news is None:
        raise Refused("This logout token was used already.")
    which: list[ColumnElement[bool]] = [Session.identity_id.in_(queries.identities_at(issuer, subject))]
    if sid:
        which.append(Session.provider_sid == sid)
    elif not subject:
        raise Refused("This logout token names nobody.")
    return await end_where(work, *which)


async def end_where(work: Work, *which: ColumnElement[bool]) -> int:
    """End the sessions that all of these conditions fit, and record it. Returns how many."""
    ended = await work.session.scalars(
        update(Session)
        .where(*which, Session.ended_at.is_(None))
        .values(ended_at=work.now, id_token="")
        .returning(Session.id)
        .execution_options(synchronize_session=False)
    )
    ids = list(ended)
    for session_id in ids:
        work.record(SessionEnded(session_id))
    return len(ids)
