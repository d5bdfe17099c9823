"""Every SELECT about places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from civicboard.kit.reads import Statement
from civicboard.kit.work import Unfit, Work
from civicboard.places.models import Place


@dataclass(frozen=True, slots=True)
class PlaceRow:
    id: int
    slug: str
    name: str
    kind: str
    about: str
    #: The name of the place that it lies in.
    within: str | None


_around = aliased(Place)
_ROWS = select(Place.id, Place.slug, Place.name, Place.kind, Place.about, _around.name.label("within")).outerjoin(
    _around, _around.id == Place.parent_id
)
#: Every place, by name.
ALL = _ROWS.order_by(Place.name).limit(500)
_ALL = Statement(ALL)


async def places_all(work: Work) -> list[PlaceRow]:
    """Every place, by name."""
    return [PlaceRow(*row) for row in await work.fetch(_ALL)]


def choices(places: Sequence[PlaceRow]) -> list[tuple[str, str]]:
    """Places to choose from, as (slug, words): the name, and where there are two of one name, what each lies in."""
    names = Counter(place.name for place in places)
    return [
        (place.slug, f"{place.name}, {place.within}" if place.within and names[place.name] > 1 else place.name)
        for place in places
    ]


async def find_place_named(work: Work, name: str) -> PlaceRow | None:
    """One place by its slug, or by its name as a person types it; None when we know no such place."""
    wanted = name.strip().lower()
    named = _ROWS.where(or_(func.lower(Place.name) == wanted, Place.slug == wanted))
    found = (await work.session.execute(named.order_by(Place.slug != wanted, Place.id).limit(1))).first()
    return PlaceRow(*found) if found else None


async def find_place_chosen(work: Work, name: str) -> int | None:
    """The id of the place that a form names, None for none. Raises Unfit for one that the board doesn't know."""
    if not name:
        return None
    place = await find_place_named(work, name)
    if place is None:
        raise Unfit("place", "We don't know a place of that name. Choose one from the list, or leave it empty.")
    return place.id


async def places_within(work: Work, slug: str) -> list[int]:
    """The ids of a place and of all places in it, down to the smallest; nothing for an unknown slug."""
    within = select(Place.id).where(Place.slug == slug).cte("within", recursive=True)
    # UNION, not UNION ALL: a place that is within itself by mistake must end the search, not go on for ever.
    within = within.union(select(Place.id).join(within, Place.parent_id == within.c.id))
    return list(await work.session.scalars(select(within.c.id)))
