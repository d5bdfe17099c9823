"""What the clock does with offers: an apology after a week of silence, an end on the last day, contacts forgotten."""

from __future__ import annotations

from civicboard.kit.work import Desk
from civicboard.offers import actions
from civicboard.offers.queries import offers_over, offers_unanswered


async def mind_offers(desk: Desk) -> None:
    """Do what is due.

    Each offer is a deed of its own, and is asked again under its lock whether it still is due: so the job may be killed
    halfway, and two may run at once.
    """
    async with desk.reading() as work:
        unanswered, over = await offers_unanswered(work), await offers_over(work)
    for offer_id in unanswered:
        async with desk.writing() as work:
            await actions.lapse_offer(work, offer_id)
    for offer_id in over:
        async with desk.writing() as work:
            await actions.end_by_date(work, offer_id)
    async with desk.writing() as work:
        await actions.forget_contacts(work)
