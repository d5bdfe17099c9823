"""What the clock and the worker do with asks: put them when it suits their person, and let them go."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from civicboard.kit.days import has_passed
from civicboard.kit.work import Missing, Work
from civicboard.matching.events import AskEnded, PersonAsked
from civicboard.matching.models import Ask
from civicboard.matching.policy import asking
from civicboard.matching.queries.apart import may_meet
from civicboard.matching.queries.standing import find_ask_to_change, standing_asks
from civicboard.matching.queries.turns import asked_lately, find_ask_preferences
from civicboard.offers.models import Need
from civicboard.problems.models import Problem


async def deliver_ask(work: Work, ask_id: int, *, zone: ZoneInfo) -> None:
    """Put an ask to its person, if they may be asked at this moment; else it waits until they may.

    Doing it again does nothing. Whatever is asked of one person is asked one after the other, so that two workers at
    once don't ask them too often.
    """
    try:
        ask, need, problem = await find_ask_to_change(work, ask_id)
    except Missing:
        return
    if ask.state != "waiting":
        return
    if not _is_of_use(work, ask, need, problem):
        let_go(work, ask, problem.id, "called_off")
        return
    await work.one_at_a_time(f"asks:{ask.person_id}")
    preferences = await find_ask_preferences(work, ask.person_id, zone)
    due = asking.when_to_ask(work.now, await asked_lately(work, ask.person_id), preferences)
    parties = [ask.by_id, problem.poster_id, need.by_id]
    if due is None or not await may_meet(work, ask.person_id, parties, problem.id):
        _hold_back(work, ask, problem.id)
    elif work.now - ask.made_at > asking.WAITS_AT_MOST:
        let_go(work, ask, problem.id, "lapsed")
    elif due > work.now:
        ask.due_at = due
    else:
        ask.state, ask.asked_at = "asked", work.now
        work.record(PersonAsked(problem.id, need.id, ask.id, ask.person_id))


def _is_of_use(work: Work, ask: Ask, need: Need, problem: Problem) -> bool:
    """Whether an answer is wanted still. What the board asks by itself it asks only while nobody is on it."""
    over = asking.is_over(need_state=need.state, stage=problem.stage) or has_passed(need.by, work.now)
    return not over and (ask.by_id is not None or need.state == "open")


def _hold_back(work: Work, ask: Ask, problem_id: int) -> None:
    """They want no asks any more, or nothing to do with somebody there: that is theirs to know.

    Who asked them by name sees what they see of one who doesn't answer, for as long. Any other ask nobody sees.
    """
    if not ask.named:
        let_go(work, ask, problem_id, "called_off")
    elif asking.has_lapsed(ask.made_at, work.now):
        let_go(work, ask, problem_id, "lapsed")
    elif ask.due_at <= work.now:
        ask.due_at = work.now + asking.ANSWER_WITHIN


async def lapse_ask(work: Work, ask_id: int) -> None:
    """Nobody has answered for too long. Nothing for one that is not due any more."""
    try:
        ask, _, problem = await find_ask_to_change(work, ask_id)
    except Missing:
        return
    if ask.state == "asked" and ask.asked_at is not None and asking.has_lapsed(ask.asked_at, work.now):
        let_go(work, ask, problem.id, "lapsed")


async def call_off(work: Work, problem_id: int, need_id: int | None = None) -> None:
    """What follows when a need is met or no longer there, or its problem is sorted: nobody has to answer any more."""
    for ask in await standing_asks(work, problem_id=problem_id, need_id=need_id):
        let_go(work, ask, problem_id, "called_off")


def let_go(work: Work, ask: Ask, problem_id: int, state: str) -> None:
    """End an ask that the caller holds locked; how who asked can be reached is forgotten with it."""
    was_put = ask.state == "asked"
    ask.state, ask.contact = state, ""
    if was_put:
        work.record(AskEnded(problem_id, ask.need_id, ask.id, ask.person_id))
