"""Offers as they are made and answered."""

from __future__ import annotations

from civicboard.kit.hub import shows
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Work
from civicboard.offers import fragments
from civicboard.offers.events import OfferDeclined, OfferMade, OfferWelcomed, OfferWithdrawn
from civicboard.offers.queries import find_offer


@shows(OfferMade, on="problem:{problem_id}")
@shows(OfferWelcomed, on="problem:{problem_id}")
@shows(OfferDeclined, on="problem:{problem_id}")
@shows(OfferWithdrawn, on="problem:{problem_id}")
async def show_offer(work: Work, happened: OfferMade | OfferWelcomed | OfferDeclined | OfferWithdrawn) -> Fragment:
    return fragments.offer(await find_offer(work, happened.offer_id))


RENDERERS = [show_offer]
