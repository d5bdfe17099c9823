"""Tables of places."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from civicboard.kit.database import Base


class Place(Base):
    """A named place: a town, a ward, a neighbourhood, a street. Its point is in degrees (WGS 84)."""

    __tablename__ = "places"
    __table_args__ = (Index("ix_places_parent_id", "parent_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"), default=None)
    latitude: Mapped[float | None] = mapped_column(default=None)
    longitude: Mapped[float | None] = mapped_column(default=None)
    about: Mapped[str] = mapped_column(default="", server_default="")
