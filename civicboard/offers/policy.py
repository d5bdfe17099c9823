"""Who may do what with a need and with an offer, and what becomes of them in time."""

from __future__ import annotations

from collections.abc import Sequence
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


def may_settle_need(
    viewer: Viewer, *, by_id: int | None, poster_id: int | None, convenor_id: int | None, involved: bool
) -> bool:
    """Say that it is met or no longer needed, or open it again: who added it, the problem's poster and its convenor.

    Not the helper: they say that their offer is done, and the need then asks its owners whether that was enough. Where
    nobody here posted the problem or looks after it, anyone involved may, or a need would stay open when its owner is
    gone.
    """
    if not viewer.signed_in:
        return False
    nobody = poster_id is None and convenor_id is None
    return viewer.id in (by_id, poster_id, convenor_id) or (nobody and involved)


def may_offer(viewer: Viewer) -> bool:
    """Anyone with an account may offer help on somebody else's problem."""
    return viewer.signed_in


def is_for_another(viewer: Viewer, poster_id: int | None) -> bool:
    """Nobody welcomes their own offer, so nobody makes one on their own problem."""
    return poster_id is None or viewer.id != poster_id


def answerers(*, poster_id: int | None, convenor_id: int | None, helper_id: int | None) -> tuple[int, ...]:
    """Who may answer an offer: the problem's poster, and who looks after it; never who made the offer."""
    both = dict.fromkeys((poster_id, convenor_id))
    return tuple(one for one in both if one is not None and one != helper_id)


def may_answer(
    viewer: Viewer, *, poster_id: int | None, convenor_id: int | None, helper_id: int | None, is_apart: bool = False
) -> bool:
    """Welcome or decline an offer. Everything that answers one asks here.

    ``is_apart`` is whether a block stands between the viewer and the helper: then a convenor, whom nobody chose when
    they offered their help to the poster, leaves the answer to others.
    """
    if not viewer.signed_in or viewer.id is None or (is_apart and viewer.id != poster_id):
        return False
    return viewer.id in answerers(poster_id=poster_id, convenor_id=convenor_id, helper_id=helper_id)


def has_nobody_to_answer(*, poster_id: int | None, convenor_id: int | None, helper_id: int | None) -> bool:
    """Whether nobody here may welcome an offer, or decline it: then whoever offers joins in at once.

    To wait for an answer that nobody can give is a dead end, and there is nobody who could say no for the others. Being
    one of the people on it is public; what takes two, contact details and the members' thread, does not come with it.
    """
    return not answerers(poster_id=poster_id, convenor_id=convenor_id, helper_id=helper_id)


def welcomes_by_asking(asked_by_id: int | None, *, poster_id: int | None, convenor_id: int | None) -> bool:
    """Whether who asked somebody for help has said yes with it: who posted the problem, and who looks after it."""
    return asked_by_id is not None and asked_by_id in (poster_id, convenor_id)


def may_withdraw(viewer: Viewer, helper_id: int) -> bool:
    return viewer.signed_in and viewer.id == helper_id


def is_one_of_two(viewer: Viewer, *, helper_id: int, welcomed_by_id: int | None) -> bool:
    """The helper and whoever welcomed the offer: they say how to be reached. None while nobody has welcomed it."""
    return viewer.signed_in and viewer.id in (helper_id, welcomed_by_id)


def may_end(
    viewer: Viewer,
    *,
    helper_id: int | None,
    welcomed_by_id: int | None,
    poster_id: int | None,
    convenor_id: int | None,
) -> bool:
    """Say that an offer is done: the two of it, and who answers for the problem now."""
    return viewer.signed_in and viewer.id in (helper_id, welcomed_by_id, poster_id, convenor_id)


def sees_contact(
    viewer: Viewer, *, state: str, ended_at: datetime | None, helper_id: int, welcomed_by_id: int | None, now: datetime
) -> bool:
    """How the other side can be reached is for the two of an offer, once both have said yes.

    The helper said it by offering, the other by welcoming: who only might have welcomed it sees nothing. It lasts while
    they have something to do with each other.
    """
    if welcomed_by_id is None or not is_one_of_two(viewer, helper_id=helper_id, welcomed_by_id=welcomed_by_id):
        return False
    return state == "welcomed" or (state == "ended" and ended_at is not None and now - ended_at < REACHABLE_FOR)


def welcomed_by(*, state: str, answered_by_id: int | None, poster_id: int | None) -> int | None:
    """Who welcomed an offer; the poster, for what was welcomed before it was kept who did.

    None for one that was never welcomed, and for who joined in where nobody could answer.
    """
    if state not in ("welcomed", "ended"):
        return None
    return answered_by_id if answered_by_id is not None else poster_id


def keeps_contact(*, state: str, welcomed_by_id: int | None, has_nobody: bool) -> bool:
    """Whether there is, or may yet be, somebody who would see how a side of an offer can be reached."""
    return welcomed_by_id is not None if state == "welcomed" else not has_nobody


def contact_for(named: Sequence[int] | None, may_see: Sequence[int]) -> list[int]:
    """For whom the helper says how they can be reached: of those who may see it, whom the form named.

    ``named`` is None where nobody read a form. Nobody who came since is among them, nor who is gone.
    """
    return [one for one in may_see if named is None or one in named]


def is_unanswered(*, state: str, made_at: datetime, until: date | None, now: datetime) -> bool:
    """Whether an offer has waited for too long: a week, or past its own last day."""
    return state == "waiting" and (now - made_at >= ANSWER_WITHIN or has_passed(until, now))


def hours_for(kind: str, hours: float | None) -> float | None:
    """What is said of the hours of a need: a ladder or an introduction isn't measured in them."""
    return hours if kind in IN_HOURS else None
