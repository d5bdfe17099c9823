"""Tables of organisations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.database import Base

#: What an organisation can be, with the words people read.
KINDS: dict[str, str] = {
    "council": "Council",
    "department": "Council department",
    "ward_office": "Ward office",
    "group": "Community group",
    "business": "Business",
    "university": "University",
    "newspaper": "Newspaper",
    "blog": "Blog",
}

#: What several of them are called.
MANY: dict[str, str] = {
    "council": "Councils",
    "department": "Council departments",
    "ward_office": "Ward offices",
    "group": "Community groups",
    "business": "Businesses",
    "university": "Universities",
    "newspaper": "Newspapers",
    "blog": "Blogs",
}

#: In what role somebody belongs to one, with the words of the badge.
ROLES: dict[str, str] = {
    "officer": "Officer",
    "councillor": "Councillor",
    "member": "Member",
    "academic": "Academic",
    "editor": "Editor",
}


class Organisation(Base):
    """A council, a department of one, a group, a business… ``slug`` is its address."""

    __tablename__ = "organisations"
    __table_args__ = (
        Index("ix_organisations_parent_id", "parent_id"),
        Index("ix_organisations_email_domains", "email_domains", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    added_at: Mapped[datetime]
    #: The one that it is a part of, as a department of its council.
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), default=None)
    about: Mapped[str] = mapped_column(default="", server_default="")
    website: Mapped[str] = mapped_column(default="", server_default="")
    #: Whoever proved an address at one of these, in lower case, may say that they belong to it.
    email_domains: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    #: So may whoever's provider says one of these: objects with ``issuer``, ``claim`` and ``value``.
    claims: Mapped[list[Any]] = mapped_column(JSONB, default_factory=list, server_default=text("'[]'"))


class Affiliation(Base):
    """That a person belongs to an organisation, from ``since`` until ``ended_at`` (None: still).

    ``confirmed_by`` is how it is known: ``domain``, ``claim`` or ``steward``. A steward may confirm others.
    """

    __tablename__ = "affiliations"
    __table_args__ = (
        Index(
            "uq_affiliations_standing",
            "organisation_id",
            "person_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_affiliations_person_id", "person_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    role: Mapped[str]
    since: Mapped[datetime]
    confirmed_by: Mapped[str]
    #: What they do there, in their own words: "drainage engineer".
    title: Mapped[str] = mapped_column(default="", server_default="")
    #: The steward who confirmed it, where one did.
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), default=None)
    #: The ward that a councillor was elected in.
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"), default=None)
    is_steward: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    #: What the badge says, in parts (``queries.badges``), so that a page with many names joins nothing.
    badge: Mapped[str] = mapped_column(default="", server_default="")
    #: ``left``, ``lapsed`` (the proof is gone) or ``steward``, who ended it: then a proof alone confirms nothing again.
    ended_how: Mapped[str] = mapped_column(default="", server_default="")


class AffiliationRequest(Base):
    """That somebody asks to be confirmed as belonging to an organisation, and what a steward answered."""

    __tablename__ = "affiliation_requests"
    __table_args__ = (
        Index(
            "uq_affiliation_requests_open",
            "organisation_id",
            "person_id",
            unique=True,
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index("ix_affiliation_requests_person_id", "person_id", text("id DESC")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    role: Mapped[str]
    asked_at: Mapped[datetime]
    title: Mapped[str] = mapped_column(default="", server_default="")
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"), default=None)
    #: Why a steward should know them.
    words: Mapped[str] = mapped_column(default="", server_default="")
    #: ``confirmed``, ``declined``; empty while nobody has answered.
    answer: Mapped[str] = mapped_column(default="", server_default="")
    answer_words: Mapped[str] = mapped_column(default="", server_default="")
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), default=None)
