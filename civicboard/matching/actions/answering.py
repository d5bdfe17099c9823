"""Answering when one is asked: yes, not now, not me; and taking an ask back."""

from __future__ import annotations

from collections.abc import Sequence

from civicboard.kit.work import Conflict, Missing, Work, require
from civicboard.matching.actions.asking import pass_on
from civicboard.matching.actions.delivering import let_go
from civicboard.matching.events import AskAnswered
from civicboard.matching.models import Ask
from civicboard.matching.policy import asking
from civicboard.matching.policy.config import MatchingConfig
from civicboard.matching.queries.apart import may_meet
from civicboard.matching.queries.standing import find_ask_for, find_ask_to_change, has_passed_on, introducer_of
from civicboard.offers.actions import offer_when_asked
from civicboard.offers.models import Need
from civicboard.problems.models import Problem

NOT_YOURS = "Only the person who is asked can answer."
OVER = "This is no longer needed. Thank you for having had a look."
SAID_YES = "You have said yes already. If it no longer fits, withdraw your offer: its page has a button for that."


async def accept_ask(
    work: Work, ask_id: int, *, words: str = "", contact: str = "", contact_named: Sequence[int] | None = None
) -> int:
    """Say yes: the viewer offers what is needed. Returns the offer's id; saying it twice counts once.

    Asked by who posted the problem, or who looks after it, they are welcome at once, and each sees how to reach the
    other, as far as they said it: the viewer's ``contact`` is for those whom the form named, ``contact_named``.
    Somebody may say yes after a no. Raises Conflict for what is over, Unfit where others would see that contact.
    """
    ask, need, problem = await _begin(work, ask_id)
    if ask.state == "yes":
        if ask.offer_id is None:
            raise Conflict(OVER)
        return ask.offer_id
    if not asking.takes_answers(ask.state) or asking.is_over(need_state=need.state, stage=problem.stage):
        raise Conflict(OVER)
    offer_id = await offer_when_asked(
        work,
        need.id,
        asked_by_id=ask.by_id,
        what=f"Help with “{need.what}”",
        words=words,
        hours=need.hours,
        contact=contact,
        contact_named=contact_named,
        their_contact=ask.contact,
        introduced_by_id=await introducer_of(work, ask),
    )
    ask.offer_id = offer_id
    _answer(work, ask, problem.id, "yes")
    return offer_id


async def decline_ask(work: Work, ask_id: int) -> None:
    """Not now. It is asked no more for this need. Saying it twice counts once."""
    ask, _, problem = await _begin(work, ask_id)
    _require_open(ask)
    if ask.state != "not_now":
        _answer(work, ask, problem.id, "not_now")


async def decline_for_another(work: Work, ask_id: int, *, config: MatchingConfig, instead: str = "") -> None:
    """Not me; ``instead`` is the handle of somebody whom the viewer thinks of: they are asked in the viewer's place.

    An ask is passed on once. Raises Unfit for somebody who can't be meant.
    """
    ask, need, problem = await _begin(work, ask_id)
    _require_open(ask)
    over = asking.is_over(need_state=need.state, stage=problem.stage)
    if instead and not over and not await has_passed_on(work, ask.id):
        await pass_on(work, ask, need, problem, instead, config=config)
    if ask.state != "not_me":
        _answer(work, ask, problem.id, "not_me")


async def withdraw_ask(work: Work, ask_id: int) -> None:
    """Take back what one has asked and nobody answered yet. Taking it back twice counts once."""
    ask, _, problem = await find_ask_to_change(work, ask_id)
    if not asking.may_withdraw(work.viewer, ask.by_id) or not ask.named:
        raise Missing
    if ask.state in asking.STANDING:
        let_go(work, ask, problem.id, "called_off")


async def note_offer(work: Work, need_id: int, problem_id: int, helper_id: int, offer_id: int) -> None:
    """What follows when somebody offers by themselves what they were asked for: that is a yes.

    What they were still to be asked is called off. Whoever asked without a name reads the offer like everybody else,
    but not that it was this person whom they had asked: that would have been told with a yes to the ask, and with
    nothing else. So the ask ends as one without an answer; only its person sees that their offer came of it.
    """
    ask = await find_ask_for(work, need_id, helper_id)
    if ask is None or ask.state == "yes":
        return
    if ask.asked_at is None:
        if ask.state == "waiting":
            let_go(work, ask, problem_id, "called_off")
    elif ask.named or ask.by_id is None:
        ask.offer_id = offer_id
        _answer(work, ask, problem_id, "yes")
    elif ask.state == "asked":
        ask.offer_id = offer_id
        let_go(work, ask, problem_id, "lapsed")


async def _begin(work: Work, ask_id: int) -> tuple[Ask, Need, Problem]:
    """What the viewer was asked, locked. Raises Missing for what they were not, and across a block."""
    require(work.viewer.signed_in, NOT_YOURS)
    ask, need, problem = await find_ask_to_change(work, ask_id)
    if not asking.may_answer(work.viewer, ask.person_id) or ask.asked_at is None:
        raise Missing
    if not await may_meet(work, ask.person_id, [ask.by_id, problem.poster_id, need.by_id], problem.id):
        raise Missing
    return ask, need, problem


def _require_open(ask: Ask) -> None:
    if ask.state == "yes":
        raise Conflict(SAID_YES)
    if not asking.takes_answers(ask.state):
        raise Conflict(OVER)


def _answer(work: Work, ask: Ask, problem_id: int, state: str) -> None:
    ask.state, ask.answered_at, ask.contact = state, work.now, ""
    work.record(AskAnswered(problem_id, ask.need_id, ask.id, ask.person_id))
