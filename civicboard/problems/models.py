"""Tables of problems."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.buckets import index_by_words
from civicboard.kit.database import Base

#: The stages a problem passes through, with the words people read. Only ``open`` and ``sorted`` mean something to code.
STAGES: dict[str, str] = {
    "open": "Open",
    "exploring": "Exploring",
    "trying": "Trying something",
    "sorted": "Sorted",
    "stuck": "Stuck",
    "passed_on": "Passed on",
}


class Problem(Base):
    """A local problem. Its id is its public number.

    ``moved_at`` is when anything last happened to it; ``version`` grows with everything a card or the page's head
    shows, so that what was rendered for a version can be kept. The counts are kept in the transaction of each deed.
    """

    __tablename__ = "problems"
    __table_args__ = (
        Index("ix_problems_moved", text("moved_at DESC"), text("id DESC")),
        Index("ix_problems_posted", text("posted_at DESC"), text("id DESC")),
        Index("ix_problems_affected", text("affected_count DESC"), text("id DESC")),
        Index("ix_problems_place_moved", "place_id", text("moved_at DESC"), text("id DESC")),
        Index("ix_problems_stage_moved", "stage", text("moved_at DESC"), text("id DESC")),
        Index(
            "ix_problems_needs_moved",
            text("moved_at DESC"),
            text("id DESC"),
            postgresql_where=text("help_wanted <> '' AND stage <> 'sorted'"),
        ),
        Index(
            "ix_problems_wanting_moved",
            text("moved_at DESC"),
            text("id DESC"),
            postgresql_where=text("(help_wanted <> '' OR need_count > 0) AND stage <> 'sorted'"),
        ),
        Index("ix_problems_need_kinds", "need_kinds", postgresql_using="gin"),
        Index("ix_problems_poster_id", "poster_id"),
        Index("ix_problems_tags", "tags", postgresql_using="gin"),
        index_by_words("ix_problems_words", "search"),
        Index(
            "ix_problems_similar",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
        UniqueConstraint("poster_id", "form_key"),
        UniqueConstraint("source", "source_id"),
        CheckConstraint("affected_count >= 0 AND post_count >= 0 AND offer_count >= 0", name="counts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    title: Mapped[str]
    slug: Mapped[str]
    story: Mapped[str]
    posted_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    #: None for a problem that came in with an import.
    poster_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"), default=None)
    #: Where in that place, in the poster's words.
    whereabouts: Mapped[str] = mapped_column(default="", server_default="")
    latitude: Mapped[float | None] = mapped_column(default=None)
    longitude: Mapped[float | None] = mapped_column(default=None)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    help_wanted: Mapped[str] = mapped_column(default="", server_default="")
    #: Pictures come with a later version; each will be an object with its file and its alternative text.
    photos: Mapped[list[Any]] = mapped_column(JSONB, default_factory=list, server_default=text("'[]'"))
    stage: Mapped[str] = mapped_column(default="open", server_default="open")
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    revision_count: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    affected_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    follower_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    post_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    #: Offers that wait or are welcomed.
    offer_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    #: People in the network besides the poster.
    member_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    #: Who looks after it for a while, as ``networks`` keeps it; nobody for most.
    convenor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), default=None)
    #: Needs that are open (nobody is on them yet), what kinds they are of, and the first few of them in words.
    need_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    need_kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    need_words: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    source: Mapped[str | None] = mapped_column(default=None)
    source_id: Mapped[str | None] = mapped_column(default=None)
    #: Names one sending of the form, so that sending it twice posts it once.
    form_key: Mapped[str | None] = mapped_column(default=None)
    search_text: Mapped[str] = mapped_column(
        Text,
        Computed("civic_fold(title || ' ' || whereabouts || ' ' || civic_join(tags))", persisted=True),
        init=False,
    )
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('civic', title), 'A') || setweight(to_tsvector('civic', civic_join(tags)), 'A')"
            " || setweight(to_tsvector('civic', help_wanted), 'B')"
            " || setweight(to_tsvector('civic', whereabouts || ' ' || story), 'C')",
            persisted=True,
        ),
        init=False,
    )


class Revision(Base):
    """What a problem said at one time. The first is what was posted; ``number`` counts from 1."""

    __tablename__ = "problem_revisions"

    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    made_at: Mapped[datetime]
    title: Mapped[str]
    story: Mapped[str]
    whereabouts: Mapped[str]
    help_wanted: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    why: Mapped[str] = mapped_column(default="", server_default="")


class Affected(Base):
    """That a problem affects a person too."""

    __tablename__ = "affected"

    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    said_at: Mapped[datetime]


class Follow(Base):
    """That a person wants to hear when a problem moves."""

    __tablename__ = "follows"

    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    since: Mapped[datetime]
