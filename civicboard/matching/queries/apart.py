"""Whether two may meet in a match."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import BigInteger, literal, select

from civicboard.kit.work import Work
from civicboard.networks.queries.apart import unblocked


async def may_meet(work: Work, person_id: int, others: Iterable[int | None], problem_id: int) -> bool:
    """Whether no block stands between a person and those of a problem."""
    given = literal(person_id, BigInteger)
    found: bool | None = await work.session.scalar(select(unblocked(given, others, problem_id)))
    return bool(found)
