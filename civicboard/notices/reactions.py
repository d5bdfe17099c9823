"""Who is told what, in the transaction of the deed."""

from __future__ import annotations

from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.notices.actions import tell
from civicboard.notices.queries import find_parties, people_on
from civicboard.offers.events import OfferDeclined, OfferMade, OfferWelcomed


@upon(OfferMade)
async def tell_of_offer(work: Work, happened: OfferMade) -> None:
    """Who posted the problem, and who said that this is needed."""
    found = await find_parties(work, happened.offer_id)
    await tell(
        work,
        "offer_made",
        [found.poster_id, found.need_by_id],
        once=f"offer:{found.offer_id}:made",
        by=found.helper_id,
        problem_id=found.problem_id,
        offer_id=found.offer_id,
    )


@upon(OfferWelcomed)
async def tell_of_welcome(work: Work, happened: OfferWelcomed) -> None:
    """Who made the offer; and those who work on the problem already, that there is one more of them."""
    found = await find_parties(work, happened.offer_id)
    await tell(
        work,
        "offer_welcomed",
        [found.helper_id],
        once=f"offer:{found.offer_id}:welcomed",
        by=work.viewer.id,
        problem_id=found.problem_id,
        offer_id=found.offer_id,
    )
    others = [one for one in await people_on(work, found.problem_id) if one != work.viewer.id]
    await tell(
        work,
        "joined",
        others,
        once=f"joined:{found.problem_id}:{found.helper_id}",
        by=found.helper_id,
        problem_id=found.problem_id,
        person_id=found.helper_id,
    )


@upon(OfferDeclined)
async def tell_of_refusal(work: Work, happened: OfferDeclined) -> None:
    found = await find_parties(work, happened.offer_id)
    await tell(
        work,
        "offer_declined",
        [found.helper_id],
        once=f"offer:{found.offer_id}:declined",
        by=work.viewer.id,
        problem_id=found.problem_id,
        offer_id=found.offer_id,
    )


REACTIONS: list[Reaction] = [tell_of_offer, tell_of_welcome, tell_of_refusal]
