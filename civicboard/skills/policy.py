"""Who may say what a person can do."""

from __future__ import annotations

from civicboard.kit.viewer import Viewer


def may_say_ability(viewer: Viewer) -> bool:
    """Each says it of themselves."""
    return viewer.signed_in
