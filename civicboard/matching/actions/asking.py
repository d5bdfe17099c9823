"""Asking somebody for help with a need: by name, without one, or because another thought of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Conflict, Unfit, Work, require
from civicboard.matching.models import Ask
from civicboard.matching.policy import asking
from civicboard.matching.policy.config import MatchingConfig
from civicboard.matching.policy.scoring import why_you
from civicboard.matching.queries.apart import may_meet
from civicboard.matching.queries.candidates import find_candidate, people_fitting
from civicboard.matching.queries.needed import Needed, find_needed
from civicboard.matching.queries.standing import find_ask_for, find_person_called, is_member, quiet_ask_stands
from civicboard.networks.queries import is_involved
from civicboard.offers.models import Need
from civicboard.offers.policy import welcomes_by_asking
from civicboard.offers.queries import find_need_to_change, find_standing_offer
from civicboard.problems.models import Problem

#: Puts an ask to its person, once: at once, or when their time has come.
DELIVERY = "deliver_ask"

SIGN_IN = "Please sign in to ask somebody."
NOT_INVOLVED = (
    "People are asked by those who have to do with a problem. Follow it, or say that it affects you too, and then ask."
)
OVER = "This is no longer needed, so nobody has to be asked."
NOBODY = "There is nobody here of that name. Write their handle, as in @dee."
NOT_FITTING = "They can’t be asked for this: perhaps somebody has asked them already, or they help with it."


async def ask_person(
    work: Work, need_id: int, handle: str, *, config: MatchingConfig, words: str = "", contact: str = ""
) -> int:
    """Ask one person for help with a need, by their name. Returns the ask's id; asking twice counts once.

    They must fit it, and show the viewer that they do. ``contact`` is how the viewer can be reached: it goes to who
    says yes, if the viewer answers for the problem, and nowhere else. Raises Unfit for who can't be asked, Conflict for
    a need that is over.
    """
    need, problem, needed = await _begin(work, need_id)
    person_id = await find_person_called(work, handle)
    if person_id is None:
        raise Unfit("who", NOBODY)
    before = await find_ask_for(work, need_id, person_id)
    if before is not None and before.state in asking.STANDING and before.named and before.by_id == work.viewer.id:
        return before.id
    found = await find_candidate(work, needed, handle.strip().removeprefix("@"), config.weights)
    if found is None or not found.is_seen:
        raise Unfit("who", NOT_FITTING)
    made = await put_ask(
        work,
        need,
        person_id,
        by_id=work.viewer.id,
        why=why_you(found.fit),
        words=words,
        contact=contact if _welcomes(work, problem) else "",
        named=True,
    )
    assert made is not None  # they were not asked before, and the need is locked
    return made


async def ask_somebody(work: Work, need_id: int, *, config: MatchingConfig, words: str = "", contact: str = "") -> None:
    """Ask whoever fits best of those who show nobody what they can do, if there is anybody: that stays unsaid.

    One at a time: while somebody has not answered, asking again does nothing. Raises Conflict for a need that is over.
    """
    need, problem, needed = await _begin(work, need_id)
    if await quiet_ask_stands(work, need_id):
        return
    for found in await people_fitting(work, [needed], config.weights):
        if not found.is_seen:
            await put_ask(
                work,
                need,
                found.person_id,
                by_id=work.viewer.id,
                why=why_you(found.fit),
                words=words,
                contact=contact if _welcomes(work, problem) else "",
            )
            return


async def pass_on(work: Work, ask: Ask, need: Need, problem: Problem, handle: str, *, config: MatchingConfig) -> None:
    """Ask whom the viewer names in their place. All three are locked.

    Whether that person can be asked is nobody's to find out: then nothing happens. Raises Unfit for a handle that
    nobody has, the viewer's own, and those whose problem it is.
    """
    person_id = await find_person_called(work, handle)
    if person_id is None:
        raise Unfit("instead", NOBODY)
    if person_id == work.viewer.id:
        raise Unfit("instead", "This is you. Who else could it be?")
    if person_id in (problem.poster_id, problem.convenor_id, need.by_id):
        raise Unfit("instead", "They are the ones who need it. Who else could it be?")
    others = [ask.by_id, problem.poster_id, problem.convenor_id, need.by_id, work.viewer.id]
    if await is_member(work, problem.id, person_id) or not await may_meet(work, person_id, others, problem.id):
        return
    if await find_standing_offer(work, need.id, person_id) is not None:
        return
    found = await find_candidate(
        work, await find_needed(work, need.id), handle.strip().removeprefix("@"), config.weights
    )
    await put_ask(
        work,
        need,
        person_id,
        by_id=ask.by_id,
        why=why_you(found.fit) if found is not None else (),
        words=ask.words,
        contact=ask.contact,
        passed_on_from_id=ask.id,
    )


async def put_ask(
    work: Work,
    need: Need,
    person_id: int,
    *,
    by_id: int | None,
    why: Sequence[str],
    words: str = "",
    contact: str = "",
    named: bool = False,
    passed_on_from_id: int | None = None,
) -> int | None:
    """Keep that a person is to be asked, and leave the asking to a worker. None where they were asked before."""
    added = await work.session.execute(
        insert(Ask)
        .values(
            need_id=need.id,
            person_id=person_id,
            by_id=by_id,
            ring=need.ring,
            made_at=work.now,
            due_at=work.now,
            why=list(why),
            words=words,
            contact=contact,
            named=named,
            passed_on_from_id=passed_on_from_id,
        )
        .on_conflict_do_nothing()
        .returning(Ask.id)
    )
    made: int | None = added.scalar()
    if made is not None:
        work.leave(DELIVERY, id=made)
    return made


async def _begin(work: Work, need_id: int) -> tuple[Need, Problem, Needed]:
    """The need that the viewer may ask somebody for, locked."""
    require(work.viewer.signed_in, SIGN_IN)
    need, problem = await find_need_to_change(work, need_id)
    involved = await is_involved(work, problem.id, problem.poster_id)
    require(asking.may_ask(work.viewer, involved=involved), NOT_INVOLVED)
    needed = await find_needed(work, need_id)
    if needed.is_over or needed.has_passed(work.now):
        raise Conflict(OVER)
    return need, problem, needed


def _welcomes(work: Work, problem: Problem) -> bool:
    """Whether a yes to the viewer needs no further answer."""
    return welcomes_by_asking(work.viewer.id, poster_id=problem.poster_id, convenor_id=problem.convenor_id)
