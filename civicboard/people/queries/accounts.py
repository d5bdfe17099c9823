"""An account: its person, their sessions, the accounts elsewhere that lead to it, and drafts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Select, Text, bindparam, cast, select

from civicboard.kit.reads import Statement
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Missing, Work
from civicboard.people.models import Draft, Identity, Person, Session
from civicboard.people.policy import is_new
from civicboard.places.models import Place


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person says of themselves. ``place`` is the slug of one, or empty."""

    handle: str
    name: str
    about: str
    place: str
    shows_presence: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One browser that is signed in. ``user_agent`` is empty after 30 days."""

    id: int
    started_at: datetime
    seen_at: datetime
    user_agent: str


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """One account elsewhere that a person can sign in with. ``provider`` is a key that may be gone."""

    id: int
    provider: str
    label: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class SignedInBy:
    """Through which provider this browser is signed in; ``id_token`` is empty where none was kept."""

    provider: str
    id_token: str


def viewer_rows() -> Select[*tuple[Any, ...]]:
    """SELECT whose session has this ``token_hash`` at ``now``; read it with ``viewer_of``."""
    return (
        select(Person.id, Person.handle, Person.name, Person.joined_at, Session.id.label("session_id"))
        .join(Session, Session.person_id == Person.id)
        .where(
            Session.token_hash == bindparam("token_hash", type_=Text),
            Session.ended_at.is_(None),
            Session.ends_at > bindparam("now", type_=DateTime(timezone=True)),
        )
    )


def viewer_of(row: Sequence[Any], now: datetime) -> Viewer:
    person_id, handle, name, joined_at, session_id = row
    return Viewer(person_id, handle, name, session_id, is_new(joined_at, now))


_VIEWER = Statement(viewer_rows())


async def find_viewer(work: Work, token_hash: str) -> Viewer | None:
    """Whose session cookie this is; None when it is nobody's, or the session ended. One statement."""
    found = await work.fetch(_VIEWER, token_hash=token_hash, now=work.now)
    return viewer_of(found[0], work.now) if found else None


async def find_profile(work: Work) -> Profile:
    """The viewer's own profile. Raises Missing when signed out."""
    found = (
        await work.session.execute(
            select(Person.handle, Person.name, Person.about, Place.slug, Person.shows_presence)
            .outerjoin(Place, Place.id == Person.place_id)
            .where(Person.id == work.viewer.id)
        )
    ).first()
    if found is None:
        raise Missing
    handle, name, about, place, shows_presence = found
    return Profile(handle, name, about, place or "", shows_presence)


async def own_sessions(work: Work) -> list[SessionRow]:
    """The browsers where the viewer is signed in, the one last seen first."""
    found = await work.session.execute(
        select(Session.id, Session.started_at, Session.seen_at, Session.user_agent)
        .where(
            Session.person_id == work.viewer.id,
            Session.ended_at.is_(None),
            Session.ends_at > work.now,
        )
        .order_by(Session.seen_at.desc(), Session.id.desc())
        .limit(100)
    )
    return [SessionRow(*row) for row in found]


async def own_identities(work: Work, *, lock: bool = False) -> list[IdentityRow]:
    """The accounts elsewhere that the viewer can sign in with, oldest first.

    ``lock`` holds them until the deed is done, so that two removals at once can't leave none.
    """
    wanted = (
        select(Identity.id, Identity.provider, Identity.label, Identity.added_at)
        .where(Identity.person_id == work.viewer.id)
        .order_by(Identity.id)
    )
    found = await work.session.execute(wanted.with_for_update() if lock else wanted)
    return [IdentityRow(*row) for row in found]


async def find_session(work: Work, session_id: int) -> int:
    """The id of one of the viewer's own sessions, ended or not. Raises Missing."""
    found = await work.session.scalar(
        select(Session.id).where(Session.id == session_id, Session.person_id == work.viewer.id)
    )
    if found is None:
        raise Missing
    return found


async def find_signed_in_by(work: Work) -> SignedInBy | None:
    """How the viewer's present session came about; None when it ended."""
    found = (
        await work.session.execute(
            select(Identity.provider, Session.id_token)
            .join(Session, Session.identity_id == Identity.id)
            .where(Session.id == work.viewer.session_id, Session.ended_at.is_(None))
        )
    ).first()
    return SignedInBy(*found) if found else None


def newest_drafts(browser_hash: str, *, most: int) -> Select[str]:
    """SELECT the names of the drafts of a browser that were saved last."""
    return select(Draft.name).where(Draft.browser_hash == browser_hash).order_by(Draft.saved_at.desc()).limit(most)


_DRAFT = Statement(
    select(cast(Draft.content, Text)).where(
        Draft.browser_hash == bindparam("browser_hash", type_=Text), Draft.name == bindparam("name", type_=Text)
    )
)


async def find_draft(work: Work, browser_hash: str | None, name: str) -> dict[str, str] | None:
    """What was being written in this browser's form ``name``, by field; None when nothing is kept.

    A browser that brought no cookie (None) has nothing kept.
    """
    if browser_hash is None:
        return None
    found = await work.fetch(_DRAFT, browser_hash=browser_hash, name=name)
    content: dict[str, str] | None = json.loads(found[0][0]) if found else None
    return content
