"""How the two of an offer can be reached: each says what they choose, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Conflict, Unfit, Work, require
from civicboard.offers import policy
from civicboard.offers.actions.keeping import nobody_answers, welcomed_by
from civicboard.offers.models import Contact, Offer
from civicboard.offers.queries import find_offer_to_change
from civicboard.problems.models import Problem

NOT_ONE_OF_TWO = "Only the two people of an offer can say how they are reached."
NOBODY_THERE = "There is nobody here yet who would see it. Talk it over in the conversation."
OTHERS = (
    "Who would see this has changed meanwhile. Read who it is now, and send it again if that is right, or empty it."
)
OVER = "This offer has come to its end, so there is nobody left who should see it."


async def say_contact(work: Work, offer_id: int, words: str, *, named: Sequence[int] | None = None) -> None:
    """Say how oneself can be reached about an offer; empty words take it back.

    ``named`` are those whom the form named as who may see it. It is no fact for the outbox: nobody but the other one
    may know, and they see it on the offer's page. Raises Conflict for an offer that was declined, withdrawn, never
    answered, or has ended, or that nobody can answer; Unfit where others than those named would see it.
    """
    offer, problem = await find_offer_to_change(work, offer_id)
    welcomed_by_id, nobody = welcomed_by(offer, problem), nobody_answers(offer, problem)
    two = policy.is_one_of_two(work.viewer, helper_id=offer.helper_id, welcomed_by_id=welcomed_by_id)
    require(two, NOT_ONE_OF_TWO)
    if words and offer.state not in ("waiting", "welcomed"):
        raise Conflict(OVER)
    if words and not policy.keeps_contact(state=offer.state, welcomed_by_id=welcomed_by_id, has_nobody=nobody):
        raise Conflict(NOBODY_THERE)
    if work.viewer.id == offer.helper_id:
        await keep_helpers_contact(work, offer, problem, words, named=named)
    else:
        await keep_contact(work, offer_id, work.viewer.id, words, for_ids=[offer.helper_id])


async def keep_helpers_contact(
    work: Work, offer: Offer, problem: Problem, words: str, *, named: Sequence[int] | None
) -> None:
    """Keep what the helper gave for whoever welcomed the offer, or may yet; of them, for whom the form ``named``.

    Raises Unfit where the form named none of them.
    """
    welcomed_by_id = welcomed_by(offer, problem)
    answerers = policy.answerers(
        poster_id=problem.poster_id, convenor_id=problem.convenor_id, helper_id=offer.helper_id
    )
    for_ids = policy.contact_for(named, answerers if welcomed_by_id is None else [welcomed_by_id])
    if words and not for_ids:
        raise Unfit("contact", OTHERS)
    await keep_contact(work, offer.id, offer.helper_id, words, for_ids=for_ids)


async def keep_contact(work: Work, offer_id: int, person_id: int | None, words: str, *, for_ids: Sequence[int]) -> None:
    """Keep what one side gave, and for whom, in the place of what they gave before."""
    if not words:
        await drop_contacts(work, offer_id, person_id)
        return
    kept = {"words": words, "for_ids": list(for_ids)}
    await work.session.execute(
        insert(Contact)
        .values(offer_id=offer_id, person_id=person_id, **kept)
        .on_conflict_do_update(index_elements=[Contact.offer_id, Contact.person_id], set_=kept)
    )


async def drop_contacts(work: Work, offer_id: int, person_id: int | None = None) -> None:
    """Forget what one side gave, or what both gave, since the offer came to nothing."""
    gone = delete(Contact).where(Contact.offer_id == offer_id)
    if person_id is not None:
        gone = gone.where(Contact.person_id == person_id)
    await work.session.execute(gone.execution_options(synchronize_session=False))
