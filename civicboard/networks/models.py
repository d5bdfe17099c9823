"""Tables of networks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Computed, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.database import Base


class Member(Base):
    """A person's part in one problem: a ``helper`` was welcomed and brings something, a ``talker`` has written.

    Whoever has given what they brought stays a helper: ``brings`` is what stands, ``brought`` what is past.

    Its poster is in it without a row, and has one only for the capacities in which they have spoken.
    """

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
    #: In which capacities they have spoken on it.
    capacities: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    brought: Mapped[str] = mapped_column(default="", server_default="")


class Network(Base):
    """What the people round one problem have agreed about themselves. Without a row they have agreed nothing yet."""

    __tablename__ = "networks"
    __table_args__ = (
        Index("ix_networks_staying", "changed_at", "problem_id", postgresql_where=text("stays")),
        Index("ix_networks_search", "search", postgresql_using="gin", postgresql_where=text("stays")),
    )

    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"), primary_key=True)
    #: What they call themselves; empty for the problem's own title.
    name: Mapped[str] = mapped_column(default="", server_default="")
    about: Mapped[str] = mapped_column(default="", server_default="")
    #: They stay together after the problem ends, and can be found and invited for another.
    stays: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), default=None)
    changed_at: Mapped[datetime | None] = mapped_column(default=None)
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed("setweight(to_tsvector('civic', name), 'A') || to_tsvector('civic', about)", persisted=True),
        init=False,
    )


class MembersPost(Base):
    """What one member wrote to the others. Only its poster and helpers read it.

    With ``invites_to_id`` it is the poster of that other problem who wrote it, to ask the members along.
    """

    __tablename__ = "members_posts"
    __table_args__ = (
        Index("ix_members_posts_problem_id", "problem_id", "id"),
        Index("ix_members_posts_author_id", "author_id"),
        Index("ix_members_posts_invites_to_id", "invites_to_id"),
        UniqueConstraint("author_id", "form_key"),
        # A network is invited once to a problem.
        UniqueConstraint("problem_id", "invites_to_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    words: Mapped[str]
    posted_at: Mapped[datetime]
    form_key: Mapped[str | None] = mapped_column(default=None)
    edited_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    invites_to_id: Mapped[int | None] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"), default=None)


class Convening(Base):
    """That somebody looks after a problem: asked for, begun, and ended in one way or another.

    Without ``began_at`` and ``ended_at`` it waits for a yes: of the person, if ``named_by_id`` is set and ``agreed_at``
    is not; else of who posted the problem. ``problems.convenor_id`` says whose convening runs.
    """

    __tablename__ = "convenings"
    __table_args__ = (
        Index(
            "ix_convenings_running",
            "problem_id",
            unique=True,
            postgresql_where=text("began_at IS NOT NULL AND ended_at IS NULL"),
        ),
        Index(
            "ix_convenings_asking",
            "problem_id",
            "person_id",
            "named_by_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("began_at IS NULL AND ended_at IS NULL"),
        ),
        Index("ix_convenings_problem_id", "problem_id", "id"),
        Index("ix_convenings_person_id", "person_id"),
        Index("ix_convenings_ends_at", "ends_at", postgresql_where=text("ended_at IS NULL")),
        Index("ix_convenings_asked_at", "asked_at", postgresql_where=text("began_at IS NULL AND ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    #: Since when it has waited for the yes that it waits for.
    asked_at: Mapped[datetime]
    #: Who asked them to; None for who came forward.
    named_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), default=None)
    #: When the one who was named said yes.
    agreed_at: Mapped[datetime | None] = mapped_column(default=None)
    began_at: Mapped[datetime | None] = mapped_column(default=None)
    ends_at: Mapped[datetime | None] = mapped_column(default=None)
    #: When they were told that it ends soon.
    reminded_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    #: How it ended: put_down, handed_on, lapsed, left; or without a yes: declined, unanswered, withdrawn, overtaken.
    how: Mapped[str] = mapped_column(default="", server_default="")
    #: Whether it is put to nobody: others had asked them less than a week before.
    is_quiet: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
