"""Where people live and problems are, in a SELECT: as what nearness goes by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Float, Select, cast, null
from sqlalchemy.orm import aliased

from civicboard.matching.policy.nearness import Spot
from civicboard.places.models import Place


class Home:
    """For a SELECT: a place with three that it lies in, one round the other. Join it by ``outerjoins``.

    ``pin`` are the columns of a latitude and a longitude that say it more exactly than the place, if there are any.
    """

    def __init__(self, place_id: Any, *, pin: tuple[Any, Any] | None = None) -> None:
        self.place_id = place_id
        self.pin = pin or (null(), null())
        self.levels = [aliased(Place) for _ in range(4)]

    def outerjoins(self, found: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        within = self.place_id
        for level in self.levels:
            found = found.outerjoin(level, level.id == within)
            within = level.parent_id
        return found

    def columns(self) -> list[ColumnElement[Any]]:
        first = self.levels[0]
        each = [
            column.label(f"place_{number}_{name}")
            for number, level in enumerate(self.levels)
            for name, column in (("id", level.id), ("kind", level.kind))
        ]
        north, east = self.pin
        pinned = [cast(north, Float).label("pin_north"), cast(east, Float).label("pin_east")]
        return [*each, *pinned, first.name.label("lives"), first.latitude.label("north"), first.longitude.label("east")]

    def spot(self, row: Any) -> Spot:
        """Where the row is on the map."""
        chain = [(row[f"place_{number}_id"], row[f"place_{number}_kind"]) for number in range(len(self.levels))]
        around = tuple((number, kind) for number, kind in chain[1:] if number is not None)
        points = ((row[f"{which}north"], row[f"{which}east"]) for which in ("pin_", ""))
        point = next(((north, east) for north, east in points if north is not None and east is not None), None)
        return Spot(chain[0][0], chain[0][1] or "", around, point)
