"""What people do with problems: the change and the fact together."""

from __future__ import annotations

from civicboard.problems.actions.importing import Reported, keep_report
from civicboard.problems.actions.keeping import moved
from civicboard.problems.actions.posting import (
    EDITED_MEANWHILE,
    NOT_POSTER,
    Posted,
    Told,
    edit_problem,
    move_wish,
    post_problem,
)
from civicboard.problems.actions.taking_part import (
    follow,
    follow_too,
    say_affected,
    stop_following,
    take_back_affected,
)

__all__ = [
    "EDITED_MEANWHILE",
    "NOT_POSTER",
    "Posted",
    "Reported",
    "Told",
    "edit_problem",
    "follow",
    "follow_too",
    "keep_report",
    "move_wish",
    "moved",
    "post_problem",
    "say_affected",
    "stop_following",
    "take_back_affected",
]
