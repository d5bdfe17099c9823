"""Tables of the conversation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.buckets import index_by_words
from civicboard.kit.database import Base

#: In which capacity somebody speaks, with the words people read. Official answers need a confirmed affiliation.
CAPACITIES: dict[str, str] = {"neighbour": "as a neighbour", "professional": "sharing professional knowledge"}


class Post(Base):
    """Something said on a problem: a ``reply``, or an ``update`` on how it goes."""

    __tablename__ = "posts"
    __table_args__ = (
        Index("ix_posts_problem_id", "problem_id", "id"),
        Index("ix_posts_author_id", "author_id", "id"),
        Index("ix_posts_posted_at", "posted_at"),
        Index("ix_posts_quotes_id", "quotes_id"),
        index_by_words("ix_posts_words", "search"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str]
    capacity: Mapped[str]
    words: Mapped[str]
    posted_at: Mapped[datetime]
    edited_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    quotes_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"), default=None)
    form_key: Mapped[str | None] = mapped_column(default=None)
    search: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('civic', words)", persisted=True), init=False)


class PostRevision(Base):
    """What a post said before it was edited; ``number`` counts from 1, the newest words stand in the post."""

    __tablename__ = "post_revisions"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str]
    written_at: Mapped[datetime]
