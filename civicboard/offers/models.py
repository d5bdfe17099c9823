"""Tables of offers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.database import Base

#: What can have become of an offer, with the words people read.
STATES: dict[str, str] = {
    "waiting": "Waiting for an answer",
    "welcomed": "Welcomed",
    "declined": "Not this time",
    "withdrawn": "Withdrawn",
}


class Offer(Base):
    """What somebody would do for a problem. ``hours`` in all, None for "we will see"; ``until`` is its last day."""

    __tablename__ = "offers"
    __table_args__ = (
        Index("ix_offers_problem_id", "problem_id", "id"),
        Index("ix_offers_helper_id", "helper_id", "id"),
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
