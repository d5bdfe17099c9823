"""Every SELECT about problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, RowMapping, Select, bindparam, func, select

from civicboard.kit.diff import A_PAGE
from civicboard.kit.reads import Statement
from civicboard.kit.work import Missing, Work, find_sent
from civicboard.people.models import Person
from civicboard.places.models import Place
from civicboard.problems.models import STAGES, Affected, Follow, Problem, Revision


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem as a page shows it, with its place's and its poster's names."""

    id: int
    title: str
    slug: str
    story: str
    posted_at: datetime
    moved_at: datetime
    stage: str
    whereabouts: str
    latitude: float | None
    longitude: float | None
    tags: Sequence[str]
    help_wanted: str
    version: int
    revision_count: int
    affected_count: int
    follower_count: int
    post_count: int
    offer_count: int
    member_count: int
    need_count: int
    need_kinds: Sequence[str]
    need_words: Sequence[str]
    source: str | None
    poster_id: int | None
    poster_name: str | None
    poster_handle: str | None
    #: Who looks after it now, if anybody does.
    convenor_id: int | None
    place_slug: str | None
    place_name: str | None

    @property
    def path(self) -> str:
        return f"/problems/{self.id}/{self.slug}"

    @property
    def stage_words(self) -> str:
        return STAGES[self.stage]

    @property
    def poster(self) -> str:
        return self.poster_name or "Imported report"

    @property
    def wants_help(self) -> bool:
        """Whether its poster asks for help, or it has an open need. What is sorted needs nothing."""
        return bool(self.help_wanted or self.need_count) and self.stage != "sorted"

    @property
    def head_key(self) -> tuple[object, ...]:
        """What the rendered head depends on. Following moves nothing, so its count is not in the version."""
        return (self.id, self.version, self.follower_count, self.place_slug, self.place_name)

    @property
    def story_key(self) -> tuple[object, ...]:
        """What the rendered story depends on."""
        return (self.id, self.version, self.poster_name, self.poster_handle)


def problem_rows() -> Select[*tuple[Any, ...]]:
    """SELECT problems joined with what ProblemRow needs. Filter and order it, then read it with ``as_rows``."""
    return (
        select(
            Problem.id,
            Problem.title,
            Problem.slug,
            Problem.story,
            Problem.posted_at,
            Problem.moved_at,
            Problem.stage,
            Problem.whereabouts,
            Problem.latitude,
            Problem.longitude,
            Problem.tags,
            Problem.help_wanted,
            Problem.version,
            Problem.revision_count,
            Problem.affected_count,
            Problem.follower_count,
            Problem.post_count,
            Problem.offer_count,
            Problem.member_count,
            Problem.need_count,
            Problem.need_kinds,
            Problem.need_words,
            Problem.source,
            Problem.poster_id,
            Person.name.label("poster_name"),
            Person.handle.label("poster_handle"),
            Problem.convenor_id,
            Place.slug.label("place_slug"),
            Place.name.label("place_name"),
        )
        .outerjoin(Person, Person.id == Problem.poster_id)
        .outerjoin(Place, Place.id == Problem.place_id)
    )


def as_rows(found: Sequence[RowMapping]) -> list[ProblemRow]:
    return [ProblemRow(**row) for row in found]


_ONE = Statement(problem_rows().where(Problem.id == bindparam("number", type_=BigInteger)))


async def find_problem(work: Work, number: int) -> ProblemRow:
    """One problem by its number. Raises Missing."""
    found = await work.fetch(_ONE, number=number)
    if not found:
        raise Missing
    return ProblemRow(*found[0])


async def find_problem_to_change(work: Work, number: int) -> Problem:
    """One problem, locked until the deed is done, so that its counts and its version grow one at a time."""
    problem = await work.session.scalar(select(Problem).where(Problem.id == number).with_for_update())
    if problem is None:
        raise Missing
    return problem


async def find_imported_to_change(work: Work, source: str, source_id: str) -> Problem | None:
    """The problem that a report became, locked until the deed is done; None for a report that is new here."""
    found: Problem | None = await work.session.scalar(
        select(Problem).where(Problem.source == source, Problem.source_id == source_id).with_for_update()
    )
    return found


async def find_sent_problem(work: Work, form_key: str | None) -> Problem | None:
    """The problem that the viewer has posted with this sending of the form."""
    return await find_sent(work, Problem, form_key, by=Problem.poster_id)


async def find_first_revision(work: Work, number: int) -> Revision:
    """What a problem said when it was posted, whatever it says now."""
    first = select(Revision).where(Revision.problem_id == number, Revision.number == 1)
    return (await work.session.execute(first)).scalar_one()


@dataclass(frozen=True, slots=True)
class RevisionRow:
    number: int
    made_at: datetime
    title: str
    story: str
    whereabouts: str
    help_wanted: str
    tags: Sequence[str]
    latitude: float | None
    longitude: float | None
    why: str
    place_name: str | None
    by_name: str | None
    by_handle: str | None

    @property
    def coordinates(self) -> str:
        return coordinates(self.latitude, self.longitude)


def coordinates(latitude: float | None, longitude: float | None) -> str:
    """A point in degrees (WGS 84) as people type it, north first; empty for none."""
    return "" if latitude is None else f"{latitude}, {longitude}"


async def revisions_of(work: Work, number: int, *, before: int) -> list[RevisionRow]:
    """What a problem has said before revision ``before``, the newest first: a page, and one more to compare with."""
    found = await work.session.execute(
        select(
            Revision.number,
            Revision.made_at,
            Revision.title,
            Revision.story,
            Revision.whereabouts,
            Revision.help_wanted,
            Revision.tags,
            Revision.latitude,
            Revision.longitude,
            Revision.why,
            Place.name.label("place_name"),
            Person.name.label("by_name"),
            Person.handle.label("by_handle"),
        )
        .outerjoin(Person, Person.id == Revision.by_id)
        .outerjoin(Place, Place.id == Revision.place_id)
        .where(Revision.problem_id == number, Revision.number < before)
        .order_by(Revision.number.desc())
        .limit(A_PAGE + 1)
    )
    return [RevisionRow(**row) for row in found.mappings()]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the viewer has said of one problem: whether it affects them, and whether they follow it."""

    affected: bool = False
    follows: bool = False


_number, _mine = bindparam("number", type_=BigInteger), bindparam("mine", type_=BigInteger)
_STANDING = Statement(
    select(
        select(Affected.problem_id).where(Affected.problem_id == _number, Affected.person_id == _mine).exists(),
        select(Follow.problem_id).where(Follow.problem_id == _number, Follow.person_id == _mine).exists(),
    )
)


async def find_standing(work: Work, number: int) -> Standing:
    if not work.viewer.signed_in:
        return Standing()
    mine = work.viewer.id
    return Standing(*(await work.fetch(_STANDING, number=number, mine=mine))[0])


async def problems_by(work: Work, person_id: int, *, most: int = 50) -> list[ProblemRow]:
    """What a person has posted, the newest movement first."""
    found = await work.session.execute(
        problem_rows().where(Problem.poster_id == person_id).order_by(Problem.moved_at.desc()).limit(most)
    )
    return as_rows(found.mappings().all())


_recent = select(Problem.tags).order_by(Problem.moved_at.desc()).limit(500).subquery()
_each = select(func.unnest(_recent.c.tags).label("tag")).subquery()
#: The tags of the problems that moved last, the most used first.
TAGS_IN_USE = select(_each.c.tag).group_by(_each.c.tag).order_by(func.count().desc(), _each.c.tag).limit(40)
