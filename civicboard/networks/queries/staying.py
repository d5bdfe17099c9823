"""Networks that stay together after their problem."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, tuple_

from civicboard.kit.text import searchable
from civicboard.kit.work import Missing, Work
from civicboard.networks.models import MembersPost, Network
from civicboard.people.models import Person
from civicboard.problems.models import STAGES, Problem

#: Networks on one page of the list.
A_LIST = 30


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A network as everybody sees it: what it is called, what it can do, and round which problem it grew."""

    problem_id: int
    name: str
    about: str
    stays: bool
    changed_at: datetime | None
    changed_by: str | None
    changed_by_handle: str | None
    title: str
    slug: str
    stage: str
    member_count: int
    poster_id: int | None

    @property
    def path(self) -> str:
        return f"/problems/{self.problem_id}/network"

    @property
    def problem_path(self) -> str:
        return f"/problems/{self.problem_id}/{self.slug}"

    @property
    def stage_words(self) -> str:
        return STAGES[self.stage]

    @property
    def people(self) -> int:
        return self.member_count + (self.poster_id is not None)


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Network.problem_id,
            Network.name,
            Network.about,
            Network.stays,
            Network.changed_at,
            Person.name.label("changed_by"),
            Person.handle.label("changed_by_handle"),
            Problem.title,
            Problem.slug,
            Problem.stage,
            Problem.member_count,
            Problem.poster_id,
        )
        .join(Problem, Problem.id == Network.problem_id)
        .outerjoin(Person, Person.id == Network.changed_by_id)
    )


async def find_agreed(work: Work, number: int) -> NetworkRow | None:
    """What the people round a problem have agreed about themselves; None when they never have."""
    found = (await work.session.execute(_rows().where(Network.problem_id == number))).first()
    return NetworkRow(*found) if found else None


async def find_network(work: Work, number: int) -> NetworkRow:
    """A network that stays together. Raises Missing."""
    found = await find_agreed(work, number)
    if found is None or not found.stays:
        raise Missing
    return found


async def networks_staying(
    work: Work, *, words: str = "", after: tuple[datetime, int] | None = None
) -> tuple[list[NetworkRow], bool]:
    """Networks that stay together, the newest first, with these words in what they say or did; and whether more follow.

    ``after`` is when the last one of the page before was changed, and its number.
    """
    rows = _rows().where(Network.stays)
    if words:
        query = func.websearch_to_tsquery("civic", searchable(words))
        rows = rows.where(or_(Network.search.op("@@")(query), Problem.search.op("@@")(query)))
    if after is not None:
        rows = rows.where(tuple_(Network.changed_at, Network.problem_id) < tuple_(*after))
    newest = rows.order_by(Network.changed_at.desc(), Network.problem_id.desc()).limit(A_LIST + 1)
    found = [NetworkRow(*row) for row in await work.session.execute(newest)]
    return found[:A_LIST], len(found) > A_LIST


async def invited_to(work: Work, number: int) -> set[int]:
    """The networks that were asked to join in on a problem, by the numbers of their own."""
    found = await work.session.scalars(select(MembersPost.problem_id).where(MembersPost.invites_to_id == number))
    return set(found)
