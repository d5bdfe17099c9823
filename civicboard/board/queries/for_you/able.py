"""What one person can do, where they are, and what they wanted to see less of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from civicboard.board.policy import Able
from civicboard.kit.work import Work
from civicboard.matching.models import Meaning, Waved
from civicboard.matching.policy import wording
from civicboard.matching.policy.scoring import NEARNESS
from civicboard.people.models import Person
from civicboard.people.queries import not_blocked
from civicboard.places.models import Place
from civicboard.problems.models import STAGES, Problem
from civicboard.skills.models import Ability
from civicboard.skills.queries import find_vocabulary

#: The most that somebody waved away which later things are compared with, the newest.
MOST_WAVED = 40
MOST_NEARBY = 8


async def find_able(work: Work, person_id: int) -> Able:
    """What a person can do, as far as it decides what is for them. Empty for who has said nothing."""
    lives = aliased(Place)
    found = await work.session.execute(
        select(Ability, Person.place_id, func.coalesce(lives.name, ""), func.coalesce(Meaning.model, ""))
        .select_from(Person)
        .outerjoin(Ability, Ability.person_id == Person.id)
        .outerjoin(lives, lives.id == Person.place_id)
        .outerjoin(Meaning, (Meaning.kind == "person") & (Meaning.subject_id == Person.id))
        .where(Person.id == person_id)
    )
    row = found.first()
    if row is None or row[0] is None:
        place_id = row[1] if row is not None else None
        return Able(person_id, (), {}, (), False, place_id, await _near(work, place_id, ()), "")
    ability, place_id, place_name, model = row
    said = " ".join((ability.words, ability.lends, *ability.things, *ability.rooms))
    return Able(
        person_id,
        ability.tags,
        await _synonyms(work, ability.tags),
        tuple(wording.telling(said)),
        ability.online_only,
        place_id,
        await _near(work, place_id, ability.reach_ids),
        model,
        levels=ability.levels,
        things=(*ability.things, *ability.lends.splitlines()),
        rooms=ability.rooms,
        free=ability.free,
        hours_a_week=ability.hours_a_week,
        lives=place_name,
    )


async def _synonyms(work: Work, tags: Sequence[str]) -> dict[str, str]:
    """Every word for what somebody can do, in lower case, with the tag of theirs that it stands for."""
    vocabulary = await find_vocabulary(work)
    means = {tag.lower(): tag for tag in tags}
    for tag in tags:
        for word in vocabulary.words_for(tag):
            means.setdefault(word.lower(), tag)
    return means


async def _near(work: Work, place_id: int | None, reach: Sequence[int]) -> dict[int, str]:
    """How near each place is, by its name in ``NEARNESS``.

    One's own and what lies in it come first, then wherever one can get to, then the one round one's own.
    """
    starts = [one for one in (place_id, *reach) if one is not None]
    if not starts:
        return {}
    around = select(Place.parent_id).where(Place.id == place_id).scalar_subquery()
    near = case((Place.id == place_id, "same"), (Place.id.in_(starts), "reach"), else_="beside")
    own = (
        select(Place.id, near.label("near"))
        # A whole town is not near: in it lies everything.
        .where(or_(Place.id.in_(starts), and_(Place.id == around, Place.kind != "town")))
        .cte("near", recursive=True)
    )
    # UNION, not UNION ALL: a place that is within itself by mistake must end the search.
    own = own.union(select(Place.id, own.c.near).join(own, Place.parent_id == own.c.id))
    found = await work.session.execute(select(own.c.id, own.c.near).limit(2000))
    best: dict[int, str] = {}
    for number, start in found:
        # What lies in one's own place is as near as that, without being it.
        name = "within" if start == "same" and number != place_id else start
        if NEARNESS[name] > NEARNESS[best.get(number, "")]:
            best[number] = name
    return best


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
    if able.near:
        wanted = wanted.where(Problem.place_id.in_(list(able.near)))
    found = await work.session.execute(wanted.order_by(Problem.moved_at.desc(), Problem.id.desc()).limit(MOST_NEARBY))
    return [NearbyRow(**row) for row in found.mappings()]
