"""Tables of notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.database import Base


class Notice(Base):
    """One thing that one person is told. ``about`` holds ids only; what they read is looked up when they read it.

    ``once`` names the fact, so that nobody is told the same thing twice.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("person_id", "once"),
        Index("ix_notices_person_id", "person_id", text("id DESC")),
        Index("ix_notices_unread", "person_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notices_made_at", "made_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    kind: Mapped[str]
    once: Mapped[str]
    made_at: Mapped[datetime]
    about: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, server_default=text("'{}'"))
    read_at: Mapped[datetime | None] = mapped_column(default=None)
