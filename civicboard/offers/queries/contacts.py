"""Every SELECT about how the two of an offer can be reached.

Whoever asks sees their own words, and no more than that until both have said yes.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from civicboard.kit.work import Work
from civicboard.offers.models import Contact
from civicboard.offers.policy import is_one_of_two, sees_contact
from civicboard.offers.queries.offering import OfferRow


@dataclass(frozen=True, slots=True)
class Contacts:
    """What the viewer gave, and what the other side gave them to see; empty for nothing."""

    mine: str = ""
    theirs: str = ""


async def contacts_on(work: Work, offer: OfferRow) -> Contacts:
    """How the two of an offer can be reached, as far as the viewer may know."""
    who = work.viewer
    if not is_one_of_two(who, helper_id=offer.helper_id, welcomed_by_id=offer.welcomed_by_id):
        return Contacts()
    sees_theirs = sees_contact(
        who,
        state=offer.state,
        ended_at=offer.ended_at,
        helper_id=offer.helper_id,
        welcomed_by_id=offer.welcomed_by_id,
        now=work.now,
    )
    wanted = select(Contact.person_id, Contact.words).where(
        Contact.offer_id == offer.id, Contact.person_id.in_([offer.helper_id, offer.welcomed_by_id])
    )
    if not sees_theirs:
        wanted = wanted.where(Contact.person_id == who.id)
    given = (await work.session.execute(wanted)).all()
    mine = next((words for person_id, words in given if person_id == who.id), "")
    return Contacts(mine, next((words for person_id, words in given if person_id != who.id), ""))


async def last_contact_of(work: Work) -> str:
    """What the viewer gave the last time they said how they can be reached; empty when they never did."""
    if not work.viewer.signed_in:
        return ""
    last = select(Contact.words).where(Contact.person_id == work.viewer.id).order_by(Contact.offer_id.desc()).limit(1)
    return await work.session.scalar(last) or ""
