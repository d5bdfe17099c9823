"""This affects me too, and following: said once, counted once, taken back at any time."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Work, require
from civicboard.problems import policy
from civicboard.problems.events import AffectedChanged
from civicboard.problems.models import Affected, Follow
from civicboard.problems.queries import find_problem_to_change

SIGN_IN = "Please sign in first."


async def say_affected(work: Work, number: int) -> None:
    """This affects me too. Saying it twice counts once."""
    require(policy.may_take_part(work.viewer), SIGN_IN)
    problem = await find_problem_to_change(work, number)
    added = await work.session.execute(
        insert(Affected)
        .values(problem_id=number, person_id=work.viewer.id, said_at=work.now)
        .on_conflict_do_nothing()
        .returning(Affected.person_id)
    )
    if added.first():
        problem.affected_count += 1
        # A tap, which can be taken back, is no movement: it must not lift a problem to the top again and again.
        problem.version += 1
        work.record(AffectedChanged(number))


async def take_back_affected(work: Work, number: int) -> None:
    require(policy.may_take_part(work.viewer), SIGN_IN)
    problem = await find_problem_to_change(work, number)
    gone = await work.session.execute(
        delete(Affected)
        .where(Affected.problem_id == number, Affected.person_id == work.viewer.id)
        .returning(Affected.person_id)
    )
    if gone.first():
        problem.affected_count -= 1
        problem.version += 1
        work.record(AffectedChanged(number))


async def follow(work: Work, number: int) -> None:
    """Hear when it moves. Following twice counts once."""
    require(policy.may_take_part(work.viewer), SIGN_IN)
    problem = await find_problem_to_change(work, number)
    added = await work.session.execute(
        insert(Follow)
        .values(problem_id=number, person_id=work.viewer.id, since=work.now)
        .on_conflict_do_nothing()
        .returning(Follow.person_id)
    )
    if added.first():
        problem.follower_count += 1


async def stop_following(work: Work, number: int) -> None:
    require(policy.may_take_part(work.viewer), SIGN_IN)
    problem = await find_problem_to_change(work, number)
    gone = await work.session.execute(
        delete(Follow)
        .where(Follow.problem_id == number, Follow.person_id == work.viewer.id)
        .returning(Follow.person_id)
    )
    if gone.first():
        problem.follower_count -= 1
