"""What becomes of asks upon what happens to needs, problems and offers."""

from __future__ import annotations

from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.matching.actions.answering import note_offer
from civicboard.matching.actions.delivering import call_off
from civicboard.matching.policy import asking
from civicboard.matching.queries.needed import find_needed
from civicboard.offers.events import NeedChanged, OfferMade
from civicboard.offers.queries import find_offer
from civicboard.problems.queries import find_problem
from civicboard.progress.events import StageChanged


@upon(OfferMade)
async def take_offer_for_a_yes(work: Work, happened: OfferMade) -> None:
    """Who offers by themselves what they were asked for has answered."""
    await work.session.flush()
    offer = await find_offer(work, happened.offer_id)
    if offer.need_id is not None:
        await note_offer(work, offer.need_id, happened.problem_id, offer.helper_id, offer.id)


@upon(NeedChanged)
async def end_asks_for_it(work: Work, happened: NeedChanged) -> None:
    """Nobody has to answer for a need that is met, or no longer there."""
    await work.session.flush()
    needed = await find_needed(work, happened.need_id)
    if asking.is_over(need_state=needed.state, stage=needed.stage):
        await call_off(work, happened.problem_id, happened.need_id)


@upon(StageChanged)
async def end_asks_on_it(work: Work, happened: StageChanged) -> None:
    """Nor on a problem that is sorted."""
    await work.session.flush()
    if (await find_problem(work, happened.problem_id)).stage == "sorted":
        await call_off(work, happened.problem_id)


REACTIONS: list[Reaction] = [take_offer_for_a_yes, end_asks_for_it, end_asks_on_it]
