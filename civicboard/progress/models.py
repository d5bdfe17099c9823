"""Tables of progress."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.database import Base


class StageChange(Base):
    """That a problem moved from one stage to another, who moved it, and why."""

    __tablename__ = "stage_changes"
    __table_args__ = (
        Index("ix_stage_changes_problem_id", "problem_id", "id"),
        UniqueConstraint("by_id", "form_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"))
    from_stage: Mapped[str]
    to_stage: Mapped[str]
    why: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime]
    form_key: Mapped[str | None] = mapped_column(default=None)
