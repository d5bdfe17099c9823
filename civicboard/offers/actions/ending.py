"""How offers end: done, over by their date, or never answered. Some of it the clock does by itself."""

from __future__ import annotations

from sqlalchemy import delete

from civicboard.kit.days import has_passed
from civicboard.kit.work import Conflict, Work, require
from civicboard.networks.actions import look_back
from civicboard.offers import policy
from civicboard.offers.actions.answering import say_yes
from civicboard.offers.actions.contacts import drop_contacts
from civicboard.offers.actions.keeping import brings, counts, follow_offers, need_of, nobody_answers, welcomed_by
from civicboard.offers.events import OfferEnded, OfferLapsed, OfferWithdrawn
from civicboard.offers.models import Contact, Offer
from civicboard.offers.queries import (
    ended_long_ago,
    find_offer_to_change,
    waiting_offers_to_change,
    welcomed_offers_to_end,
)
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem_to_change

NOT_ONE_OF_TWO = "Only the two people of an offer, and who answers for the problem, can say that it is done."
NOT_WELCOMED = "Only an offer that was welcomed can be done."


async def end_offer(work: Work, offer_id: int, *, hours_given: float | None = None) -> None:
    """This is done, say the helper or those who answer for the problem; ``hours_given`` in all, None for not counted.

    Saying it twice counts once, but the helper may still say the hours: they are their own to know. Raises Conflict
    for an offer that isn't welcomed.
    """
    offer, problem = await find_offer_to_change(work, offer_id)
    allowed = policy.may_end(
        work.viewer,
        helper_id=offer.helper_id,
        welcomed_by_id=welcomed_by(offer, problem),
        poster_id=problem.poster_id,
        convenor_id=problem.convenor_id,
    )
    require(allowed, NOT_ONE_OF_TWO)
    if offer.state == "ended":
        if hours_given is not None and work.viewer.id == offer.helper_id:
            offer.hours_given = hours_given
        return
    if offer.state != "welcomed":
        raise Conflict(NOT_WELCOMED)
    offer.hours_given, offer.done = hours_given, True
    await _end(work, offer, problem)


async def end_by_date(work: Work, offer_id: int) -> None:
    """The clock's: a welcomed offer whose last day has passed has ended. Nothing for one that is not due any more."""
    offer, problem = await find_offer_to_change(work, offer_id)
    if offer.state == "welcomed" and has_passed(offer.until, work.now):
        await _end(work, offer, problem)


async def lapse_offer(work: Work, offer_id: int) -> None:
    """The clock's: nobody has answered for too long. Nothing for one that is not due any more.

    One that waits where nobody can answer, as they did before such offers joined in at once, is owed no apology: it
    does so now.
    """
    offer, problem = await find_offer_to_change(work, offer_id)
    if offer.state == "waiting" and nobody_answers(offer, problem):
        await _let_in(work, offer, problem)
        return
    if not policy.is_unanswered(state=offer.state, made_at=offer.made_at, until=offer.until, now=work.now):
        return
    offer.state, offer.ended_at = "unanswered", work.now
    offer.version += 1
    await drop_contacts(work, offer_id)
    counts(work, problem, await need_of(work, offer), -1)
    work.record(OfferLapsed(problem.id, offer.id))


async def let_in_waiting(work: Work, number: int) -> None:
    """Where nobody can answer any more, nobody waits: whoever does is one of the people now.

    How they can be reached was meant for who would welcome them, so it is forgotten.
    """
    problem = await find_problem_to_change(work, number)
    for offer in await waiting_offers_to_change(work, number):
        if nobody_answers(offer, problem):
            await _let_in(work, offer, problem)


async def _let_in(work: Work, offer: Offer, problem: Problem) -> None:
    await drop_contacts(work, offer.id)
    await say_yes(work, offer, problem, await need_of(work, offer), words="", by_id=None)


async def end_offers_of(work: Work, number: int, person_id: int) -> None:
    """Whoever steps out of a problem's people takes back what was welcomed there; their place is gone already."""
    problem = await find_problem_to_change(work, number)
    for offer in await welcomed_offers_to_end(work, number, person_id):
        need = await need_of(work, offer)
        offer.state = "withdrawn"
        offer.version += 1
        await drop_contacts(work, offer.id)
        counts(work, problem, need, -1)
        await follow_offers(work, problem, need)
        work.record(OfferWithdrawn(number, offer.id))


async def forget_contacts(work: Work) -> None:
    """The clock's: what the two of an offer gave is deleted when it ended long enough ago."""
    gone = delete(Contact).where(Contact.offer_id.in_(ended_long_ago(work)))
    await work.session.execute(gone.execution_options(synchronize_session=False))


async def _end(work: Work, offer: Offer, problem: Problem) -> None:
    offer.state, offer.ended_at = "ended", work.now
    offer.version += 1
    await look_back(work, problem, offer.helper_id, brought=brings(offer))
    need = await need_of(work, offer)
    counts(work, problem, need, -1)
    await follow_offers(work, problem, need, done=offer.done)
    work.record(OfferEnded(problem.id, offer.id))
