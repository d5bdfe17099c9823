"""What the board, a problem's page and one person's own show as it happens, where that takes more than one feature."""

from __future__ import annotations

from civicboard.board.live import badges, for_you, problem
from civicboard.board.live.badges import badges_changed, show_badges, show_convenor_badges
from civicboard.board.live.for_you import show_all_fits, show_fit, show_suggestion
from civicboard.board.live.problem import (
    show_done,
    show_members,
    show_network,
    show_wanted,
)

__all__ = [
    "RENDERERS",
    "badges_changed",
    "show_all_fits",
    "show_badges",
    "show_convenor_badges",
    "show_done",
    "show_fit",
    "show_members",
    "show_network",
    "show_suggestion",
    "show_wanted",
]

RENDERERS = [*problem.RENDERERS, *badges.RENDERERS, *for_you.RENDERERS]
