"""Every SELECT about the hours of an offer, which are its helper's own."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from civicboard.kit.in_words import hours_in_words
from civicboard.kit.work import Work
from civicboard.offers.models import Offer
from civicboard.offers.queries.offering import OfferRow


@dataclass(frozen=True, slots=True)
class OwnHours:
    """Hours of one's own: promised in the offers that are welcomed now, and given in those that have ended."""

    promised: float = 0
    given: float = 0

    @property
    def promised_words(self) -> str:
        return hours_in_words(self.promised) if self.promised else "none"

    @property
    def given_words(self) -> str:
        return hours_in_words(self.given) if self.given else "none"


async def hours_given_in(work: Work, offer: OfferRow) -> str:
    """The hours that the viewer gave in an offer of their own, as they would type them; empty when they didn't say."""
    own = select(Offer.hours_given).where(Offer.id == offer.id, Offer.helper_id == work.viewer.id)
    given = await work.session.scalar(own)
    return "" if given is None else f"{given:g}"


async def own_hours(work: Work) -> OwnHours:
    """What the viewer has promised and given in all. For their eyes only: there is no query for another's."""
    found = await work.session.execute(
        select(
            func.coalesce(func.sum(Offer.hours).filter(Offer.state == "welcomed"), 0.0),
            func.coalesce(func.sum(Offer.hours_given), 0.0),
        ).where(Offer.helper_id == work.viewer.id)
    )
    promised, given = found.one()
    return OwnHours(promised or 0.0, given or 0.0)
