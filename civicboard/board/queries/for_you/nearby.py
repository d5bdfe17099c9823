"""What moved last near one person, and what they wanted to see less of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from civicboard.kit.work import Missing, Work
from civicboard.matching.models import Waved
from civicboard.matching.policy.facts import Able
from civicboard.people.queries import not_blocked
from civicboard.places.models import Place
from civicboard.problems.models import STAGES, Problem

#: The most that somebody waved away which later things are compared with, the newest.
MOST_WAVED = 40
MOST_NEARBY = 8


@dataclass(frozen=True, slots=True)
class NearbyRow:
    """A problem in a line: where it is, and how it stands."""

    id: int
    title: str
    slug: str
    stage: str
    place_name: str | None
    moved_at: datetime

    @property
    def path(self) -> str:
        return f"/problems/{self.id}/{self.slug}"

    @property
    def stage_words(self) -> str:
        return STAGES[self.stage]


def _lines() -> Select[*tuple[Any, ...]]:
    return select(
        Problem.id, Problem.title, Problem.slug, Problem.stage, Place.name.label("place_name"), Problem.moved_at
    ).outerjoin(Place, Place.id == Problem.place_id)


async def waved_by(work: Work, person_id: int) -> list[NearbyRow]:
    """What a person wanted to see less of, the newest first."""
    found = await work.session.execute(
        _lines()
        .join(Waved, Waved.problem_id == Problem.id)
        .where(Waved.person_id == person_id)
        .order_by(Waved.since.desc(), Problem.id.desc())
        .limit(MOST_WAVED)
    )
    return [NearbyRow(**row) for row in found.mappings()]


async def find_line(work: Work, number: int) -> NearbyRow:
    """One problem in a line. Raises Missing."""
    found = (await work.session.execute(_lines().where(Problem.id == number))).mappings().first()
    if found is None:
        raise Missing
    return NearbyRow(**found)


async def waved_tags(work: Work, able: Able) -> list[frozenset[str]]:
    """The tags of each problem that a person wanted less of."""
    found = await work.session.scalars(
        select(Problem.tags)
        .join(Waved, Waved.problem_id == Problem.id)
        .where(Waved.person_id == able.person_id)
        .order_by(Waved.since.desc())
        .limit(MOST_WAVED)
    )
    return [frozenset(tags) for tags in found]


async def nearby(work: Work, able: Able) -> list[NearbyRow]:
    """What moved last near a person; anywhere, for who hasn't said where they live."""
    wanted = _lines().where(Problem.stage != "sorted", not_blocked(Problem.poster_id, able.person_id))
    if able.is_placed:
        wanted = wanted.where(Problem.place_id.in_(_places_near(able)))
    found = await work.session.execute(wanted.order_by(Problem.moved_at.desc(), Problem.id.desc()).limit(MOST_NEARBY))
    return [NearbyRow(**row) for row in found.mappings()]


def _places_near(able: Able) -> Select[*tuple[int]]:
    """Where somebody lives and gets to, what lies round their home and is no wider than a ward, and all within."""
    starts = sorted({*able.home.close, *able.reach})
    near = select(Place.id).where(Place.id.in_(starts)).cte("near", recursive=True)
    # UNION, not UNION ALL: a place that is within itself by mistake must end the search.
    near = near.union(select(Place.id).join(near, Place.parent_id == near.c.id))
    return select(near.c.id)
