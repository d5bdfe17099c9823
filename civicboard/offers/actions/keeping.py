"""What every change to a need or an offer keeps: the counts, and what the board shows of them."""

from __future__ import annotations

from civicboard.kit.work import Work
from civicboard.offers import policy
from civicboard.offers.events import NeedChanged
from civicboard.offers.models import NEED_KINDS, Need, Offer
from civicboard.offers.queries import find_need_to_change, is_being_met, open_needs_in_short
from civicboard.problems.models import Problem

#: So many open needs stand on a problem's own row, for pages that name the first few.
MOST_WORDS = 6


async def keep_needs(work: Work, problem: Problem) -> None:
    """Bring the problem's own row up to date with its open needs: how many, of what kinds, the first few in words."""
    await work.session.flush()
    needs = await open_needs_in_short(work, problem.id)
    kinds = {kind for kind, _ in needs}
    problem.need_count = len(needs)
    problem.need_kinds = [kind for kind in NEED_KINDS if kind in kinds]
    problem.need_words = [what for _, what in needs[:MOST_WORDS]]
    problem.version += 1


def counts(work: Work, problem: Problem, need: Need | None, more: int) -> None:
    """One offer more or less waits or is welcomed, on the problem and to the need that it answers."""
    problem.offer_count += more
    problem.version += 1
    if need is not None:
        need.offer_count += more
        need.version += 1
        work.record(NeedChanged(problem.id, need.id))


async def follow_offers(work: Work, problem: Problem, need: Need | None, *, done: bool = False) -> None:
    """A need is being met as long as an offer to it is welcomed.

    After one that is done it stays so, and asks its owners whether that was enough; after any other it is open again.
    What its owners have settled stays settled.
    """
    if need is None or need.state not in ("open", "being_met"):
        return
    await work.session.flush()
    met = done or await is_being_met(work, need.id)
    if need.state == "being_met" and not met:
        need.ring_since = work.now  # it is asked round for anew: the ring it was in has its whole time
    need.state = "being_met" if met else "open"
    need.version += 1
    await keep_needs(work, problem)


async def need_of(work: Work, offer: Offer) -> Need | None:
    """The need that an offer answers, locked like its problem; None for an offer to the problem as a whole."""
    return None if offer.need_id is None else (await find_need_to_change(work, offer.need_id))[0]


def brings(offer: Offer) -> str:
    """What an offer adds to what its helper brings: the network keeps that as a list with semicolons."""
    return offer.what.replace(";", ",")


def welcomed_by(offer: Offer, problem: Problem) -> int | None:
    """Who welcomed an offer, None where nobody has."""
    return policy.welcomed_by(state=offer.state, answered_by_id=offer.answered_by_id, poster_id=problem.poster_id)


def nobody_answers(offer: Offer, problem: Problem) -> bool:
    """Whether an offer would wait for an answer that nobody can give."""
    return policy.has_nobody_to_answer(
        poster_id=problem.poster_id, convenor_id=problem.convenor_id, helper_id=offer.helper_id
    )
