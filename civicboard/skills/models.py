"""Tables of skills."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.database import Base
from civicboard.kit.in_words import DAY_NAMES

#: How well somebody can do a thing, with the words people choose from and read.
LEVELS: dict[str, str] = {
    "learning": "I am learning it",
    "explain": "I can explain it",
    "do": "I can do it",
    "living": "I do it for a living",
}
#: Who sees what somebody says of themselves here, with the words people choose from.
VISIBILITIES: dict[str, str] = {
    "public": "Everybody",
    "signed_in": "People who are signed in",
    "matching": "Nobody: use it only to find problems for me",
}
DAYS = tuple(DAY_NAMES)
#: What becomes of the vocabulary, with the words people read.
CHANGES: dict[str, str] = {
    "word_added": "added the word",
    "synonym_added": "added another word for it",
    "synonym_removed": "took another word for it out",
}


class Skill(Base):
    """One word of the vocabulary: the ``tag`` that stands for all its ``synonyms``, each in lower case."""

    __tablename__ = "skills"
    __table_args__ = (Index("ix_skills_synonyms", "synonyms", postgresql_using="gin"),)

    tag: Mapped[str] = mapped_column(primary_key=True)
    synonyms: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    #: In a line, what it takes in.
    about: Mapped[str] = mapped_column(default="", server_default="")
    #: None for what came with the board.
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), default=None)
    changed_at: Mapped[datetime | None] = mapped_column(default=None)


class SkillChange(Base):
    """What somebody did to the vocabulary: ``kind`` is one of CHANGES, ``word`` the tag or the synonym it was about."""

    __tablename__ = "skill_changes"
    __table_args__ = (Index("ix_skill_changes_by_id", "by_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    tag: Mapped[str]
    kind: Mapped[str]
    word: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), default=None)


class Ability(Base):
    """What one person can do and lend, when, where, and who may know it.

    ``tags`` are words of the vocabulary where it has them; ``levels`` says of a tag how well. Times of day are the
    person's own, in ``timezone`` (empty: the board's). ``free`` are times of the week, as in ``thu-evening``.
    """

    __tablename__ = "abilities"
    __table_args__ = (Index("ix_abilities_tags", "tags", postgresql_using="gin"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    words: Mapped[str] = mapped_column(default="", server_default="")
    #: What they can lend, as it was said before things and rooms were told apart. Only older processes write it.
    lends: Mapped[str] = mapped_column(default="", server_default="")
    levels: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, server_default=text("'{}'"))
    things: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    rooms: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    #: The places they can get to, besides their own.
    reach_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default_factory=list, server_default=text("'{}'"))
    online_only: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    hours_a_week: Mapped[float | None] = mapped_column(default=None)
    free: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    quiet_from: Mapped[time] = mapped_column(default=time(21), server_default=text("'21:00'"))
    quiet_until: Mapped[time] = mapped_column(default=time(8), server_default=text("'08:00'"))
    timezone: Mapped[str] = mapped_column(default="", server_default="")
    #: Until they have chosen, nobody else sees it.
    visibility: Mapped[str] = mapped_column(default="matching", server_default="matching")
    #: How often they may be asked; 0 for never.
    asks_a_week: Mapped[int] = mapped_column(default=2, server_default=text("2"))
    said_at: Mapped[datetime | None] = mapped_column(default=None)
