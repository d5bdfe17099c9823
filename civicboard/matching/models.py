"""Tables of matching."""

from __future__ import annotations

from datetime import datetime

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import ForeignKey, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.buckets import index_by_words
from civicboard.kit.database import Base
from civicboard.people.models import Person
from civicboard.progress.models import StageChange
from civicboard.skills.models import Ability

#: The length of every vector.
DIMENSIONS = 384
#: What has a meaning: each kind with its own index, so that a search among few is not lost among many.
KINDS = ("problem", "need", "person", "post", "outcome")

#: What can have become of an ask, with the words people read.
ASK_STATES: dict[str, str] = {
    "waiting": "Will be asked",
    "asked": "Asked",
    "yes": "Yes",
    "not_now": "Not now",
    "not_me": "Not me",
    "lapsed": "No answer",
    "called_off": "Called off",
}


class Meaning(Base):
    """What a text means to one model, as a unit vector. ``made_of`` is a hash of the text, so that it is made once."""

    __tablename__ = "meanings"
    __table_args__ = tuple(
        Index(
            f"ix_meanings_{kind}",
            "vector",
            postgresql_using="hnsw",
            postgresql_ops={"vector": "halfvec_cosine_ops"},
            postgresql_where=text(f"kind = '{kind}'"),
        )
        for kind in KINDS
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str]
    made_of: Mapped[str]
    made_at: Mapped[datetime]
    vector: Mapped[list[float]] = mapped_column(HALFVEC(DIMENSIONS))


_SPACE = text("' '")
_CIVIC = text("'civic'::regconfig")
#: What people can do, lend and speak, what they are called, and how problems ended, as text to be searched. A search
#: writes them as the indexes do.
_ABILITY, _PERSON, _CHANGE = Ability.__table__.c, Person.__table__.c, StageChange.__table__.c
ABILITY_SEARCH = func.to_tsvector(
    _CIVIC,
    func.civic_join(_ABILITY.tags)
    .op("||")(_SPACE)
    .op("||")(_ABILITY.words)
    .op("||")(_SPACE)
    .op("||")(_ABILITY.lends)
    .op("||")(_SPACE)
    .op("||")(func.civic_join(_ABILITY.things))
    .op("||")(_SPACE)
    .op("||")(func.civic_join(_ABILITY.rooms))
    .op("||")(_SPACE)
    .op("||")(func.civic_join(_ABILITY.languages)),
)
NAME_SEARCH = func.to_tsvector(_CIVIC, _PERSON.name.op("||")(_SPACE).op("||")(_PERSON.handle))
OUTCOME_SEARCH = func.to_tsvector(_CIVIC, _CHANGE.why)
#: The stages whose reason says how it ended: what worked, what it is stuck on, who took it.
OUTCOME_STAGES = ("sorted", "stuck", "passed_on")
Index("ix_abilities_said", ABILITY_SEARCH, postgresql_using="gin")
Index("ix_people_search", NAME_SEARCH, postgresql_using="gin")
index_by_words("ix_stage_changes_words", OUTCOME_SEARCH)


class Ask(Base):
    """One person asked to help with one need: why them, by whom, and what they said.

    It waits until ``due_at`` while the person has their quiet hours, or has been asked often enough this week. Nobody
    is asked twice for a need, but after one that was called off: ``asked_at`` then still counts for their week.
    """

    __tablename__ = "asks"
    __table_args__ = (
        Index("ix_asks_once", "need_id", "person_id", unique=True, postgresql_where=text("state <> 'called_off'")),
        Index("ix_asks_need_id", "need_id"),
        Index("ix_asks_person_id", "person_id", "asked_at"),
        Index("ix_asks_due_at", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_asks_asked_at", "asked_at", postgresql_where=text("state = 'asked'")),
        Index("ix_asks_passed_on_from_id", "passed_on_from_id", postgresql_where=text("passed_on_from_id IS NOT NULL")),
        Index("ix_asks_offer_id", "offer_id", postgresql_where=text("offer_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    #: None where the board asked by itself, for the people of the problem.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    ring: Mapped[int]
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    #: The reasons, each as one sentence that the person reads.
    why: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    words: Mapped[str] = mapped_column(default="", server_default="")
    #: How who asks can be reached, for the one who says yes. Emptied once it is answered, or is no more.
    contact: Mapped[str] = mapped_column(default="", server_default="")
    #: Whether who asks chose them by name. If not, nobody knows that it is them until they say yes.
    named: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    state: Mapped[str] = mapped_column(default="waiting", server_default="waiting")
    asked_at: Mapped[datetime | None] = mapped_column(default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    #: The one that was passed on to this person ("not me, try…").
    passed_on_from_id: Mapped[int | None] = mapped_column(ForeignKey("asks.id", ondelete="SET NULL"), default=None)
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offers.id", ondelete="SET NULL"), default=None)


class Round(Base):
    """How the board itself asks around for one need. Without a row it has not begun, and will.

    ``ring`` is the one it asked in last, at ``looked_at``; ``is_on`` is the choice of the need's owner.
    """

    __tablename__ = "rounds"

    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), primary_key=True)
    is_on: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    ring: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    looked_at: Mapped[datetime | None] = mapped_column(default=None)


class Waved(Base):
    """That a person wants to see less like this problem on their own page."""

    __tablename__ = "waved_away"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"), primary_key=True, index=True)
    since: Mapped[datetime]
