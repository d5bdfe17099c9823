"""How near somebody is to a problem, from where each is on the map of places."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: Places of these kinds are too wide for whoever lives in them to be near everything there.
WIDE = ("town", "city", "borough", "district", "county", "region", "country")
#: So many kilometres between two places are round the corner, and so many are not far.
BESIDE_KM, TOWN_KM = 2.0, 10.0
_EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the map: its number, its kind, those it lies in (nearest first), and its point in degrees."""

    id: int | None = None
    kind: str = ""
    around: tuple[tuple[int, str], ...] = ()
    point: tuple[float, float] | None = None

    @property
    def parent(self) -> int | None:
        return self.around[0][0] if self.around else None

    @property
    def within(self) -> set[int]:
        """Itself and all that it lies in."""
        return {number for number, _ in self.around} | ({self.id} if self.id is not None else set())

    @property
    def close(self) -> set[int]:
        """Itself and the places round it that are no wider than a ward."""
        small = {number for number, kind in self.around if kind not in WIDE}
        return small | ({self.id} if self.id is not None else set())


#: Where somebody is who has not said it.
NOWHERE = Spot()


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance between two points in degrees, over the ground."""
    (lat, lon), (to_lat, to_lon) = ((math.radians(part) for part in point) for point in (one, other))
    half = math.sin((to_lat - lat) / 2) ** 2 + math.cos(lat) * math.cos(to_lat) * math.sin((to_lon - lon) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def nearness(problem: Spot, home: Spot, reach: Sequence[int], *, where: str, online_only: bool) -> str:
    """The name of it in ``scoring.NEARNESS``; "" for somebody far away who would have to come.

    ``where`` is there, online or either; "" where nobody has said, and then nothing is said of it.
    """
    online = "online" if where in ("online", "either") else ""
    if where == "online" or online_only or (problem.id is None and problem.point is None):
        return online
    if home.id is not None and home.id == problem.id:
        return "same"
    # One of the two lies within the other.
    if home.id in problem.close or (problem.id in home.close and problem.id is not None):
        return "within"
    # Who gets about in a whole town gets wherever it is in it.
    if problem.within & set(reach):
        return "reach"
    km = kilometres(problem.point, home.point) if problem.point and home.point else None
    siblings = home.parent is not None and home.parent == problem.parent
    if problem.close & home.close or (siblings if km is None else km <= BESIDE_KM):
        return "beside"
    wide = {number for number, _ in problem.around} & {number for number, _ in home.around}
    return "town" if wide or siblings or (km is not None and km <= TOWN_KM) else online
