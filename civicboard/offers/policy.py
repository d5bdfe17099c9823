"""Who may do what with a need and with an offer, and what becomes of them in time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from civicboard.kit.days import has_passed
from civicboard.kit.viewer import Viewer

#: How long an offer waits for an answer, before its helper gets an apology and something that fits better.
ANSWER_WITHIN = timedelta(days=7)
#: How long the two of an offer that has ended still see how to reach each other. Then it is deleted.
REACHABLE_FOR = timedelta(days=30)
#: The kinds of needs that are measured in hours, and how many are usual.
IN_HOURS = ("skill", "room")
USUAL_HOURS = 2.0


def may_add_need(viewer: Viewer, *, involved: bool) -> bool:
    """Whoever is involved: the poster, the people round the problem, and those who follow it or whom it affects.

    Who lives with a problem often knows before its poster what is missing, so to follow is enough. It takes one tap,
    which anybody may make: the rule keeps out no one who cares, only words left in passing.
    """
    return viewer.signed_in and involved


def may_edit_need(viewer: Viewer, *, by_id: int | None, poster_id: int | None, involved: bool) -> bool:
    """Who added it, and the problem's poster. One that came with an import is everybody's who is involved."""
    if not viewer.signed_in:
        return False
    return viewer.id in (by_id, poster_id) or (by_id is None and poster_id is None and involved)


def may_settle_need(viewer: Viewer, *, by_id: int | None, poster_id: int | None, involved: bool) -> bool:
    """Say that it is met or no longer needed, or open it again: who added it, and the problem's poster.

    Not the helper: they say that their offer is done, and the need then asks its owners whether that was enough. Where
    nobody here posted the problem, anyone involved may, or a need would stay open when its owner is gone.
    """
    if not viewer.signed_in:
        return False
    return viewer.id in (by_id, poster_id) or (poster_id is None and involved)


def may_offer(viewer: Viewer) -> bool:
    """Anyone with an account may offer help on somebody else's problem."""
    return viewer.signed_in


def is_for_another(viewer: Viewer, poster_id: int | None) -> bool:
    """Nobody welcomes their own offer, so nobody makes one on their own problem."""
    return poster_id is None or viewer.id != poster_id


def may_answer(viewer: Viewer, poster_id: int | None) -> bool:
    """Welcome or decline. An imported problem has no poster, so nobody can answer for it (``has_nobody_to_answer``).

    Later a problem's convenor answers too: who that is will be passed in beside the poster. Everything that answers an
    offer asks here: this is the seam.
    """
    return viewer.signed_in and viewer.id == poster_id


def has_nobody_to_answer(poster_id: int | None) -> bool:
    """Whether nobody here may welcome an offer, or decline it: then whoever offers joins in at once.

    To wait for an answer that nobody can give is a dead end, and there is nobody who could say no for the others. Being
    one of the people on it is public; what takes two, contact details and the members' thread, does not come with it.
    """
    return poster_id is None


def may_withdraw(viewer: Viewer, helper_id: int) -> bool:
    return viewer.signed_in and viewer.id == helper_id


def is_one_of_two(viewer: Viewer, *, helper_id: int, poster_id: int | None) -> bool:
    """The helper and who answers the offer: they say how to be reached, and that it is done."""
    return viewer.signed_in and viewer.id in (helper_id, poster_id)


def sees_contact(
    viewer: Viewer, *, state: str, ended_at: datetime | None, helper_id: int, poster_id: int | None, now: datetime
) -> bool:
    """How the other side can be reached is for the two of an offer, once both have said yes.

    The helper said it by offering, the poster by welcoming; it lasts while they have something to do with each other.
    """
    if has_nobody_to_answer(poster_id) or not is_one_of_two(viewer, helper_id=helper_id, poster_id=poster_id):
        return False
    return state == "welcomed" or (state == "ended" and ended_at is not None and now - ended_at < REACHABLE_FOR)


def is_unanswered(*, state: str, made_at: datetime, until: date | None, now: datetime) -> bool:
    """Whether an offer has waited for too long: a week, or past its own last day."""
    return state == "waiting" and (now - made_at >= ANSWER_WITHIN or has_passed(until, now))


def hours_for(kind: str, hours: float | None) -> float | None:
    """What is said of the hours of a need: a ladder or an introduction isn't measured in them."""
    return hours if kind in IN_HOURS else None
