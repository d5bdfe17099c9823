"""Who looks after a problem, who would, and who is asked to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, or_, select
from sqlalchemy.orm import aliased

from civicboard.kit.in_words import day_in_words
from civicboard.kit.reads import Statement
from civicboard.kit.work import Missing, Work
from civicboard.networks import policy
from civicboard.networks.models import Convening, Member
from civicboard.organisations.queries import Badge, badges_column, read_badges
from civicboard.people.models import Person
from civicboard.people.queries import not_blocked
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem_to_change

#: So many are seen to in one go; the others have their turn a minute later.
MOST_AT_ONCE = 500

_RUNS = Convening.began_at.is_not(None) & Convening.ended_at.is_(None)
_WAITS = Convening.began_at.is_(None) & Convening.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class ConvenorRow:
    """Who looks after a problem now, and until when."""

    id: int
    problem_id: int
    person_id: int
    name: str
    handle: str
    began_at: datetime
    ends_at: datetime
    #: Where they belong, for ``badges``.
    belongs: str

    @property
    def badges(self) -> list[Badge]:
        return read_badges(self.belongs)

    @property
    def until_words(self) -> str:
        return day_in_words(self.ends_at.date())

    @property
    def key(self) -> tuple[object, ...]:
        """What the rendered line depends on."""
        return (self.id, self.name, self.handle, self.ends_at, self.belongs)


def convenor_rows() -> Select[*tuple[Any, ...]]:
    """The ``ConvenorRow`` of who looks after problem ``number``: one, or none."""
    return (
        select(
            Convening.id,
            Convening.problem_id,
            Convening.person_id,
            Person.name,
            Person.handle,
            Convening.began_at,
            Convening.ends_at,
            badges_column(Convening.person_id),
        )
        .join(Person, Person.id == Convening.person_id)
        .where(Convening.problem_id == bindparam("number", type_=BigInteger), _RUNS)
        .limit(1)
    )


_CONVENOR = Statement(convenor_rows())


async def find_convenor(work: Work, number: int) -> ConvenorRow | None:
    """Who looks after a problem now, if anybody does."""
    found = await work.fetch(_CONVENOR, number=number)
    return ConvenorRow(*found[0]) if found else None


@dataclass(frozen=True, slots=True)
class QuestionRow(policy.Asking):
    """That somebody would look after a problem, or is asked to, for those whom it concerns."""

    id: int
    problem_id: int
    person_id: int
    person_name: str
    person_handle: str
    named_by_id: int | None
    namer_name: str | None
    is_agreed: bool
    is_quiet: bool
    poster_id: int | None
    poster_name: str | None

    @property
    def path(self) -> str:
        return f"/problems/{self.problem_id}/convenor/questions/{self.id}"


_namer, _poster = aliased(Person), aliased(Person)
_MINE = bindparam("mine", type_=BigInteger)
_QUESTIONS = Statement(
    select(
        Convening.id,
        Convening.problem_id,
        Convening.person_id,
        Person.name,
        Person.handle,
        Convening.named_by_id,
        _namer.name,
        Convening.agreed_at.is_not(None),
        Convening.is_quiet,
        Problem.poster_id,
        _poster.name,
    )
    .join(Problem, Problem.id == Convening.problem_id)
    .join(Person, Person.id == Convening.person_id)
    .outerjoin(_namer, _namer.id == Convening.named_by_id)
    .outerjoin(_poster, _poster.id == Problem.poster_id)
    .where(
        Convening.problem_id == bindparam("number", type_=BigInteger),
        _WAITS,
        or_(Convening.person_id == _MINE, Convening.named_by_id == _MINE, Problem.poster_id == _MINE),
    )
    .order_by(Convening.id)
    .limit(20)
)


async def questions_for(work: Work, number: int) -> list[QuestionRow]:
    """What the viewer is asked about looking after a problem: nothing across a block, or by a quiet question."""
    found = await _own_questions(work, number)
    to_me = [row for row in found if row.awaited_id == work.viewer.id and not row.is_quiet]
    return [row for row in to_me if await are_at_peace(work, row.awaited_id, [row.person_id, row.named_by_id])]


async def questions_by(work: Work, number: int) -> list[QuestionRow]:
    """What the viewer has asked about it, and waits for an answer."""
    return [row for row in await _own_questions(work, number) if work.viewer.id in row.asker_ids]


async def _own_questions(work: Work, number: int) -> list[QuestionRow]:
    if not work.viewer.signed_in:
        return []
    return [QuestionRow(*row) for row in await work.fetch(_QUESTIONS, number=number, mine=work.viewer.id)]


async def are_at_peace(work: Work, one: int | None, others: Sequence[int | None]) -> bool:
    """Whether no block stands between somebody and any of the others, either way round."""
    conditions = [not_blocked(one, other) for other in others if other is not None and other != one]
    if one is None or not conditions:
        return True
    return bool(await work.session.scalar(select(*conditions[:1]).where(*conditions[1:])))


async def find_convening_to_change(work: Work, convening_id: int) -> tuple[Convening, Problem]:
    """A convening and its problem, both locked: the problem first, as everywhere. Raises Missing."""
    number = await work.session.scalar(select(Convening.problem_id).where(Convening.id == convening_id))
    if number is None:
        raise Missing
    problem = await find_problem_to_change(work, number)
    found = select(Convening).where(Convening.id == convening_id).with_for_update()
    return (await work.session.execute(found)).scalar_one(), problem


async def find_running(work: Work, number: int) -> Convening | None:
    """Who looks after a problem that the caller holds locked, to be changed."""
    running = select(Convening).where(Convening.problem_id == number, _RUNS).with_for_update()
    return await work.session.scalar(running)


async def waiting_on(work: Work, number: int) -> Sequence[Convening]:
    """Who would look after a problem, or is asked to; the caller holds it locked."""
    waiting = select(Convening).where(Convening.problem_id == number, _WAITS).order_by(Convening.id)
    return (await work.session.scalars(waiting.with_for_update())).all()


async def lately_in_vain(work: Work, number: int, person_id: int) -> list[policy.Past]:
    """What was asked about somebody's looking after a problem, and came to nothing less than a week ago."""
    found = await work.session.execute(
        select(Convening.named_by_id, Convening.agreed_at.is_not(None), Convening.how, Convening.is_quiet).where(
            Convening.problem_id == number,
            Convening.person_id == person_id,
            Convening.how.in_(("declined", "unanswered", "withdrawn")),
            Convening.ended_at > work.now - policy.QUESTION_WAITS,
        )
    )
    return [policy.Past(*row) for row in found]


async def find_member_called(work: Work, number: int, handle: str) -> int | None:
    """The id of one of the people on a problem, its poster aside; None for who is not one of them."""
    found: int | None = await work.session.scalar(
        select(Member.person_id)
        .join(Person, Person.id == Member.person_id)
        .join(Problem, Problem.id == Member.problem_id)
        .where(
            Member.problem_id == number,
            Member.left_at.is_(None),
            Problem.poster_id.is_distinct_from(Member.person_id),
            Person.handle == handle.strip().removeprefix("@").lower(),
        )
    )
    return found


async def convenings_over(work: Work) -> list[int]:
    """Those whose time is over."""
    due = select(Convening.id).where(_RUNS, Convening.ends_at <= work.now)
    return list(await work.session.scalars(due.order_by(Convening.id).limit(MOST_AT_ONCE)))


async def convenings_nearly_over(work: Work) -> list[int]:
    """Those that end soon, and nobody has said so yet."""
    due = select(Convening.id).where(
        _RUNS, Convening.ends_at <= work.now + policy.REMINDED_BEFORE, Convening.reminded_at.is_(None)
    )
    return list(await work.session.scalars(due.order_by(Convening.id).limit(MOST_AT_ONCE)))


async def questions_in_vain(work: Work) -> list[int]:
    """Those whose question nobody has answered for too long."""
    due = select(Convening.id).where(_WAITS, Convening.asked_at <= work.now - policy.QUESTION_WAITS)
    return list(await work.session.scalars(due.order_by(Convening.id).limit(MOST_AT_ONCE)))
