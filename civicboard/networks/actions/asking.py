"""Asking who looks after a problem: coming forward, being asked, yes, not now, and taking it back."""

from __future__ import annotations

from civicboard.kit.work import Conflict, Missing, Unfit, Work, require
from civicboard.networks import policy
from civicboard.networks.actions.convening import SIGN_IN, TAKEN, begin_convening, settle_question
from civicboard.networks.events import ConveningAsked
from civicboard.networks.models import Convening
from civicboard.networks.queries import (
    are_at_peace,
    find_convening_to_change,
    find_member_called,
    is_involved,
    lately_in_vain,
    waiting_on,
)
from civicboard.problems.actions import follow_too
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem_to_change

NOT_INVOLVED = (
    "A problem is looked after by somebody who has to do with it. Follow it, or say that it affects you too, and come "
    "back."
)
OWN_PROBLEM = "You posted this problem, so you answer for it as it is. Looking after it is for somebody else."
SAID_NO = "The answer was “not now”, less than a week ago. Let it rest for a while."
RESTS = "You asked that less than a week ago, and it came to nothing. Let it rest for a while."
MAY_NOT_NAME = "Only who looks after a problem can hand it on. While nobody does, whoever posted it can ask somebody."
NOBODY = "Please choose one of the people on this problem."
ONE_AT_A_TIME = "You have asked somebody already. Wait for their answer, or take the question back first."
NO_MORE = "This question is no longer open."


async def look_after(work: Work, number: int) -> None:
    """Come forward to look after a problem. It begins with the yes of who posted it; at once where nobody here did.

    Twice counts once; for who is asked to already, it is their yes, but not across a block. Raises Conflict where
    somebody looks after it already, and soon after it came to nothing.
    """
    require(work.viewer.signed_in, SIGN_IN)
    problem = await find_problem_to_change(work, number)
    involved = await is_involved(work, number, problem.poster_id)
    require(work.viewer.id != problem.poster_id, OWN_PROBLEM)
    require(policy.may_convene(work.viewer, involved=involved, poster_id=problem.poster_id), NOT_INVOLVED)
    assert work.viewer.id is not None  # the policy has just said so
    if problem.convenor_id == work.viewer.id:
        return
    if problem.convenor_id is not None:
        raise Conflict(TAKEN)
    for one in await waiting_on(work, number):
        if one.person_id == work.viewer.id and (one.named_by_id is None or await _is_at_peace(work, one)):
            return await _agree(work, one, problem)
    await _rests(work, number, work.viewer.id)
    convening = await _put(work, problem, work.viewer.id)
    await follow_too(work, problem)
    if policy.needs_the_posters_yes(problem.poster_id):
        work.record(ConveningAsked(number, convening.id))
    else:
        await begin_convening(work, convening, problem)


async def name_convenor(work: Work, number: int, handle: str) -> str:
    """Ask one of the people on it to look after a problem: the convenor hands it on, or the poster asks for one.

    Returns ``asked`` (once or twice), ``stands`` where somebody else has asked them, or ``began`` where they had come
    forward. Raises Unfit for who is not one of the people, Conflict beside another question and soon after one in vain.
    """
    require(work.viewer.signed_in, SIGN_IN)
    problem = await find_problem_to_change(work, number)
    require(policy.may_name(work.viewer, poster_id=problem.poster_id, convenor_id=problem.convenor_id), MAY_NOT_NAME)
    person_id = await find_member_called(work, number, handle)
    if person_id is None or person_id == work.viewer.id:
        raise Unfit("who", NOBODY)
    waiting = await waiting_on(work, number)
    for one in waiting:
        if one.person_id == person_id and _awaited(one, problem) == work.viewer.id and await _is_at_peace(work, one):
            await _agree(work, one, problem)
            return "began"
    for one in waiting:
        if one.named_by_id == work.viewer.id:
            if one.person_id == person_id:
                return "asked"
            raise Conflict(ONE_AT_A_TIME)
    if any([one.person_id == person_id and await _is_put_to_them(work, one) for one in waiting]):
        return "stands"
    is_quiet = await _rests(work, number, person_id, named_by_id=work.viewer.id)
    convening = await _put(work, problem, person_id, named_by_id=work.viewer.id, is_quiet=is_quiet)
    work.record(ConveningAsked(number, convening.id))
    return "asked"


async def agree_to_convening(work: Work, number: int, convening_id: int) -> None:
    """Say yes to being the one, or to somebody who would. Saying it twice counts once."""
    convening, problem = await _find_question(work, number, convening_id)
    if convening.began_at is not None:
        return
    if convening.ended_at is not None:
        raise Conflict(NO_MORE)
    await _agree(work, convening, problem)


async def decline_convening(work: Work, number: int, convening_id: int) -> None:
    """Say not now. Saying it twice counts once."""
    convening, problem = await _find_question(work, number, convening_id)
    if convening.how == "declined":
        return
    if convening.began_at is not None or convening.ended_at is not None:
        raise Conflict(NO_MORE)
    if convening.person_id == work.viewer.id:
        convening.agreed_at = None  # it is their no, whatever they said before
    settle_question(work, convening, problem, "declined")


async def take_back_question(work: Work, number: int, convening_id: int) -> None:
    """Take back that one would look after it, or asked somebody to. Twice counts once. Raises Conflict if it ended."""
    convening, problem = await find_convening_to_change(work, convening_id)
    mine = [convening.named_by_id or convening.person_id]
    if convening.agreed_at is not None:
        mine.append(convening.person_id)  # who was named and has said yes may take that back, too
    if problem.id != number or not any(policy.may_say(work.viewer, one) for one in mine):
        raise Missing
    if convening.how == "withdrawn":
        return
    if convening.began_at is not None or convening.ended_at is not None:
        raise Conflict(NO_MORE)
    settle_question(work, convening, problem, "withdrawn")


async def let_question_lapse(work: Work, convening_id: int) -> None:
    """The clock's: nobody has answered for a week."""
    convening, problem = await find_convening_to_change(work, convening_id)
    waits = convening.began_at is None and convening.ended_at is None
    if waits and policy.has_waited_in_vain(convening.asked_at, work.now):
        settle_question(work, convening, problem, "unanswered")


async def _rests(work: Work, number: int, person_id: int, *, named_by_id: int | None = None) -> bool:
    """Whether a question must be put to nobody, for another's lately was in vain. Raises Conflict for one's own."""
    rest = policy.rest_after(await lately_in_vain(work, number, person_id), named_by_id=named_by_id)
    if rest in ("declined", "rests"):
        raise Conflict(SAID_NO if rest == "declined" else RESTS)
    return rest == "quiet"


async def _is_at_peace(work: Work, convening: Convening) -> bool:
    """Whether no block stands between the viewer and those whose question it is."""
    return await are_at_peace(work, work.viewer.id, [convening.person_id, convening.named_by_id])


async def _is_put_to_them(work: Work, convening: Convening) -> bool:
    """Whether who is named reads it."""
    named_by_id = None if convening.is_quiet else convening.named_by_id
    return named_by_id is not None and await are_at_peace(work, convening.person_id, [named_by_id])


async def _put(
    work: Work, problem: Problem, person_id: int, *, named_by_id: int | None = None, is_quiet: bool = False
) -> Convening:
    convening = Convening(
        problem_id=problem.id, person_id=person_id, asked_at=work.now, named_by_id=named_by_id, is_quiet=is_quiet
    )
    work.session.add(convening)
    await work.session.flush()
    return convening


async def _find_question(work: Work, number: int, convening_id: int) -> tuple[Convening, Problem]:
    """A question that is the viewer's to answer. Raises Missing for anybody else's, and across a block."""
    require(work.viewer.signed_in, SIGN_IN)
    convening, problem = await find_convening_to_change(work, convening_id)
    mine = {_awaited(convening, problem)}
    if convening.named_by_id is not None:
        mine.add(convening.person_id)  # their own yes may have been the first of two
    if problem.id != number or not any(policy.may_say(work.viewer, one) for one in mine):
        raise Missing
    if not await _is_at_peace(work, convening) or convening.is_quiet:
        raise Missing
    return convening, problem


async def _agree(work: Work, convening: Convening, problem: Problem) -> None:
    """The viewer's yes: it begins, unless it now waits for the yes of who posted the problem."""
    if _awaited(convening, problem) != work.viewer.id:
        return  # theirs was given before, and another one's is waited for
    if convening.person_id == work.viewer.id:
        await follow_too(work, problem)
        convening.agreed_at, convening.is_quiet = work.now, False
        if policy.needs_the_posters_yes(problem.poster_id, named_by_id=convening.named_by_id):
            convening.asked_at = work.now
            work.record(ConveningAsked(problem.id, convening.id))
            return
    await begin_convening(work, convening, problem)


def _awaited(convening: Convening, problem: Problem) -> int | None:
    return policy.waits_for(
        person_id=convening.person_id,
        named_by_id=convening.named_by_id,
        is_agreed=convening.agreed_at is not None,
        poster_id=problem.poster_id,
    )
