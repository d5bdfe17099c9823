"""What people do with problems: the change and the fact together."""

from __future__ import annotations

from civicboard.problems.actions.importing import Reported, keep_report, wait_turn
from civicboard.problems.actions.keeping import moved
from civicboard.problems.actions.posting import Posted, Told, edit_problem, find_posted, post_problem
from civicboard.problems.actions.taking_part import (
    follow,
    follow_too,
    say_affected,
    stop_following,
    take_back_affected,
)

__all__ = [
    "Posted",
    "Reported",
    "Told",
    "edit_problem",
    "find_posted",
    "follow",
    "follow_too",
    "keep_report",
    "moved",
    "post_problem",
    "say_affected",
    "stop_following",
    "take_back_affected",
    "wait_turn",
]
