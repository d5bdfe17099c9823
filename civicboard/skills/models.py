"""Tables of skills."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.database import Base


class Ability(Base):
    """What one person can do: tags (lower case), their own words, and what they can lend."""

    __tablename__ = "abilities"
    __table_args__ = (Index("ix_abilities_tags", "tags", postgresql_using="gin"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default_factory=list, server_default=text("'{}'"))
    words: Mapped[str] = mapped_column(default="", server_default="")
    lends: Mapped[str] = mapped_column(default="", server_default="")
