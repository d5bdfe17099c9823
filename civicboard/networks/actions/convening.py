"""Looking after a problem: coming forward, being asked, going on, handing on and putting down."""

from __future__ import annotations

from civicboard.kit.work import Conflict, Missing, Unfit, Work, require
from civicboard.networks import policy
from civicboard.networks.events import (
    ConveningAsked,
    ConveningEnded,
    ConveningReminded,
    ConveningRenewed,
    ConveningSettled,
    ConveningStarted,
)
from civicboard.networks.models import Convening
from civicboard.networks.queries import (
    are_at_peace,
    find_convening_to_change,
    find_last_no,
    find_member_called,
    find_running,
    is_involved,
    waiting_on,
)
from civicboard.problems.actions import follow_too
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem_to_change

SIGN_IN = "Please sign in to look after a problem."
NOT_INVOLVED = (
    "A problem is looked after by somebody who has to do with it. Follow it, or say that it affects you too, and come "
    "back."
)
OWN_PROBLEM = "You posted this problem, so you answer for it as it is: nobody has to make you its convenor."
TAKEN = "Somebody looks after this problem already. When they put it down, or their time is over, it can be you."
SAID_NO = "The answer was “not now”, less than a week ago. Let it rest for a while."
NOT_CONVENOR = "Only the person who looks after this problem can do that."
MAY_NOT_NAME = "To hand a problem on is for who looks after it; while nobody does, who posted it can ask somebody."
NOBODY = "Please choose one of the people on this problem."
ONE_AT_A_TIME = "You have asked somebody already. Wait for their answer, or take the question back first."
NO_MORE = "This question is no longer open."


async def look_after(work: Work, number: int) -> None:
    """Come forward to look after a problem. It begins with the yes of who posted it; at once where nobody here did.

    Coming forward twice counts once. Raises Conflict where somebody looks after it already, and soon after a no.
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
    mine = [one for one in await waiting_on(work, number) if one.person_id == work.viewer.id]
    if mine:
        if _awaited(mine[0], problem) == work.viewer.id:
            await _agree(work, mine[0], problem)
        return
    if not policy.may_ask_again(await find_last_no(work, number, work.viewer.id, by_poster=True), work.now):
        raise Conflict(SAID_NO)
    convening = await _put(work, problem, work.viewer.id)
    await follow_too(work, problem)
    if policy.needs_the_posters_yes(problem.poster_id):
        work.record(ConveningAsked(number, convening.id))
    else:
        await _begin(work, convening, problem)


async def name_convenor(work: Work, number: int, handle: str) -> None:
    """Ask one of the people on it to look after a problem: the convenor hands it on, or the poster asks for one.

    Nothing changes before their yes. Asking twice counts once. Raises Unfit for who is not one of the people, Conflict
    while another question of the viewer's waits, and soon after a no.
    """
    require(work.viewer.signed_in, SIGN_IN)
    problem = await find_problem_to_change(work, number)
    allowed = policy.may_name(work.viewer, poster_id=problem.poster_id, convenor_id=problem.convenor_id)
    require(allowed, MAY_NOT_NAME)
    person_id = await find_member_called(work, number, handle)
    if person_id is None or person_id == work.viewer.id:
        raise Unfit("who", NOBODY)
    for one in await waiting_on(work, number):
        if one.person_id == person_id:
            if _awaited(one, problem) == work.viewer.id:
                await _agree(work, one, problem)
            return
        if one.named_by_id == work.viewer.id:
            raise Conflict(ONE_AT_A_TIME)
    if not policy.may_ask_again(await find_last_no(work, number, person_id), work.now):
        raise Conflict(SAID_NO)
    convening = await _put(work, problem, person_id, named_by_id=work.viewer.id)
    work.record(ConveningAsked(number, convening.id))


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
    _settle(work, convening, problem, "declined")


async def take_back_question(work: Work, number: int, convening_id: int) -> None:
    """Take back that one would look after it, or asked somebody to. Taking it back twice counts once."""
    convening, problem = await find_convening_to_change(work, convening_id)
    mine = work.viewer.signed_in and work.viewer.id in (convening.named_by_id or convening.person_id,)
    if problem.id != number or not (mine or _agreed_and_named(work, convening)):
        raise Missing
    if convening.began_at is None and convening.ended_at is None:
        _settle(work, convening, problem, "withdrawn")


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
            _settle(work, one, problem, "withdrawn")


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


async def let_question_lapse(work: Work, convening_id: int) -> None:
    """The clock's: nobody has answered for a week."""
    convening, problem = await find_convening_to_change(work, convening_id)
    waits = convening.began_at is None and convening.ended_at is None
    if waits and policy.has_waited_in_vain(convening.asked_at, work.now):
        _settle(work, convening, problem, "unanswered")


async def _put(work: Work, problem: Problem, person_id: int, *, named_by_id: int | None = None) -> Convening:
    convening = Convening(problem_id=problem.id, person_id=person_id, asked_at=work.now, named_by_id=named_by_id)
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
    if not await are_at_peace(work, work.viewer.id, [convening.person_id, convening.named_by_id]):
        raise Missing
    return convening, problem


async def _find_own(work: Work, number: int) -> tuple[Convening | None, Problem]:
    """The viewer's own convening that runs, None where they have none, and the problem, locked."""
    require(work.viewer.signed_in, SIGN_IN)
    problem = await find_problem_to_change(work, number)
    own = policy.convenes(work.viewer, problem.convenor_id)
    return await find_running(work, number) if own else None, problem


async def _agree(work: Work, convening: Convening, problem: Problem) -> None:
    """The viewer's yes: it begins, unless it now waits for the yes of who posted the problem."""
    if _awaited(convening, problem) != work.viewer.id:
        return  # theirs was given before, and another one's is waited for
    if convening.person_id == work.viewer.id:
        await follow_too(work, problem)
        convening.agreed_at = work.now
        if policy.needs_the_posters_yes(problem.poster_id, named_by_id=convening.named_by_id):
            convening.asked_at = work.now
            work.record(ConveningAsked(problem.id, convening.id))
            return
    await _begin(work, convening, problem)


async def _begin(work: Work, convening: Convening, problem: Problem) -> None:
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
        _settle(work, other, problem, "overtaken")


def _end(work: Work, convening: Convening, problem: Problem, how: str) -> None:
    convening.ended_at, convening.how = work.now, how
    problem.convenor_id = None
    # Who puts it down must not lift a problem to the top of the board.
    problem.version += 1
    work.record(ConveningEnded(problem.id, convening.id))


def _settle(work: Work, convening: Convening, problem: Problem, how: str) -> None:
    convening.ended_at, convening.how = work.now, how
    work.record(ConveningSettled(problem.id, convening.id))


def _awaited(convening: Convening, problem: Problem) -> int | None:
    return policy.waits_for(
        person_id=convening.person_id,
        named_by_id=convening.named_by_id,
        is_agreed=convening.agreed_at is not None,
        poster_id=problem.poster_id,
    )


def _agreed_and_named(work: Work, convening: Convening) -> bool:
    """Whether it is the one who was named and has said yes: they may take that back, too."""
    return convening.agreed_at is not None and convening.person_id == work.viewer.id


def _runs(convening: Convening) -> bool:
    return convening.began_at is not None and convening.ended_at is None
