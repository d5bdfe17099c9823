"""Every SELECT about how the two of an offer can be reached.

Whoever asks sees their own words, and no more than that until both have said yes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select

from civicboard.kit.work import Work
from civicboard.offers.models import Contact
from civicboard.offers.policy import is_one_of_two, sees_contact
from civicboard.offers.queries.offering import OfferRow


@dataclass(frozen=True, slots=True)
class Contacts:
    """What the viewer gave, and what the other side gave them to see; empty for nothing.

    What a side gave for others than the one who then welcomed the offer is ``withheld`` from that one.
    """

    mine: str = ""
    theirs: str = ""
    mine_withheld: bool = False
    theirs_withheld: bool = False


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
    wanted = select(Contact.person_id, Contact.words, Contact.for_ids).where(
        Contact.offer_id == offer.id, Contact.person_id.in_([offer.helper_id, offer.welcomed_by_id])
    )
    if not sees_theirs:
        wanted = wanted.where(Contact.person_id == who.id)
    given = (await work.session.execute(wanted)).all()
    contacts = Contacts()
    for person_id, words, for_ids in given:
        if person_id == who.id:
            other_id = offer.welcomed_by_id if who.id == offer.helper_id else offer.helper_id
            contacts = replace(contacts, mine=words, mine_withheld=sees_theirs and other_id not in for_ids)
        elif who.id in for_ids:
            contacts = replace(contacts, theirs=words)
        else:
            contacts = replace(contacts, theirs_withheld=True)
    return contacts


async def last_contact_of(work: Work) -> str:
    """What the viewer gave the last time they said how they can be reached; empty when they never did."""
    if not work.viewer.signed_in:
        return ""
    last = select(Contact.words).where(Contact.person_id == work.viewer.id).order_by(Contact.offer_id.desc()).limit(1)
    return await work.session.scalar(last) or ""
