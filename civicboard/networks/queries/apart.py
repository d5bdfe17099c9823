"""Who never meets whom: the condition that keeps blocked people out of each other's matches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from civicboard.networks.models import Member
from civicboard.people.models import Block
from civicboard.problems.models import Problem


def numbers(ids: Iterable[int | None]) -> ColumnElement[Any]:
    return literal(sorted(one for one in set(ids) if one is not None), ARRAY(BigInteger))


def unblocked(
    person_id: Any, others: Iterable[int | None] | ColumnElement[Any], problem_id: Any
) -> ColumnElement[bool]:
    """No block stands between them and any of the ``others``, or anybody who is in the problem, either way round.

    ``others`` are ids, or an array of columns; ``problem_id`` is a number, or the column of a ``Problem``.
    """
    block, member = aliased(Block), aliased(Member)
    theirs = others if isinstance(others, ColumnElement) else numbers(others)
    in_it = select(member.person_id).where(member.problem_id == problem_id, member.left_at.is_(None)).correlate(Problem)
    mine = and_(block.person_id == person_id, or_(block.blocked_id == any_(theirs), block.blocked_id.in_(in_it)))
    of_me = and_(block.blocked_id == person_id, or_(block.person_id == any_(theirs), block.person_id.in_(in_it)))
    return ~select(block.person_id).where(mine).exists() & ~select(block.person_id).where(of_me).exists()
