"""What becomes of an offer: made, welcomed, declined, withdrawn."""

from __future__ import annotations

from datetime import date, timedelta

from civicboard.kit.work import Conflict, SentAlready, Unfit, Work, require
from civicboard.networks.actions import step_back, take_part
from civicboard.offers import policy
from civicboard.offers.events import OfferDeclined, OfferMade, OfferWelcomed, OfferWithdrawn
from civicboard.offers.models import Offer
from civicboard.offers.queries import find_offer_to_change, find_sent_offer, welcomed_offers_to_end
from civicboard.problems.actions import follow_too, moved
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem_to_change

OWN_PROBLEM = "This problem is your own. What you can do about it yourself, just say in its conversation."
NO_POSTER = "This problem came in from elsewhere, so there is nobody here yet who can answer offers on it."
NOT_POSTER = "Only the person who posted the problem can answer this offer."
NOT_HELPER = "Only the person who made an offer can withdraw it."
SENT_ALREADY = (
    "You have offered this already, in other words. To change it, withdraw it; to offer this as well, send it again."
)
WITHDRAWN = "This offer was withdrawn meanwhile."


async def make_offer(
    work: Work,
    number: int,
    *,
    what: str,
    words: str = "",
    hours: float | None = None,
    until: date | None = None,
    form_key: str | None = None,
) -> int:
    """Offer help on somebody's problem, and follow it. ``hours`` in all; ``until`` is the last day it stands.

    Returns the offer's id; the same one for a form that had been sent before. The helper is among the
    problem's people only once they are welcomed. Raises SentAlready when the form said something else then.
    """
    require(policy.may_offer(work.viewer), "Please sign in to offer your help.")
    assert work.viewer.id is not None  # the policy has just said so
    await work.one_at_a_time(form_key)
    if before := await find_sent_offer(work, form_key):
        offered = (before.problem_id, before.what, before.words, before.hours, before.until)
        if offered != (number, what, words, hours, until):
            raise SentAlready(SENT_ALREADY)
        return before.id
    problem = await find_problem_to_change(work, number)
    require(policy.is_for_another(work.viewer, problem.poster_id), OWN_PROBLEM)
    # Somewhere it is still yesterday: whose clock is behind ours may choose their own today.
    if until is not None and until < (work.now - timedelta(hours=12)).date():
        raise Unfit("until", "That day has passed. Choose today or a later day, or leave it empty.")
    offer = Offer(
        problem_id=number,
        helper_id=work.viewer.id,
        what=what,
        words=words,
        hours=hours,
        until=until,
        made_at=work.now,
        form_key=form_key or None,
    )
    work.session.add(offer)
    problem.offer_count += 1
    moved(work, problem)
    await follow_too(work, problem)
    await work.session.flush()
    work.record(OfferMade(number, offer.id))
    return offer.id


async def welcome_offer(work: Work, offer_id: int, *, words: str = "") -> None:
    """Say yes: the helper joins the people round the problem, with what they bring.

    Welcoming twice counts once. Raises Conflict for an offer that was declined or withdrawn.
    """
    offer, problem = await find_offer_to_change(work, offer_id)
    _require_poster(work, problem)
    if offer.state == "welcomed":
        return
    if offer.state == "declined":
        raise Conflict("You have declined this offer already. You can still ask for it in the conversation.")
    if offer.state == "withdrawn":
        raise Conflict(WITHDRAWN)
    _answer(work, offer, "welcomed", words)
    moved(work, problem)
    await take_part(work, problem, offer.helper_id, part="helper", brings=_brings(offer))
    work.record(OfferWelcomed(problem.id, offer.id))


async def decline_offer(work: Work, offer_id: int, *, words: str) -> None:
    """Say no, with a kind word. Declining twice counts once.

    Raises Conflict for an offer that was welcomed or withdrawn.
    """
    offer, problem = await find_offer_to_change(work, offer_id)
    _require_poster(work, problem)
    if offer.state == "declined":
        return
    if offer.state == "welcomed":
        raise Conflict("You have welcomed this offer already. If it no longer fits, talk it over in the conversation.")
    if offer.state == "withdrawn":
        raise Conflict(WITHDRAWN)
    _answer(work, offer, "declined", words)
    problem.offer_count -= 1
    problem.version += 1
    work.record(OfferDeclined(problem.id, offer.id))


async def withdraw_offer(work: Work, offer_id: int) -> None:
    """Take one's own offer back, while it waits or after it was welcomed. Withdrawing twice counts once."""
    offer, problem = await find_offer_to_change(work, offer_id)
    require(policy.may_withdraw(work.viewer, offer.helper_id), NOT_HELPER)
    if offer.state == "withdrawn":
        return
    if offer.state == "declined":
        raise Conflict("This offer has been declined, so there is nothing left to withdraw.")
    if offer.state == "welcomed":
        await step_back(work, problem, offer.helper_id, brings=_brings(offer))
    offer.state = "withdrawn"
    offer.version += 1
    problem.offer_count -= 1
    problem.version += 1
    work.record(OfferWithdrawn(problem.id, offer.id))


async def end_offers_of(work: Work, number: int, person_id: int) -> None:
    """Whoever steps out of a problem's people takes back what was welcomed there; their place is gone already."""
    problem = await find_problem_to_change(work, number)
    for offer in await welcomed_offers_to_end(work, number, person_id):
        offer.state = "withdrawn"
        offer.version += 1
        problem.offer_count -= 1
        work.record(OfferWithdrawn(number, offer.id))


def _require_poster(work: Work, problem: Problem) -> None:
    allowed = policy.may_answer(work.viewer, problem.poster_id)
    require(allowed, NO_POSTER if problem.poster_id is None else NOT_POSTER)


def _answer(work: Work, offer: Offer, state: str, words: str) -> None:
    offer.state, offer.answer, offer.answered_at = state, words, work.now
    offer.version += 1


def _brings(offer: Offer) -> str:
    # The network keeps what one person brings as a list with semicolons.
    return offer.what.replace(";", ",")
