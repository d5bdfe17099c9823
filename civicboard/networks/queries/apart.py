"""Who never meets whom: the condition that keeps blocked people out of each other's matches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from civicboard.networks.models import Convening, Member
from civicboard.people.models import Block
from civicboard.problems.models import Problem


def numbers(ids: Iterable[int | None]) -> ColumnElement[Any]:
    return literal(sorted(one for one in set(ids) if one is not None), ARRAY(BigInteger))


def unblocked(
    person_id: Any, others: Iterable[int | None] | ColumnElement[Any], problem_id: Any
) -> ColumnElement[bool]:
    """No block stands between them and any of the ``others``, or anybody who is in the problem or looks after it.

    It counts either way round.
    ``others`` are ids, or an array of columns; ``problem_id`` is a number, or the column of a ``Problem``.
    """
    block, member, convening = aliased(Block), aliased(Member), aliased(Convening)
    theirs = others if isinstance(others, ColumnElement) else numbers(others)
    in_it = select(member.person_id).where(member.problem_id == problem_id, member.left_at.is_(None)).correlate(Problem)
    runs = convening.began_at.is_not(None) & convening.ended_at.is_(None)
    has_it = select(convening.person_id).where(convening.problem_id == problem_id, runs).correlate(Problem)

    def is_one(other: Any) -> ColumnElement[bool]:
        return or_(other == any_(theirs), other.in_(in_it), other.in_(has_it))

    mine = and_(block.person_id == person_id, is_one(block.blocked_id))
    of_me = and_(block.blocked_id == person_id, is_one(block.person_id))
    return ~select(block.person_id).where(mine).exists() & ~select(block.person_id).where(of_me).exists()
