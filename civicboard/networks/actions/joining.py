"""Joining the people round a problem, and stepping out."""

from __future__ import annotations

from civicboard.kit.work import Work, require
from civicboard.networks import policy
from civicboard.networks.actions.convening import end_convenings_of
from civicboard.networks.events import MemberChanged, MemberJoined, MemberLeft
from civicboard.networks.models import Member
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem_to_change

SIGN_IN = "Please sign in first."
OWN_PROBLEM = "This problem is your own, so you are one of its people as long as it is on the board."


async def take_part(
    work: Work,
    problem: Problem,
    person_id: int,
    *,
    part: str,
    brings: str = "",
    capacity: str = "",
    introduced_by_id: int | None = None,
) -> None:
    """Count a person among those round ``problem``, which the caller holds locked.

    The poster is in it from the start and needs no row, but for the ``capacity`` in which they speak. A talker becomes
    a helper; a helper stays one, and what they bring grows by a second offer. Whoever had stepped out is in again,
    with what they bring now. ``introduced_by_id`` is who brought them in; the first one stays.
    """
    is_poster = person_id == problem.poster_id
    if is_poster and part == "talker" and not capacity:
        return
    spoken = [capacity] if capacity else []
    member = await work.session.get(Member, (problem.id, person_id), with_for_update=True)
    if member is None:
        member = Member(
            problem_id=problem.id,
            person_id=person_id,
            part=part,
            joined_at=work.now,
            brings=brings,
            introduced_by_id=introduced_by_id,
            capacities=spoken,
        )
        work.session.add(member)
        await work.session.flush()
        _record_joined(work, problem, person_id, is_poster=is_poster)
        return
    spoken = sorted({*member.capacities, *spoken})
    if member.left_at is not None:
        member.left_at, member.joined_at = None, work.now
        member.part, member.brings, member.capacities = part, brings, spoken
        member.introduced_by_id = introduced_by_id or member.introduced_by_id
        _record_joined(work, problem, person_id, is_poster=is_poster)
        return
    before = (member.part, member.brings, list(member.capacities), member.introduced_by_id)
    if part == "helper":
        member.part = part
        member.brings = "; ".join(filter(None, (member.brings, brings)))
    member.capacities = spoken
    member.introduced_by_id = member.introduced_by_id or introduced_by_id
    if (member.part, member.brings, spoken, member.introduced_by_id) != before:
        work.record(MemberChanged(problem.id, person_id))


def _record_joined(work: Work, problem: Problem, person_id: int, *, is_poster: bool) -> None:
    if is_poster:
        work.record(MemberChanged(problem.id, person_id))
        return
    problem.member_count += 1
    work.record(MemberJoined(problem.id, person_id))


async def step_back(work: Work, problem: Problem, person_id: int, *, brings: str) -> None:
    """What a person said they would bring is taken back: who has nothing left, and gave nothing, is a talker again."""
    member = await _find_helper(work, problem, person_id)
    if member is None:
        return
    member.brings = _without(member.brings, brings)
    if not member.brings and not member.brought:
        member.part = "talker"
    work.record(MemberChanged(problem.id, person_id))


async def look_back(work: Work, problem: Problem, person_id: int, *, brought: str) -> None:
    """What a person brings is given, or its time is over: it is what they brought, and they stay a helper."""
    member = await _find_helper(work, problem, person_id)
    if member is None:
        return
    member.brings = _without(member.brings, brought)
    member.brought = "; ".join(dict.fromkeys(filter(None, (*member.brought.split("; "), brought))))
    work.record(MemberChanged(problem.id, person_id))


async def _find_helper(work: Work, problem: Problem, person_id: int) -> Member | None:
    member = await work.session.get(Member, (problem.id, person_id), with_for_update=True)
    return None if member is None or member.part != "helper" or member.left_at is not None else member


def _without(listed: str, one: str) -> str:
    """A list with semicolons, but for one of its entries."""
    left = [part for part in listed.split("; ") if part]
    if one in left:
        left.remove(one)
    return "; ".join(left)


async def step_out(work: Work, number: int) -> None:
    """Be one of its people no longer. What one has said in the open stays. Stepping out twice counts once."""
    require(policy.may_join_in(work.viewer), SIGN_IN)
    problem = await find_problem_to_change(work, number)
    require(policy.may_step_out(work.viewer, problem.poster_id), OWN_PROBLEM)
    assert work.viewer.id is not None  # the policy has just said so
    member = await work.session.get(Member, (number, work.viewer.id), with_for_update=True)
    if member is None or member.left_at is not None:
        return
    member.left_at = work.now
    problem.member_count -= 1
    # Who goes must not lift a problem to the top of the board.
    problem.version += 1
    work.record(MemberLeft(number, work.viewer.id))
    await end_convenings_of(work, problem, work.viewer.id)


async def come_back(work: Work, number: int) -> bool:
    """Undo having stepped out, soon after it: in again as before. False for who stepped out too long ago, or never.

    Offers that ended with it stay ended: those whom they were made to have been told.
    """
    require(policy.may_join_in(work.viewer), SIGN_IN)
    problem = await find_problem_to_change(work, number)
    member = await work.session.get(Member, (number, work.viewer.id), with_for_update=True)
    if member is None or not policy.may_undo(member.left_at, work.now):
        return False
    member.left_at = None
    problem.version += 1
    _record_joined(work, problem, member.person_id, is_poster=False)
    return True
