"""Tables of networks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
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
