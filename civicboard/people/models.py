"""Tables of people: who they are, how they prove it, and where they are signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.database import Base


class Person(Base):
    """Somebody with an account. ``handle`` is lower case and unique; ``name`` is what people call them."""

    __tablename__ = "people"
    __table_args__ = (Index("ix_people_place_id", "place_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    handle: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    joined_at: Mapped[datetime]
    place_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"), default=None)
    about: Mapped[str] = mapped_column(default="", server_default="")
    #: Whether others see by name that this person reads a problem they are involved in.
    shows_presence: Mapped[bool] = mapped_column(default=True, server_default=text("true"))


class Identity(Base):
    """One account elsewhere that proves a person: the pair (issuer, subject), never an e-mail address."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), Index("ix_identities_person_id", "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    provider: Mapped[str]
    issuer: Mapped[str]
    subject: Mapped[str]
    #: How the person recognises it in a list, as the provider told it; it proves nothing.
    label: Mapped[str]
    added_at: Mapped[datetime]


class Vouching(Base):
    """What a sign-in proved that may vouch for a person's belonging somewhere: an e-mail domain, or claims.

    No address is kept. It is renewed at each sign-in: what the provider no longer says is no longer here.
    """

    __tablename__ = "vouchings"
    __table_args__ = (Index("ix_vouchings_seen_at", "seen_at"),)

    identity_id: Mapped[int] = mapped_column(ForeignKey("identities.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    seen_at: Mapped[datetime]
    #: Of a verified address, in lower case; empty for none.
    email_domain: Mapped[str] = mapped_column(default="", server_default="")
    #: Those claims that are wanted, each with those of its values that are.
    claims: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, server_default=text("'{}'"))


class WantedClaim(Base):
    """A claim of a provider that is worth keeping when a sign-in has this value of it; all others are thrown away."""

    __tablename__ = "wanted_claims"

    #: Without a slash at its end.
    issuer: Mapped[str] = mapped_column(primary_key=True)
    claim: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class Session(Base):
    """One browser signed in as one person. The cookie's token is kept only as a hash; an ended row stays a while."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_person_id", "person_id"),
        Index("ix_sessions_identity_id", "identity_id"),
        Index("ix_sessions_ends_at", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identities.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    #: The provider's own session id, which a back-channel logout names.
    provider_sid: Mapped[str] = mapped_column(default="", server_default="")
    #: Handed back to the provider at sign-out, as its proof of which session is meant.
    id_token: Mapped[str] = mapped_column(default="", server_default="")
    #: Emptied after 30 days.
    user_agent: Mapped[str] = mapped_column(default="", server_default="")


class LoginAttempt(Base):
    """A sign-in under way: single use, bound to the browser that began it, one row for each tab."""

    __tablename__ = "login_attempts"
    __table_args__ = (Index("ix_login_attempts_started_at", "started_at"),)

    state_hash: Mapped[str] = mapped_column(primary_key=True)
    browser_hash: Mapped[str]
    provider: Mapped[str]
    nonce: Mapped[str]
    verifier: Mapped[str]
    provider_data: Mapped[dict[str, Any]]
    next: Mapped[str]
    started_at: Mapped[datetime]
    #: The person who, signed in already, adds this identity to their account.
    link_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), default=None)


class Newcomer(Base):
    """Somebody who has proved who they are and has not yet said what to call them."""

    __tablename__ = "newcomers"
    __table_args__ = (Index("ix_newcomers_proved_at", "proved_at"),)

    browser_hash: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    proved: Mapped[dict[str, Any]]
    next: Mapped[str]
    proved_at: Mapped[datetime]
    #: What may vouch for them, as in ``Vouching``.
    vouched: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, server_default=text("'{}'"))


class RememberedApp(Base):
    """The board's registration at one Mastodon server."""

    __tablename__ = "remembered_apps"

    server: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    client_secret: Mapped[str]
    registered_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)


class UsedLogoutToken(Base):
    """A back-channel logout token that was acted on, so that it can't be played again."""

    __tablename__ = "used_logout_tokens"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    jti: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime]


class Draft(Base):
    """What somebody was writing, by form (``name``), kept for their browser until they send it or 90 days pass."""

    __tablename__ = "drafts"
    __table_args__ = (Index("ix_drafts_saved_at", "saved_at"),)

    browser_hash: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class Block(Base):
    """That a person wants nothing to do with another: neither is ever shown to the other as somebody who could help."""

    __tablename__ = "blocks"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    blocked_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    since: Mapped[datetime]
