"""Problems like those of a person, elsewhere, of which something has come, and what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Float, Text, any_, bindparam, func, literal, select, true, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from civicboard.kit.text import excerpt
from civicboard.kit.work import Work
from civicboard.matching.models import Meaning
from civicboard.matching.queries.meanings import distance, of_kind
from civicboard.people.queries import not_blocked
from civicboard.places.models import Place
from civicboard.problems.models import STAGES, Follow, Problem
from civicboard.progress.models import StageChange

#: So many of one's own are compared, with so many that are near each, and so many are shown.
MOST_OWN, MOST_NEAR, MOST_TAGGED, MOST_SHOWN = 12, 8, 60, 6
#: Two problems less alike than this are hardly of one kind: nobody could say why the one stands beside the other.
NEAR_ENOUGH = 0.5
#: All tags in common count as much as being this near in meaning; of two problems that share fewer than this part of
#: theirs, one is hardly like the other (jumpers and a puddle are both about a school).
TAGS_COUNT, TAGS_ENOUGH = 0.6, 0.5
#: That something has come of it counts as much as being this much nearer.
ENDED = {"sorted": 0.25, "passed_on": 0.15, "stuck": 0.1, "trying": 0.05}


_STAGES = literal(list(ENDED), ARRAY(Text))


def _has_words() -> ColumnElement[bool]:
    """Whether anybody has said how it stands: an import that is closed without a word tells nothing to learn from."""
    return select(StageChange.id).where(StageChange.problem_id == Problem.id, StageChange.why != "").exists()


@dataclass(frozen=True, slots=True)
class AlikeRow:
    """A problem like one of a person's own, with where it stands and what was said when it came there."""

    problem_id: int
    title: str
    slug: str
    stage: str
    place_name: str | None
    like_title: str
    why: str
    changed_at: datetime | None
    by_words: bool

    @property
    def path(self) -> str:
        return f"/problems/{self.problem_id}/{self.slug}"

    @property
    def stage_words(self) -> str:
        return STAGES[self.stage]


class _Like(NamedTuple):
    """A problem with which of one's own it is like, and how much."""

    id: int
    title: str
    slug: str
    stage: str
    place_name: str | None
    own_id: int
    likeness: float
    by_words: bool


async def alike_elsewhere(work: Work, person_id: int) -> list[AlikeRow]:
    """What is like the problems that a person posted or follows, those first of which something has come."""
    own = await _own(work, person_id)
    if not own:
        return []
    found = [*await _near(work, own, person_id), *await _tagged(work, own, person_id)]
    titles = {row.id: row.title for row in own}
    best: dict[int, tuple[float, _Like]] = {}
    for row in found:
        score = row.likeness + ENDED.get(row.stage, 0.0)
        if row.id not in best or best[row.id][0] < score:
            best[row.id] = (score, row)
    shown = sorted(best.values(), key=lambda one: (-one[0], -one[1].id))[:MOST_SHOWN]
    ended = await _ended(work, [row.id for _, row in shown])
    return [
        AlikeRow(
            row.id,
            row.title,
            row.slug,
            row.stage,
            row.place_name,
            titles[row.own_id],
            excerpt(ended[row.id].why, 240) if row.id in ended else "",
            ended[row.id].changed_at if row.id in ended else None,
            row.by_words,
        )
        for _, row in shown
    ]


async def _own(work: Work, person_id: int) -> Sequence[Any]:
    posted = (
        select(Problem.id)
        .where(Problem.poster_id == person_id)
        .order_by(Problem.moved_at.desc())
        .limit(MOST_OWN)
        .subquery()
    )
    followed = (
        select(Follow.problem_id.label("id"))
        .where(Follow.person_id == person_id)
        .order_by(Follow.since.desc())
        .limit(MOST_OWN)
        .subquery()
    )
    either = union_all(select(posted.c.id), select(followed.c.id)).subquery()
    found = await work.session.execute(
        select(Problem.id, Problem.title, Problem.tags)
        .where(Problem.id.in_(select(either.c.id)))
        .order_by(Problem.moved_at.desc())
        .limit(MOST_OWN)
    )
    return found.all()


def _columns(own_id: Any, likeness: Any, *, by_words: bool) -> tuple[Any, ...]:
    return (
        Problem.id,
        Problem.title,
        Problem.slug,
        Problem.stage,
        Place.name.label("place_name"),
        own_id.label("own_id"),
        likeness.label("likeness"),
        literal(by_words).label("by_words"),
    )


async def _near(work: Work, own: Sequence[Any], person_id: int) -> list[_Like]:
    """By meaning: of each of one's own what is nearest, by the index."""
    ids = bindparam("ids", [row.id for row in own], type_=ARRAY(BigInteger))
    mine, other = aliased(Meaning), aliased(Meaning)
    far = distance(mine.vector, other)
    near = (
        select(other.subject_id, (1 - far).label("likeness"))
        .where(of_kind("problem", other), other.model == mine.model, other.subject_id != mine.subject_id)
        .order_by(far)
        .limit(MOST_NEAR)
        .correlate(mine)
        .lateral()
    )
    found = await work.session.execute(
        select(*_columns(mine.subject_id, near.c.likeness, by_words=False))
        .select_from(mine)
        .join(near, true())
        .join(Problem, Problem.id == near.c.subject_id)
        .outerjoin(Place, Place.id == Problem.place_id)
        .where(
            of_kind("problem", mine),
            mine.subject_id == any_(ids),
            near.c.subject_id != func.all(ids),
            near.c.likeness >= NEAR_ENOUGH,
            not_blocked(Problem.poster_id, person_id),
            Problem.stage == any_(_STAGES),
            _has_words(),
        )
    )
    return [_Like(*row) for row in found]


async def _tagged(work: Work, own: Sequence[Any], person_id: int) -> list[_Like]:
    """By words: the newest that share tags with one's own, and of which something has come."""
    tags = sorted({tag for row in own for tag in row.tags})
    if not tags:
        return []
    found = await work.session.execute(
        select(*_columns(literal(0), literal(0.0, Float), by_words=True), Problem.tags)
        .outerjoin(Place, Place.id == Problem.place_id)
        .where(
            Problem.tags.overlap(tags),
            Problem.stage == any_(_STAGES),
            _has_words(),
            Problem.id.not_in([row.id for row in own]),
            not_blocked(Problem.poster_id, person_id),
        )
        .order_by(Problem.moved_at.desc())
        .limit(MOST_TAGGED)
    )
    rows = []
    for row in found:
        shared = [(len({*row.tags} & {*one.tags}) / len({*row.tags} | {*one.tags}), one.id) for one in own if one.tags]
        likeness, own_id = max(shared)
        if likeness >= TAGS_ENOUGH:
            likeness *= TAGS_COUNT
            rows.append(_Like(row.id, row.title, row.slug, row.stage, row.place_name, own_id, likeness, by_words=True))
    return rows


async def _ended(work: Work, ids: Sequence[int]) -> dict[int, Any]:
    """The last change of stage of each of these."""
    last = select(func.max(StageChange.id)).where(StageChange.problem_id.in_(ids)).group_by(StageChange.problem_id)
    found = await work.session.execute(
        select(StageChange.problem_id, StageChange.why, StageChange.changed_at).where(StageChange.id.in_(last))
    )
    return {row.problem_id: row for row in found}
