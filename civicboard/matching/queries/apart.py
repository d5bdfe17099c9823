"""Whether two may meet in a match, and lists as parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from civicboard.kit.work import Work
from civicboard.networks.queries.apart import unblocked


def texts(words: Iterable[str]) -> ColumnElement[Any]:
    return literal(sorted(words), ARRAY(Text))


async def may_meet(work: Work, person_id: int, others: Iterable[int | None], problem_id: int) -> bool:
    """Whether no block stands between a person and those of a problem."""
    given = literal(person_id, BigInteger)
    found: bool | None = await work.session.scalar(select(unblocked(given, others, problem_id)))
    return bool(found)
