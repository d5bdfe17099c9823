"""Who is round a problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import aliased

from civicboard.kit.reads import Statement
from civicboard.kit.viewer import initials
from civicboard.kit.work import Missing, Work
from civicboard.networks import policy
from civicboard.networks.models import Member
from civicboard.organisations.queries import Badge, badges_column, read_badges
from civicboard.people.models import Person
from civicboard.problems.models import Problem
from civicboard.problems.queries import ProblemRow, find_standing

#: How many faces a notice shows.
MOST_FACES = 4
#: How many people a problem's page names, and how many the page of the people round it.
MOST_SHOWN = 60
MOST_ON_PAGE = 500


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One person round a problem: ``part`` is poster, helper or talker."""

    problem_id: int
    person_id: int
    name: str
    handle: str
    part: str
    #: What stands, and what is past.
    brings: str
    brought: str
    joined_at: datetime
    #: Whether there is somebody here who posted the problem, and lets people in.
    has_poster: bool
    #: Whether they mind being seen here by name.
    shows_presence: bool
    #: In which capacities they have spoken on it.
    capacities: Sequence[str] = ()
    #: Who brought them in, None when they came by themselves.
    introduced_by: str | None = None
    introduced_by_handle: str | None = None
    #: Where they belong, for ``badges``.
    belongs: str = ""

    @property
    def badges(self) -> list[Badge]:
        return read_badges(self.belongs)

    @property
    def capacity_words(self) -> str:
        return policy.capacity_words(self.capacities)

    @property
    def key(self) -> tuple[object, ...]:
        """What the rendered entry depends on."""
        shown = (self.person_id, self.name, self.handle, self.part, self.brings, self.brought)
        return (*shown, *self.capacities, self.introduced_by, self.introduced_by_handle, self.belongs)

    @property
    def has_a_part(self) -> bool:
        return policy.has_a_part(self.part, has_poster=self.has_poster)

    @property
    def initials(self) -> str:
        return initials(self.name)


_NUMBER = bindparam("number", type_=BigInteger)
_NOBODY = cast(None, Text)
_Introducer = aliased(Person)
_IS_IN = Member.left_at.is_(None)


def _everybody() -> Subquery:
    """The ``MemberRow`` of everybody round problem ``number``."""
    poster = (
        select(
            Problem.id.label("problem_id"),
            Problem.poster_id.label("person_id"),
            Person.name,
            Person.handle,
            literal("poster").label("part"),
            func.coalesce(Member.brings, "").label("brings"),
            func.coalesce(Member.brought, "").label("brought"),
            Problem.posted_at.label("joined_at"),
            true().label("has_poster"),
            Person.shows_presence,
            func.coalesce(Member.capacities, cast([], ARRAY(Text))).label("capacities"),
            _NOBODY.label("introduced_by"),
            _NOBODY.label("introduced_by_handle"),
        )
        .join(Person, Person.id == Problem.poster_id)
        .outerjoin(Member, (Member.problem_id == Problem.id) & (Member.person_id == Problem.poster_id))
        .where(Problem.id == _NUMBER)
    )
    others = (
        select(
            Member.problem_id,
            Member.person_id,
            Person.name,
            Person.handle,
            Member.part,
            Member.brings,
            Member.brought,
            Member.joined_at,
            Problem.poster_id.is_not(None),
            Person.shows_presence,
            Member.capacities,
            _Introducer.name,
            _Introducer.handle,
        )
        .join(Person, Person.id == Member.person_id)
        .join(Problem, Problem.id == Member.problem_id)
        .outerjoin(_Introducer, _Introducer.id == Member.introduced_by_id)
        .where(Member.problem_id == _NUMBER, Problem.poster_id.is_distinct_from(Member.person_id), _IS_IN)
    )
    return poster.union_all(others).subquery()


def member_rows() -> Select[*tuple[Any, ...]]:
    """The ``MemberRow`` of the first ``most`` round problem ``number``: its poster, then helpers, then talkers."""
    everybody = _everybody()
    rank = case({"poster": 0, "helper": 1}, value=everybody.c.part, else_=2)
    return (
        select(everybody, badges_column(everybody.c.person_id))
        .order_by(rank, everybody.c.joined_at, everybody.c.person_id)
        .limit(bindparam("most", type_=BigInteger))
    )


_MEMBERS = Statement(member_rows())
_everyone = _everybody()
_PART = Statement(select(_everyone).where(_everyone.c.person_id == bindparam("mine", type_=BigInteger)))


async def members_of(work: Work, number: int, *, most: int = MOST_SHOWN) -> list[MemberRow]:
    """The people round a problem: who posted it, then the helpers, then those who have joined the conversation."""
    return [MemberRow(*row) for row in await work.fetch(_MEMBERS, number=number, most=most)]


def others_round(problem: ProblemRow, shown: Sequence[MemberRow]) -> int:
    """How many people are round a problem besides those who are shown. Read the problem before them."""
    return max(0, problem.member_count + (problem.poster_id is not None) - len(shown))


def faces_column() -> ColumnElement[Sequence[str]]:
    """For a SELECT of problems: names of the first few members (the poster aside) of each, helpers first.

    Each name is looked up by itself: joined, PostgreSQL would rather read all people anew for each problem. Where the
    problem knows that nobody is there, nothing is looked up.
    """
    name = select(Person.name).where(Person.id == Member.person_id).correlate(Member).scalar_subquery()
    names = (
        select(name)
        .where(Member.problem_id == Problem.id, Member.person_id.is_distinct_from(Problem.poster_id), _IS_IN)
        .order_by(Member.part, Member.joined_at, Member.person_id)
        .limit(MOST_FACES)
        .correlate(Problem)
    )
    there = func.array(names.scalar_subquery(), type_=ARRAY(Text))
    return case((Problem.member_count > 0, there), else_=cast(array([], type_=Text), ARRAY(Text)))


async def find_part(work: Work, number: int) -> MemberRow | None:
    """The viewer's own part in a problem, None when they have none."""
    if not work.viewer.signed_in:
        return None
    found = await work.fetch(_PART, number=number, mine=work.viewer.id)
    return MemberRow(*found[0]) if found else None


async def is_involved(work: Work, number: int, poster_id: int | None) -> bool:
    """Whether the viewer has to do with a problem: posted it, is one of its people, follows it, is affected by it."""
    if not work.viewer.signed_in:
        return False
    if work.viewer.id == poster_id:
        return True
    standing = await find_standing(work, number)
    return standing.affected or standing.follows or await find_part(work, number) is not None


async def find_circle(work: Work, number: int) -> MemberRow:
    """The viewer's own part in the circle of those who do something. Raises Missing for whoever has none in it."""
    part = await find_part(work, number)
    if part is None or not part.has_a_part:
        raise Missing
    return part


@dataclass(frozen=True, slots=True)
class OwnPart:
    """How the viewer stands to a network: their part, and whether they have just stepped out and may undo it."""

    part: str | None = None
    has_a_part: bool = False
    may_undo: bool = False


_LEFT = Statement(
    select(Member.left_at).where(Member.problem_id == _NUMBER, Member.person_id == bindparam("mine", type_=BigInteger))
)


async def find_own_part(work: Work, number: int) -> OwnPart:
    """How the viewer stands to the network of a problem."""
    if not work.viewer.signed_in:
        return OwnPart()
    if part := await find_part(work, number):
        return OwnPart(part.part, part.has_a_part)
    left = await work.fetch(_LEFT, number=number, mine=work.viewer.id)
    return OwnPart(may_undo=bool(left) and policy.may_undo(left[0][0], work.now))
