"""Moving a problem from stage to stage."""

from __future__ import annotations

from civicboard.kit.work import SentAlready, Unfit, Work, require
from civicboard.problems.actions import moved
from civicboard.problems.models import STAGES
from civicboard.problems.queries import find_problem_to_change
from civicboard.progress import policy
from civicboard.progress.events import StageChanged
from civicboard.progress.models import StageChange
from civicboard.progress.queries import find_sent_stage_change

NOT_POSTER = "For now, the person who posted a problem sets its stage. Tell them in the conversation."
SENT_ALREADY = "You have changed the stage already, in other words. To change it once more, send it again."
NO_POSTER = "This problem came in from elsewhere, so there is nobody here yet who sets its stage."


async def set_stage(work: Work, number: int, *, to: str, why: str = "", form_key: str | None = None) -> int:
    """Move a problem to stage ``to``, one of STAGES. Sorted, stuck and passed on need a reason.

    Returns the change's id; the same one for a form that had been sent before. Raises Unfit where ``to`` is
    no other stage, or ``why`` says too little; SentAlready when the form said something else then.
    """
    await work.one_at_a_time(form_key)
    problem = await find_problem_to_change(work, number)
    allowed = policy.may_set_stage(work.viewer, problem.poster_id)
    require(allowed, NO_POSTER if problem.poster_id is None else NOT_POSTER)
    assert work.viewer.id is not None  # the policy has just said so
    if before := await find_sent_stage_change(work, form_key):
        if (before.problem_id, before.to_stage, before.why) != (number, to, why):
            raise SentAlready(SENT_ALREADY)
        return before.id
    if to not in STAGES:
        raise Unfit("to", "Please choose one of the stages.")
    if to == problem.stage:
        raise Unfit("to", f"It is at “{STAGES[to]}” already. Choose another stage, or leave it there.")
    if asked := policy.lacks_why(to, why):
        raise Unfit("why", asked)
    change = StageChange(
        problem_id=number,
        from_stage=problem.stage,
        to_stage=to,
        why=why,
        by_id=work.viewer.id,
        changed_at=work.now,
        form_key=form_key or None,
    )
    work.session.add(change)
    problem.stage = to
    moved(work, problem)
    await work.session.flush()
    work.record(StageChanged(number, change.id))
    return change.id
