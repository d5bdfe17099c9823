"""What becomes of an offer that waits: welcomed, declined, withdrawn."""

from __future__ import annotations

from civicboard.kit.work import Conflict, Work, require
from civicboard.networks.actions import step_back, take_part
from civicboard.networks.queries import are_at_peace
from civicboard.offers import policy
from civicboard.offers.actions.contacts import drop_contacts, keep_contact
from civicboard.offers.actions.keeping import brings, counts, follow_offers, need_of
from civicboard.offers.events import NeedChanged, OfferDeclined, OfferWelcomed, OfferWithdrawn
from civicboard.offers.models import Need, Offer
from civicboard.offers.queries import find_offer_to_change
from civicboard.problems.actions import moved
from civicboard.problems.models import Problem

NO_POSTER = "This problem came in from elsewhere, and nobody looks after it yet, so nobody can answer this."
NOT_ANSWERER = "Only the person who posted the problem, or who looks after it, can answer this offer."
NOT_HELPER = "Only the person who made an offer can withdraw it."
#: Why an offer in this state can no longer be answered, or taken back.
GONE: dict[str, str] = {
    "withdrawn": "This offer was withdrawn meanwhile.",
    "unanswered": "Nobody answered this offer in time, so it stands no more. You can still ask for it, in words.",
    "ended": "This offer has ended already.",
}


async def welcome_offer(work: Work, offer_id: int, *, words: str = "", contact: str = "") -> None:
    """Say yes: the helper joins the people round the problem, with what they bring.

    It is for the poster and the convenor, and the first of them counts. ``contact`` is how they can be reached, for the
    helper's eyes. Welcoming twice counts once. Raises Conflict for an offer that stands no more.
    """
    offer, problem = await find_offer_to_change(work, offer_id)
    await _require_answerer(work, offer, problem)
    if offer.state == "welcomed":
        return
    if offer.state == "declined":
        raise Conflict("This offer has been declined already. You can still ask for it in the conversation.")
    if offer.state in GONE:
        raise Conflict(GONE[offer.state])
    if contact:
        await keep_contact(work, offer_id, work.viewer.id, contact, for_ids=[offer.helper_id])
    await say_yes(work, offer, problem, await need_of(work, offer), words=words, by_id=work.viewer.id)


async def say_yes(
    work: Work, offer: Offer, problem: Problem, need: Need | None, *, words: str, by_id: int | None
) -> None:
    """What a yes brings with it; all three are locked. ``by_id`` is who gave it, None where nobody had to."""
    _answer(work, offer, "welcomed", words, by_id=by_id)
    moved(work, problem)
    brought_in_by, offer.introduced_by_id = offer.introduced_by_id, None
    await take_part(work, problem, offer.helper_id, part="helper", brings=brings(offer), introduced_by_id=brought_in_by)
    await follow_offers(work, problem, need)
    work.record(OfferWelcomed(problem.id, offer.id))
    if need is not None:
        work.record(NeedChanged(problem.id, need.id))


async def decline_offer(work: Work, offer_id: int, *, words: str) -> None:
    """Say no, with a kind word. Declining twice counts once.

    Raises Conflict for an offer that was welcomed or stands no more.
    """
    offer, problem = await find_offer_to_change(work, offer_id)
    await _require_answerer(work, offer, problem)
    if offer.state == "declined":
        return
    if offer.state == "welcomed":
        raise Conflict("This offer has been welcomed already. If it no longer fits, talk it over in the conversation.")
    if offer.state in GONE:
        raise Conflict(GONE[offer.state])
    _answer(work, offer, "declined", words, by_id=work.viewer.id)
    await drop_contacts(work, offer_id)
    counts(work, problem, await need_of(work, offer), -1)
    work.record(OfferDeclined(problem.id, offer.id))


async def withdraw_offer(work: Work, offer_id: int) -> None:
    """Take one's own offer back, while it waits or after it was welcomed. Withdrawing twice counts once.

    How the two could be reached is forgotten with it: there is nothing left that either would need it for.
    """
    offer, problem = await find_offer_to_change(work, offer_id)
    require(policy.may_withdraw(work.viewer, offer.helper_id), NOT_HELPER)
    if offer.state == "withdrawn":
        return
    if offer.state == "declined":
        raise Conflict("This offer has been declined, so there is nothing left to withdraw.")
    if offer.state in GONE:
        raise Conflict(f"{GONE[offer.state]} There is nothing left to withdraw.")
    need = await need_of(work, offer)
    was_welcomed = offer.state == "welcomed"
    if was_welcomed:
        await step_back(work, problem, offer.helper_id, brings=brings(offer))
    offer.state = "withdrawn"
    offer.version += 1
    await drop_contacts(work, offer_id)
    counts(work, problem, need, -1)
    if was_welcomed:
        await follow_offers(work, problem, need)
    work.record(OfferWithdrawn(problem.id, offer.id))


async def _require_answerer(work: Work, offer: Offer, problem: Problem) -> None:
    allowed = policy.may_answer(
        work.viewer,
        poster_id=problem.poster_id,
        convenor_id=problem.convenor_id,
        helper_id=offer.helper_id,
        is_apart=not await are_at_peace(work, work.viewer.id, [offer.helper_id]),
    )
    nobody = problem.poster_id is None and problem.convenor_id is None
    require(allowed, NO_POSTER if nobody else NOT_ANSWERER)


def _answer(work: Work, offer: Offer, state: str, words: str, *, by_id: int | None) -> None:
    offer.state, offer.answer, offer.answered_at, offer.answered_by_id = state, words, work.now, by_id
    offer.version += 1
