"""Tables of offers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Computed, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.buckets import index_by_words
from civicboard.kit.database import Base

#: What can have become of an offer, with the words people read.
STATES: dict[str, str] = {
    "waiting": "Waiting for an answer",
    "welcomed": "Welcomed",
    "declined": "Not this time",
    "withdrawn": "Withdrawn",
    "unanswered": "Nobody answered in time",
    "ended": "Ended",
}

#: What a problem can need, with the words people read.
NEED_KINDS: dict[str, str] = {
    "skill": "A skill",
    "thing": "A thing to borrow",
    "room": "A room",
    "introduction": "An introduction",
}
#: What can have become of a need.
NEED_STATES: dict[str, str] = {
    "open": "Open",
    "being_met": "Being met",
    "passed": "Its day has passed",
    "met": "Met",
    "not_needed": "No longer needed",
}
#: Where help can be given.
WHERES: dict[str, str] = {
    "either": "There or online",
    "there": "There",
    "online": "Online",
}


class Need(Base):
    """What a problem needs: a skill, a thing, a room, an introduction. ``hours`` in all; ``by`` is the last useful day:
    the clock notes when it has passed.

    ``ring`` says how far it has been asked around (``matching.policy``), since ``ring_since``.
    """

    __tablename__ = "needs"
    __table_args__ = (
        Index("ix_needs_problem_id", "problem_id", "id"),
        Index("ix_needs_by_id", "by_id"),
        Index("ix_needs_by", "by", postgresql_where=text("state = 'open'")),
        Index("ix_needs_open", "ring_since", postgresql_where=text("state = 'open'")),
        Index("ix_needs_tags", "tags", postgresql_using="gin"),
        index_by_words("ix_needs_words", "search"),
        UniqueConstraint("by_id", "form_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"))
    #: None for one that came with an import.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str]
    what: Mapped[str]
    added_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(default="", server_default="")
    #: Words of the vocabulary of skills, where it has them.
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    hours: Mapped[float | None] = mapped_column(default=None)
    by: Mapped[date | None] = mapped_column(default=None)
    where: Mapped[str] = mapped_column(default="either", server_default="either")
    state: Mapped[str] = mapped_column(default="open", server_default="open")
    settled_at: Mapped[datetime | None] = mapped_column(default=None)
    #: Offers to it that wait or are welcomed.
    offer_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    ring: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    ring_since: Mapped[datetime | None] = mapped_column(default=None)
    form_key: Mapped[str | None] = mapped_column(default=None)
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('civic', what), 'A') || setweight(to_tsvector('civic', civic_join(tags)), 'A')"
            " || setweight(to_tsvector('civic', words), 'B')",
            persisted=True,
        ),
        init=False,
    )


class Offer(Base):
    """What somebody would do for a problem. ``hours`` in all, None for "we will see"; ``until`` is its last day."""

    __tablename__ = "offers"
    __table_args__ = (
        Index("ix_offers_problem_id", "problem_id", "id"),
        Index("ix_offers_helper_id", "helper_id", "id"),
        Index("ix_offers_waiting", "made_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_offers_until", "until", postgresql_where=text("state IN ('waiting', 'welcomed')")),
        Index("ix_offers_introduced_by_id", "introduced_by_id", postgresql_where=text("introduced_by_id IS NOT NULL")),
        Index("ix_offers_ended_at", "ended_at", postgresql_where=text("state = 'ended'")),
        UniqueConstraint("helper_id", "form_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"))
    helper_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    what: Mapped[str]
    words: Mapped[str]
    hours: Mapped[float | None]
    until: Mapped[date | None]
    made_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting", server_default="waiting")
    answer: Mapped[str] = mapped_column(default="", server_default="")
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    form_key: Mapped[str | None] = mapped_column(default=None)
    #: The need that it answers; None for one to the problem as a whole.
    need_id: Mapped[int | None] = mapped_column(ForeignKey("needs.id", ondelete="SET NULL"), default=None, index=True)
    #: What it does not take in: "no ladders", "not before ten".
    limits: Mapped[str] = mapped_column(default="", server_default="")
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    hours_given: Mapped[float | None] = mapped_column(default=None)
    #: It ended because one of the two said that it is done, and not by its date.
    done: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    #: Who welcomed or declined it; None for who joined in unasked, and for what was answered by the poster long ago.
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), default=None)
    #: Who passed the question on to the helper; kept until the offer is welcomed, and among the people from then on.
    introduced_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), default=None)


class Contact(Base):
    """How one side of an offer can be reached, in their words, for the other side once the offer is welcomed.

    ``for_ids`` is for whom they said it: whom the form named. Nobody else sees it, whoever welcomes the offer.
    """

    __tablename__ = "contacts"

    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    words: Mapped[str]
    for_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default_factory=list, server_default=text("'{}'"))
