"""What the clock and the worker do with asks: put them when it suits their person, and let them go."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from civicboard.kit.work import Missing, Work
from civicboard.matching.events import AskEnded, PersonAsked
from civicboard.matching.models import Plea
from civicboard.matching.policy import asking
from civicboard.matching.queries.apart import may_meet
from civicboard.matching.queries.pleas import find_plea_to_change, standing_pleas
from civicboard.matching.queries.turns import asked_lately, find_peace
from civicboard.offers.models import Need
from civicboard.problems.models import Problem


async def deliver_ask(work: Work, plea_id: int, *, zone: ZoneInfo) -> None:
    """Put an ask to its person, if they may be asked at this moment; else it waits until they may.

    Doing it again does nothing. Whatever is asked of one person is asked one after the other, so that two workers at
    once don't ask them too often.
    """
    try:
        plea, need, problem = await find_plea_to_change(work, plea_id)
    except Missing:
        return
    if plea.state != "waiting":
        return
    if not await _is_of_use(work, plea, need, problem):
        end(work, plea, problem, "called_off")
        return
    await work.one_at_a_time(f"asks:{plea.person_id}")
    peace = await find_peace(work, plea.person_id, zone)
    due = asking.when_to_ask(work.now, await asked_lately(work, plea.person_id), peace)
    if due is None:
        end(work, plea, problem, "called_off")
    elif due > work.now:
        plea.due_at = due
    else:
        plea.state, plea.asked_at = "asked", work.now
        work.record(PersonAsked(problem.id, need.id, plea.id, plea.person_id))


async def _is_of_use(work: Work, plea: Plea, need: Need, problem: Problem) -> bool:
    """Whether it should be asked still."""
    over = asking.is_over(need_state=need.state, stage=problem.stage) or asking.has_passed(need.by, work.now)
    # What the board asks by itself it asks only while nobody is on it.
    if over or (plea.by_id is None and need.state != "open") or work.now - plea.made_at > asking.WAITS_AT_MOST:
        return False
    return await may_meet(work, plea.person_id, [plea.by_id, problem.poster_id, need.by_id], problem.id)


async def lapse_ask(work: Work, plea_id: int) -> None:
    """Nobody has answered for too long. Nothing for one that is not due any more."""
    try:
        plea, _, problem = await find_plea_to_change(work, plea_id)
    except Missing:
        return
    if plea.state == "asked" and plea.asked_at is not None and asking.has_lapsed(plea.asked_at, work.now):
        end(work, plea, problem, "lapsed")


async def call_off(work: Work, problem_id: int, need_id: int | None = None) -> None:
    """What follows when a need is met or no longer there, or its problem is sorted: nobody has to answer any more."""
    for plea in await standing_pleas(work, problem_id=problem_id, need_id=need_id):
        _end(work, plea, problem_id, "called_off")


def end(work: Work, plea: Plea, problem: Problem, state: str) -> None:
    """Let an ask go, which the caller holds locked; how who asked can be reached is forgotten with it."""
    _end(work, plea, problem.id, state)


def _end(work: Work, plea: Plea, problem_id: int, state: str) -> None:
    was_put = plea.state == "asked"
    plea.state, plea.contact = state, ""
    if was_put:
        work.record(AskEnded(problem_id, plea.need_id, plea.id, plea.person_id))
