"""Every SELECT about progress."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, select

from civicboard.kit.reads import Statement
from civicboard.kit.work import Missing, Work, find_sent
from civicboard.people.models import Person
from civicboard.problems.models import STAGES
from civicboard.progress.models import StageChange

#: The most changes of stage that a problem's page shows, the newest ones.
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class StageRow:
    """A change of stage as the timeline shows it."""

    id: int
    problem_id: int
    from_stage: str
    to_stage: str
    why: str
    changed_at: datetime
    by_name: str
    by_handle: str

    @property
    def from_words(self) -> str:
        return STAGES[self.from_stage]

    @property
    def to_words(self) -> str:
        return STAGES[self.to_stage]

    @property
    def order(self) -> int:
        """Its place in the timeline: microseconds since 1970."""
        return int(self.changed_at.timestamp() * 1_000_000)


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        StageChange.id,
        StageChange.problem_id,
        StageChange.from_stage,
        StageChange.to_stage,
        StageChange.why,
        StageChange.changed_at,
        Person.name.label("by_name"),
        Person.handle.label("by_handle"),
    ).join(Person, Person.id == StageChange.by_id)


async def find_stage_change(work: Work, change_id: int) -> StageRow:
    """One change of stage. Raises Missing."""
    found = (await work.session.execute(_rows().where(StageChange.id == change_id))).mappings().first()
    if found is None:
        raise Missing
    return StageRow(**found)


async def find_sent_stage_change(work: Work, form_key: str | None) -> StageChange | None:
    """The change of stage that the viewer has made with this sending of the form."""
    return await find_sent(work, StageChange, form_key, by=StageChange.by_id)


_ON = Statement(
    _rows()
    .where(StageChange.problem_id == bindparam("number", type_=BigInteger))
    .order_by(StageChange.id.desc())
    .limit(MOST_SHOWN)
)


async def stage_changes_on(work: Work, number: int) -> list[StageRow]:
    """How a problem has moved, in the order it happened."""
    return [StageRow(*row) for row in reversed(await work.fetch(_ON, number=number))]
