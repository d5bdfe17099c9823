"""Who may do what with an offer."""

from __future__ import annotations

from civicboard.kit.viewer import Viewer


def may_offer(viewer: Viewer) -> bool:
    """Anyone with an account may offer help on somebody else's problem."""
    return viewer.signed_in


def is_for_another(viewer: Viewer, poster_id: int | None) -> bool:
    """Nobody welcomes their own offer, so nobody makes one on their own problem."""
    return poster_id is None or viewer.id != poster_id


def may_answer(viewer: Viewer, poster_id: int | None) -> bool:
    """Welcome or decline. An imported problem has no poster, so nobody can answer for it."""
    return viewer.signed_in and viewer.id == poster_id


def may_withdraw(viewer: Viewer, helper_id: int) -> bool:
    return viewer.signed_in and viewer.id == helper_id
