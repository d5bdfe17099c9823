"""Offering help: to a problem, to one of its needs, or when one was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from civicboard.kit.days import has_passed
from civicboard.kit.work import Conflict, SentAlready, Unfit, Work, require
from civicboard.offers import policy
from civicboard.offers.actions.answering import say_yes
from civicboard.offers.actions.contacts import keep_contact, keep_helpers_contact
from civicboard.offers.actions.keeping import counts, nobody_answers, welcomed_by
from civicboard.offers.events import OfferMade
from civicboard.offers.models import Need, Offer
from civicboard.offers.queries import find_need_to_change, find_sent_offer, find_standing_offer
from civicboard.problems.actions import follow_too, moved
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem_to_change

SIGN_IN = "Please sign in to offer your help."
OWN_PROBLEM = "This problem is your own. What you can do about it yourself, just say in its conversation."
SENT_ALREADY = (
    "You have offered this already, in other words. To change it, withdraw it; to offer this as well, send it again."
)
WELCOMED_BEFORE = (
    "You offer this already, and somebody else has welcomed it. Leave this empty here, and say it on your offer’s page."
)
NOT_NEEDED = "That is no longer needed. Choose something else, or the problem as a whole."


async def make_offer(
    work: Work,
    number: int,
    *,
    what: str,
    words: str = "",
    hours: float | None = None,
    until: date | None = None,
    need_id: int | None = None,
    limits: str = "",
    contact: str = "",
    contact_named: Sequence[int] | None = None,
    form_key: str | None = None,
) -> int:
    """Offer help on somebody's problem, or to one of its needs, and follow it.

    ``hours`` in all; ``until`` is the last day it stands; ``limits`` is what it does not take in; ``contact`` is how
    the helper can be reached, which the one who welcomes it will see if they are among ``contact_named``, those whom
    the form named (None where there was no form). Returns the offer's id; the same one for a form that had been sent
    before. The helper is among the problem's people once they are welcomed; at once, where nobody is there to welcome
    anybody. Raises Unfit for a day that has passed, a need that is open no more, or where others than those named would
    see the contact; SentAlready when the form said something else then.
    """
    require(policy.may_offer(work.viewer), SIGN_IN)
    await work.one_at_a_time(form_key)
    if before := await find_sent_offer(work, form_key):
        offered = (before.problem_id, before.what, before.words, before.hours, before.until)
        rest = (before.need_id, before.limits)
        if (*offered, *rest) != (number, what, words, hours, until, need_id, limits):
            raise SentAlready(SENT_ALREADY)
        return before.id
    problem = await find_problem_to_change(work, number)
    require(policy.is_for_another(work.viewer, problem.poster_id), OWN_PROBLEM)
    if has_passed(until, work.now):
        raise Unfit("until", "That day has passed. Choose today or a later day, or leave it empty.")
    need = await _find_need(work, need_id, number) if need_id is not None else None
    offer = await _put_offer(work, problem, need, what=what, words=words, hours=hours, until=until, limits=limits)
    offer.form_key = form_key or None
    if nobody_answers(offer, problem):
        await say_yes(work, offer, problem, need, words="", by_id=None)
    elif contact:
        await keep_helpers_contact(work, offer, problem, contact, named=contact_named)
    return offer.id


async def offer_when_asked(
    work: Work,
    need_id: int,
    *,
    asked_by_id: int | None,
    what: str,
    words: str = "",
    hours: float | None = None,
    contact: str = "",
    contact_named: Sequence[int] | None = None,
    their_contact: str = "",
    introduced_by_id: int | None = None,
) -> int:
    """The viewer says yes when they are asked to help with a need. Returns the offer's id.

    The problem's poster, or its convenor, has said yes by asking: then the offer is welcomed at once, and each sees how
    to reach the other, if they said so (``contact`` the viewer, ``their_contact`` who asked). The viewer's is kept for
    those whom the form named, ``contact_named``, and no others (None where there was no form). Where nobody can answer
    the viewer joins in at once, too, and nobody's contact is kept. Asked by anybody else it waits for an answer, and
    ``their_contact`` goes nowhere: who asked is not one of the two. ``introduced_by_id`` is who passed the question on
    to the viewer: whoever welcomes the offer, they brought the viewer in. What the viewer offers to this need already
    is not offered twice. Raises Conflict for a need that is open no more, Unfit where others than those named would see
    the viewer's contact.
    """
    require(policy.may_offer(work.viewer), SIGN_IN)
    assert work.viewer.id is not None  # the policy has just said so
    need, problem = await find_need_to_change(work, need_id)
    require(policy.is_for_another(work.viewer, problem.poster_id), OWN_PROBLEM)
    if need.state not in ("open", "being_met") or problem.stage == "sorted":
        raise Conflict("That is no longer needed. Thank you for having been ready to help.")
    offer = await find_standing_offer(work, need_id, work.viewer.id)
    if offer is None:
        offer = await _put_offer(work, problem, need, what=what, words=words, hours=hours)
    if offer.state == "waiting":
        offer.introduced_by_id = introduced_by_id or offer.introduced_by_id
    # Whoever welcomed it already is not whom this form named.
    welcomed_before = offer.state == "welcomed" and contact_named is not None
    welcomed_before = welcomed_before and welcomed_by(offer, problem) not in (None, *(contact_named or ()))
    alone = nobody_answers(offer, problem)
    welcomed = policy.welcomes_by_asking(asked_by_id, poster_id=problem.poster_id, convenor_id=problem.convenor_id)
    if offer.state == "waiting" and (alone or welcomed):
        await say_yes(work, offer, problem, need, words="", by_id=asked_by_id if welcomed else None)
    welcomed_by_id = welcomed_by(offer, problem)
    if contact and policy.keeps_contact(state=offer.state, welcomed_by_id=welcomed_by_id, has_nobody=alone):
        if welcomed_before:
            raise Unfit("contact", WELCOMED_BEFORE)
        await keep_helpers_contact(work, offer, problem, contact, named=contact_named)
    if their_contact and asked_by_id is not None and asked_by_id == welcomed_by_id:
        await keep_contact(work, offer.id, asked_by_id, their_contact, for_ids=[work.viewer.id])
    return offer.id


async def _put_offer(
    work: Work,
    problem: Problem,
    need: Need | None,
    *,
    what: str,
    words: str,
    hours: float | None,
    until: date | None = None,
    limits: str = "",
) -> Offer:
    """Put what the viewer offers on the problem, which is locked like the need."""
    assert work.viewer.id is not None  # every caller has asked the policy
    offer = Offer(
        problem_id=problem.id,
        helper_id=work.viewer.id,
        what=what,
        words=words,
        hours=hours,
        until=until,
        made_at=work.now,
        need_id=need.id if need is not None else None,
        limits=limits,
    )
    work.session.add(offer)
    moved(work, problem)
    await follow_too(work, problem)
    await work.session.flush()
    work.record(OfferMade(problem.id, offer.id))
    counts(work, problem, need, 1)
    return offer


async def _find_need(work: Work, need_id: int, number: int) -> Need:
    """The need that an offer to problem ``number`` answers. Raises Unfit for one that takes no offers there."""
    need, problem = await find_need_to_change(work, need_id)
    if problem.id != number or need.state not in ("open", "being_met") or problem.stage == "sorted":
        raise Unfit("need", NOT_NEEDED)
    return need
