"""Tables of networks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.database import Base


class Member(Base):
    """A person's part in one problem: a ``helper`` was welcomed and brings something, a ``talker`` has written."""

    __tablename__ = "members"

    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    part: Mapped[str]
    joined_at: Mapped[datetime]
    brings: Mapped[str] = mapped_column(default="", server_default="")
    #: Who passed the question on to them ("not me, try…").
    introduced_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), default=None)
    #: When they stepped out; None for who is still in it.
    left_at: Mapped[datetime | None] = mapped_column(default=None)


class Network(Base):
    """What the people round one problem have agreed about themselves. Without a row they have agreed nothing yet."""

    __tablename__ = "networks"

    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"), primary_key=True)
    #: What they call themselves; empty for the problem's own title.
    name: Mapped[str] = mapped_column(default="", server_default="")
    about: Mapped[str] = mapped_column(default="", server_default="")
    #: They stay together after the problem ends, and can be found and invited for another.
    stays: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), default=None)
    changed_at: Mapped[datetime | None] = mapped_column(default=None)


class MembersPost(Base):
    """What one member wrote to the others. Only who is in the network reads it."""

    __tablename__ = "members_posts"
    __table_args__ = (
        Index("ix_members_posts_problem_id", "problem_id", "id"),
        Index("ix_members_posts_author_id", "author_id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    words: Mapped[str]
    posted_at: Mapped[datetime]
    form_key: Mapped[str | None] = mapped_column(default=None)
