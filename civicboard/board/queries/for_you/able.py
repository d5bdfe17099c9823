"""What one person can do, where they are, and what they wanted to see less of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, any_, case, func, literal, or_, select

from civicboard.board.policy import AROUND, OWN, REACHED, Able, telling_words
from civicboard.kit.work import Work
from civicboard.matching.models import Meaning, Waved
from civicboard.people.models import Block, Person
from civicboard.places.models import Place
from civicboard.problems.models import STAGES, Problem
from civicboard.skills.models import Ability, Skill

#: The most that somebody waved away which later things are compared with, the newest.
MOST_WAVED = 40
MOST_NEARBY = 8


async def find_able(work: Work, person_id: int) -> Able:
    """What a person can do, as far as it decides what is for them. Empty for who has said nothing."""
    found = await work.session.execute(
        select(
            Person.place_id,
            func.coalesce(Ability.tags, _nothing()),
            func.concat_ws(
                " ",
                Ability.words,
                Ability.lends,
                func.array_to_string(Ability.things, " "),
                func.array_to_string(Ability.rooms, " "),
            ),
            func.coalesce(Ability.reach_ids, literal([], Ability.reach_ids.type)),
            func.coalesce(Ability.online_only, False),
            func.coalesce(Meaning.model, ""),
        )
        .outerjoin(Ability, Ability.person_id == Person.id)
        .outerjoin(Meaning, (Meaning.kind == "person") & (Meaning.subject_id == Person.id))
        .where(Person.id == person_id)
    )
    row = found.first()
    if row is None:
        return Able(person_id, (), frozenset(), (), False, None, {}, "")
    place_id, tags, words, reach, online_only, model = row
    near = await _near(work, place_id, reach)
    synonyms = await _synonyms(work, tags)
    return Able(person_id, tags, synonyms, telling_words(words), online_only, place_id, near, model)


def _nothing() -> ColumnElement[Any]:
    return literal([], Ability.tags.type)


async def _synonyms(work: Work, tags: Sequence[str]) -> frozenset[str]:
    mine = [tag.lower() for tag in tags]
    if not mine:
        return frozenset()
    found = await work.session.execute(
        select(Skill.tag, Skill.synonyms).where(
            or_(Skill.tag == any_(literal(mine, Skill.synonyms.type)), Skill.synonyms.overlap(mine))
        )
    )
    return frozenset(mine) | {word for tag, synonyms in found for word in (tag, *synonyms)}


async def _near(work: Work, place_id: int | None, reach: Sequence[int]) -> dict[int, float]:
    """How near each place is: one's own and what lies in it, then the one round it, and wherever one can get to."""
    starts = [one for one in (place_id, *reach) if one is not None]
    if not starts:
        return {}
    around = select(Place.parent_id).where(Place.id == place_id).scalar_subquery()
    near = case((Place.id == place_id, OWN), (Place.id.in_(starts), REACHED), else_=AROUND)
    own = (
        select(Place.id, near.label("near"))
        # A whole town is not near: in it lies everything.
        .where(or_(Place.id.in_(starts), and_(Place.id == around, Place.kind != "town")))
        .cte("near", recursive=True)
    )
    # UNION, not UNION ALL: a place that is within itself by mistake must end the search.
    own = own.union(select(Place.id, own.c.near).join(own, Place.parent_id == own.c.id))
    found = await work.session.execute(select(own.c.id, func.max(own.c.near)).group_by(own.c.id).limit(2000))
    return {number: float(near) for number, near in found}


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
    wanted = _lines().where(Problem.stage != "sorted")
    if able.near:
        wanted = wanted.where(Problem.place_id.in_(list(able.near)))
    found = await work.session.execute(wanted.order_by(Problem.moved_at.desc(), Problem.id.desc()).limit(MOST_NEARBY))
    return [NearbyRow(**row) for row in found.mappings()]


def not_blocked(other: Any, person_id: int) -> ColumnElement[bool]:
    """The condition that a person and the one in this column don't block each other; true where there is nobody."""
    between = or_(
        (Block.person_id == person_id) & (Block.blocked_id == other),
        (Block.blocked_id == person_id) & (Block.person_id == other),
    )
    return ~select(Block.person_id).where(between).exists()
