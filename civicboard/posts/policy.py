"""Who may say what."""

from __future__ import annotations

from civicboard.kit.viewer import Viewer


def may_write(viewer: Viewer) -> bool:
    """Anyone with an account may take part in any conversation."""
    return viewer.signed_in


def may_edit(viewer: Viewer, author_id: int) -> bool:
    return viewer.signed_in and viewer.id == author_id
