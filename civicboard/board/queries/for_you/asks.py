"""Asks that wait for a person's answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from civicboard.kit.work import Work
from civicboard.matching.models import Ask
from civicboard.matching.queries.asks import in_peace
from civicboard.offers.models import Need
from civicboard.people.models import Person
from civicboard.problems.models import Problem

MOST_ASKS = 10


@dataclass(frozen=True, slots=True)
class AskRow:
    """That somebody asks a person for help with one need, and why them."""

    id: int
    why: Sequence[str]
    words: str
    asked_at: datetime | None
    what: str
    hours: float | None
    by_name: str | None
    problem_id: int
    problem_title: str
    problem_slug: str

    @property
    def path(self) -> str:
        return f"/asks/{self.id}"


async def asks_of(work: Work, person_id: int) -> list[AskRow]:
    """What a person is asked and has not answered, the newest first, without what is across a block."""
    found = await work.session.execute(
        select(
            Ask.id,
            Ask.why,
            Ask.words,
            Ask.asked_at,
            Need.what,
            Need.hours,
            Person.name.label("by_name"),
            Problem.id.label("problem_id"),
            Problem.title.label("problem_title"),
            Problem.slug.label("problem_slug"),
        )
        .join(Need, Need.id == Ask.need_id)
        .join(Problem, Problem.id == Need.problem_id)
        .outerjoin(Person, Person.id == Ask.by_id)
        .where(
            Ask.person_id == person_id,
            Ask.state == "asked",
            in_peace(),
        )
        .order_by(Ask.asked_at.desc(), Ask.id.desc())
        .limit(MOST_ASKS)
    )
    return [AskRow(**row) for row in found.mappings()]
