"""Making places."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Work
from civicboard.places.models import Place


async def put_place(
    work: Work,
    *,
    slug: str,
    name: str,
    kind: str,
    parent_id: int | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    about: str = "",
) -> int:
    """Add a place, or bring the one of this slug up to date. Returns its id. Only the operator's commands do this."""
    values = {
        "name": name,
        "kind": kind,
        "parent_id": parent_id,
        "latitude": latitude,
        "longitude": longitude,
        "about": about,
    }
    found: int | None = await work.session.scalar(
        insert(Place)
        .values(slug=slug, **values)
        .on_conflict_do_update(index_elements=[Place.slug], set_=values)
        .returning(Place.id)
    )
    assert found is not None  # an upsert always returns its row
    return found
