"""Looking after a problem: from when it begins until it is put down, handed on or over."""

from __future__ import annotations

from civicboard.kit.work import Conflict, Work, require
from civicboard.networks import policy
from civicboard.networks.events import (
    ConveningEnded,
    ConveningReminded,
    ConveningRenewed,
    ConveningSettled,
    ConveningStarted,
)
from civicboard.networks.models import Convening
from civicboard.networks.queries import find_convening_to_change, find_running, waiting_on
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem_to_change

SIGN_IN = "Please sign in to look after a problem."
TAKEN = "Somebody looks after this problem already. When they put it down, or their time is over, it can be you."
NOT_CONVENOR = "Only the person who looks after this problem can do that."


async def begin_convening(work: Work, convening: Convening, problem: Problem) -> None:
    """From now on they look after it. Whoever did hands it on, if they have named them; others are told of it."""
    running = await find_running(work, problem.id)
    if running is not None:
        if running.person_id != convening.named_by_id:
            raise Conflict(TAKEN)
        _end(work, running, problem, "handed_on")
        await work.session.flush()  # before the next one begins: only one can run
    convening.began_at, convening.ends_at = work.now, work.now + policy.CONVENES_FOR
    problem.convenor_id = convening.person_id
    problem.version += 1
    await work.session.flush()
    work.record(ConveningStarted(problem.id, convening.id))
    for other in await waiting_on(work, problem.id):
        settle_question(work, other, problem, "overtaken")


async def renew_convening(work: Work, number: int) -> None:
    """Look after it for another 30 days from now."""
    convening, problem = await _find_own(work, number)
    require(convening is not None, NOT_CONVENOR)
    assert convening is not None
    ends_at = work.now + policy.CONVENES_FOR
    if convening.ends_at == ends_at:
        return
    convening.ends_at, convening.reminded_at = ends_at, None
    work.record(ConveningRenewed(problem.id, convening.id))


async def put_down(work: Work, number: int) -> None:
    """Look after it no more. Putting it down twice counts once."""
    convening, problem = await _find_own(work, number)
    if convening is not None:
        _end(work, convening, problem, "put_down")


async def end_convenings_of(work: Work, problem: Problem, person_id: int) -> None:
    """Whoever steps out of a problem's people looks after it no more, and isn't asked to. The problem is locked."""
    running = await find_running(work, problem.id)
    if running is not None and running.person_id == person_id:
        _end(work, running, problem, "left")
    for one in await waiting_on(work, problem.id):
        if one.person_id == person_id:
            settle_question(work, one, problem, "withdrawn")


async def lapse_convening(work: Work, convening_id: int) -> None:
    """The clock's: its time is over. Nothing for one that was renewed meanwhile, or has ended."""
    convening, problem = await find_convening_to_change(work, convening_id)
    if _runs(convening) and policy.is_over(convening.ends_at, work.now):
        _end(work, convening, problem, "lapsed")


async def remind_convenor(work: Work, convening_id: int) -> None:
    """The clock's: it ends in a few days. Once for each end."""
    convening, problem = await find_convening_to_change(work, convening_id)
    near = policy.is_nearly_over(convening.ends_at, work.now)
    if _runs(convening) and near and convening.reminded_at is None:
        convening.reminded_at = work.now
        work.record(ConveningReminded(problem.id, convening.id))


def settle_question(work: Work, convening: Convening, problem: Problem, how: str) -> None:
    """A question is over, and nothing began with it."""
    convening.ended_at, convening.how = work.now, how
    work.record(ConveningSettled(problem.id, convening.id))


async def _find_own(work: Work, number: int) -> tuple[Convening | None, Problem]:
    """The viewer's own convening that runs, None where they have none, and the problem, locked."""
    require(work.viewer.signed_in, SIGN_IN)
    problem = await find_problem_to_change(work, number)
    own = policy.convenes(work.viewer, problem.convenor_id)
    return await find_running(work, number) if own else None, problem


def _end(work: Work, convening: Convening, problem: Problem, how: str) -> None:
    convening.ended_at, convening.how = work.now, how
    problem.convenor_id = None
    # Who puts it down must not lift a problem to the top of the board.
    problem.version += 1
    work.record(ConveningEnded(problem.id, convening.id))


def _runs(convening: Convening) -> bool:
    return convening.began_at is not None and convening.ended_at is None
