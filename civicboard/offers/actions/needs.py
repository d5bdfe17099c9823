"""Saying what a problem needs, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from civicboard.kit.days import has_passed
from civicboard.kit.work import Conflict, SentAlready, Unfit, Work, require
from civicboard.networks.queries import is_involved
from civicboard.offers import policy
from civicboard.offers.actions.keeping import keep_needs
from civicboard.offers.events import NeedAdded, NeedChanged, NeedEdited
from civicboard.offers.models import NEED_KINDS, WHERES, Need
from civicboard.offers.queries import find_need_to_change, find_sent_need, is_being_met, is_left_unsaid
from civicboard.problems.actions import move_wish, moved
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem_to_change
from civicboard.skills.queries import find_vocabulary

SIGN_IN = "Please sign in to say what is needed."
NOT_INVOLVED = (
    "What is needed is said by the people who have to do with it. Follow the problem, or say that it affects you too."
)
NOT_OWNER = "Only the person who added a need, or who posted the problem, can change it."
NOT_SETTLER = "Only the person who added a need, posted the problem or looks after it can say what became of it."
SENT_ALREADY = (
    "You have added this need already, in other words. To change it, edit it; to add this as well, send it again."
)
EDITED_MEANWHILE = "This need was changed meanwhile. Have a look at how it reads now, then save again."
PASSED = "That day has passed. Choose today or a later day, or leave it empty."


async def add_need(
    work: Work,
    number: int,
    *,
    kind: str,
    what: str,
    words: str = "",
    tags: Sequence[str] = (),
    hours: float | None = policy.USUAL_HOURS,
    by: date | None = None,
    where: str = "either",
    is_wish: bool = False,
    form_key: str | None = None,
) -> int:
    """Say what a problem needs: one of NEED_KINDS. ``hours`` in all, where the kind is measured in them.

    ``is_wish`` is whether it takes the place of what the poster said would help.

    Returns the need's id; the same one for a form that had been sent before. Raises Unfit for a day that has passed,
    SentAlready when the form said something else then.
    """
    require(work.viewer.signed_in, SIGN_IN)
    await work.one_at_a_time(form_key)
    hours, tags = policy.hours_for(kind, hours), await canonical(work, tags)
    if before := await find_sent_need(work, form_key):
        if before.problem_id != number or _said(before) != (kind, what, words, tags, hours, by, where):
            raise SentAlready(SENT_ALREADY)
        return before.id
    problem = await find_problem_to_change(work, number)
    involved = await is_involved(work, number, problem.poster_id)
    require(policy.may_add_need(work.viewer, involved=involved), NOT_INVOLVED)
    _check(work, kind, by, where)
    need = Need(
        problem_id=number,
        by_id=work.viewer.id,
        kind=kind,
        what=what,
        added_at=work.now,
        words=words,
        tags=tags,
        hours=hours,
        by=by,
        where=where,
        # Since when it has been asked round for: from here the rings move outward by themselves.
        ring_since=work.now,
        form_key=form_key or None,
    )
    work.session.add(need)
    await keep_needs(work, problem)
    if is_wish:
        move_wish(work, problem)
    moved(work, problem)
    work.record(NeedAdded(number, need.id))
    return need.id


async def edit_need(
    work: Work,
    need_id: int,
    *,
    kind: str,
    what: str,
    words: str = "",
    tags: Sequence[str] = (),
    hours: float | None = None,
    by: date | None = None,
    where: str = "either",
    seen_version: int | None = None,
) -> None:
    """Say it otherwise. Without a change nothing happens. With a later day, what had passed is needed again.

    Raises Conflict when it was changed since the version that the editor saw, Unfit for a day that has passed.
    """
    need, problem = await _find_own(work, need_id, editing=True)
    hours, tags = policy.hours_for(kind, hours), await canonical(work, tags)
    if _said(need) == (kind, what, words, tags, hours, by, where):
        return
    if seen_version is not None and seen_version != need.version:
        raise Conflict(EDITED_MEANWHILE)
    _check(work, kind, by if by != need.by else None, where)
    need.kind, need.what, need.words, need.tags = kind, what, words, tags
    need.hours, need.by, need.where = hours, by, where
    if need.state == "passed" and not has_passed(by, work.now):
        need.state = await _standing(work, need)
        need.ring_since = work.now
    await _changed(work, need, problem)
    work.record(NeedEdited(problem.id, need.id))


async def settle_need(work: Work, need_id: int) -> None:
    """It is met. Saying it twice counts once."""
    await _become(work, need_id, "met")


async def dismiss_need(work: Work, need_id: int) -> None:
    """It is no longer needed. Saying it twice counts once."""
    await _become(work, need_id, "not_needed")


async def reopen_need(work: Work, need_id: int) -> None:
    """It is needed after all: being met while an offer to it is welcomed, else open. A day that has passed goes."""
    need, _ = await find_need_to_change(work, need_id)
    await _become(work, need_id, await _standing(work, need))


async def let_need_pass(work: Work, need_id: int) -> None:
    """The clock's: the last day on which it was of use is over. Its owners are asked what became of it.

    Nothing for one that is not due any more, or that somebody is on.
    """
    need, problem = await find_need_to_change(work, need_id)
    if need.state == "open" and problem.stage != "sorted" and has_passed(need.by, work.now):
        need.state = "passed"
        await _changed(work, need, problem)


async def let_need_stand_again(work: Work, need_id: int) -> None:
    """The clock's: somebody has helped, and nobody says whether that was enough. It is asked round for again.

    Nothing for one that is not due any more.
    """
    need, problem = await find_need_to_change(work, need_id)
    if await is_left_unsaid(work, need_id):
        need.state, need.ring_since = "open", work.now
        await _changed(work, need, problem)


async def _standing(work: Work, need: Need) -> str:
    """The state of a need that stands."""
    return "being_met" if await is_being_met(work, need.id) else "open"


async def canonical(work: Work, tags: Sequence[str]) -> list[str]:
    """The words of the vocabulary of skills for these, where it has them: the only place that asks for it."""
    return (await find_vocabulary(work)).canonical(tags)


async def _become(work: Work, need_id: int, state: str) -> None:
    need, problem = await _find_own(work, need_id)
    if need.state == state:
        return
    need.state = state
    need.settled_at = work.now if state in ("met", "not_needed") else None
    if state == "open":
        need.ring_since = work.now
    if state in ("open", "being_met") and has_passed(need.by, work.now):
        need.by = None
    await _changed(work, need, problem)


async def _find_own(work: Work, need_id: int, *, editing: bool = False) -> tuple[Need, Problem]:
    need, problem = await find_need_to_change(work, need_id)
    involved = await is_involved(work, problem.id, problem.poster_id)
    facts = {"by_id": need.by_id, "poster_id": problem.poster_id}
    if editing:
        require(policy.may_edit_need(work.viewer, **facts, involved=involved), NOT_OWNER)
    else:
        allowed = policy.may_settle_need(work.viewer, **facts, convenor_id=problem.convenor_id, involved=involved)
        require(allowed, NOT_SETTLER)
    return need, problem


async def _changed(work: Work, need: Need, problem: Problem) -> None:
    need.version += 1
    await keep_needs(work, problem)
    work.record(NeedChanged(problem.id, need.id))


def _check(work: Work, kind: str, by: date | None, where: str) -> None:
    if kind not in NEED_KINDS:
        raise Unfit("kind", "Please choose what kind of help it is.")
    if where not in WHERES:
        raise Unfit("where", "Please choose where.")
    if has_passed(by, work.now):
        raise Unfit("by", PASSED)


def _said(need: Need) -> tuple[object, ...]:
    return (need.kind, need.what, need.words, list(need.tags), need.hours, need.by, need.where)
