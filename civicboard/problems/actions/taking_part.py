"""This affects me too, and following: said once, counted once, taken back at any time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Work, require
from civicboard.problems import policy
from civicboard.problems.actions.posting import SIGN_IN
from civicboard.problems.events import AffectedChanged, FollowChanged
from civicboard.problems.models import Affected, Follow, Problem
from civicboard.problems.queries import find_problem_to_change


async def say_affected(work: Work, number: int) -> None:
    """This affects me too. Saying it twice counts once."""
    problem = await _find_to_take_part(work, number)
    if await _say(work, Affected, problem, said_at=work.now):
        _count_affected(work, problem, 1)


async def take_back_affected(work: Work, number: int) -> None:
    problem = await _find_to_take_part(work, number)
    if await _take_back(work, Affected, problem):
        _count_affected(work, problem, -1)


async def follow(work: Work, number: int) -> None:
    """Hear when it moves. Following twice counts once."""
    problem = await _find_to_take_part(work, number)
    if await follow_too(work, problem):
        work.record(FollowChanged(number))


async def follow_too(work: Work, problem: Problem) -> bool:
    """Follow a problem that another deed has locked already, as part of that deed. False for who follows it already."""
    added = await _say(work, Follow, problem, since=work.now)
    problem.follower_count += added
    return added


async def stop_following(work: Work, number: int) -> None:
    problem = await _find_to_take_part(work, number)
    if await _take_back(work, Follow, problem):
        problem.follower_count -= 1
        work.record(FollowChanged(number))


async def _find_to_take_part(work: Work, number: int) -> Problem:
    require(policy.may_take_part(work.viewer), SIGN_IN)
    return await find_problem_to_change(work, number)


async def _say(work: Work, table: type[Affected | Follow], problem: Problem, **when: datetime) -> bool:
    """Put the viewer's row into the table. False when it was there already."""
    added = await work.session.execute(
        insert(table)
        .values(problem_id=problem.id, person_id=work.viewer.id, **when)
        .on_conflict_do_nothing()
        .returning(table.person_id)
    )
    return added.first() is not None


async def _take_back(work: Work, table: type[Affected | Follow], problem: Problem) -> bool:
    """Take the viewer's row out of the table. False when there was none."""
    gone = await work.session.execute(
        delete(table)
        .where(table.problem_id == problem.id, table.person_id == work.viewer.id)
        .returning(table.person_id)
    )
    return gone.first() is not None


def _count_affected(work: Work, problem: Problem, more: int) -> None:
    problem.affected_count += more
    # A tap, which can be taken back, is no movement: it must not lift a problem to the top again and again.
    problem.version += 1
    work.record(AffectedChanged(problem.id))
