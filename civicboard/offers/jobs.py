"""What the clock does with needs and offers: each has an end, a silence its apology, and contacts are forgotten."""

from __future__ import annotations

from civicboard.kit.jobs import each
from civicboard.kit.work import Desk
from civicboard.offers import actions
from civicboard.offers.queries import needs_left_unsaid, needs_over, offers_over, offers_unanswered


async def mind_offers(desk: Desk) -> None:
    """Do what is due.

    Each need and offer is a deed of its own, and is asked again under its lock whether it still is due: so the job may
    be killed halfway, and two may run at once.
    """
    await each(desk, offers_unanswered, actions.lapse_offer)
    await each(desk, offers_over, actions.end_by_date)
    await each(desk, needs_over, actions.let_need_pass)
    await each(desk, needs_left_unsaid, actions.let_need_stand_again)
    async with desk.writing() as work:
        await actions.forget_contacts(work)
