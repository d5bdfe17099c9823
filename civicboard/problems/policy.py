"""Who may do what with a problem. Facts come in, a plain yes or no comes out."""

from __future__ import annotations

from civicboard.kit.viewer import Viewer


def may_post(viewer: Viewer) -> bool:
    return viewer.signed_in


def may_edit(viewer: Viewer, poster_id: int | None) -> bool:
    """Nobody edits a resident's words but the resident: not an officer, not a councillor."""
    return viewer.signed_in and viewer.id == poster_id


def may_take_part(viewer: Viewer) -> bool:
    """Say "this affects me too", or follow."""
    return viewer.signed_in
