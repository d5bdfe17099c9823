"""How the two of an offer can be reached: each says what they choose, or nothing."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Conflict, Work, require
from civicboard.offers import policy
from civicboard.offers.actions.keeping import nobody_answers, welcomed_by
from civicboard.offers.models import Contact
from civicboard.offers.queries import find_offer_to_change

NOT_ONE_OF_TWO = "Only the two people of an offer can say how they are reached."
NOBODY_THERE = "There is nobody here yet who would see it. Talk it over in the conversation."
OVER = "This offer has come to its end, so there is nobody left who should see it."


async def say_contact(work: Work, offer_id: int, words: str) -> None:
    """Say how oneself can be reached about an offer; empty words take it back.

    It is no fact for the outbox: nobody but the other one may know, and they see it on the offer's page. Raises
    Conflict for an offer that was declined, withdrawn, never answered, or has ended, or that nobody can answer.
    """
    offer, problem = await find_offer_to_change(work, offer_id)
    welcomed_by_id, nobody = welcomed_by(offer, problem), nobody_answers(offer, problem)
    two = policy.is_one_of_two(work.viewer, helper_id=offer.helper_id, welcomed_by_id=welcomed_by_id)
    require(two, NOT_ONE_OF_TWO)
    if words and offer.state not in ("waiting", "welcomed"):
        raise Conflict(OVER)
    if words and not policy.keeps_contact(state=offer.state, welcomed_by_id=welcomed_by_id, has_nobody=nobody):
        raise Conflict(NOBODY_THERE)
    await keep_contact(work, offer_id, work.viewer.id, words)


async def keep_contact(work: Work, offer_id: int, person_id: int | None, words: str) -> None:
    """Keep what one side gave, in the place of what they gave before."""
    if not words:
        await drop_contacts(work, offer_id, person_id)
        return
    await work.session.execute(
        insert(Contact)
        .values(offer_id=offer_id, person_id=person_id, words=words)
        .on_conflict_do_update(index_elements=[Contact.offer_id, Contact.person_id], set_={"words": words})
    )


async def drop_contacts(work: Work, offer_id: int, person_id: int | None = None) -> None:
    """Forget what one side gave, or what both gave, since the offer came to nothing."""
    gone = delete(Contact).where(Contact.offer_id == offer_id)
    if person_id is not None:
        gone = gone.where(Contact.person_id == person_id)
    await work.session.execute(gone.execution_options(synchronize_session=False))
