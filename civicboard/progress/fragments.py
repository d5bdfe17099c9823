"""Pieces of a page that show how a problem moves."""

from __future__ import annotations

from civicboard.kit.partials import Fragment
from civicboard.progress.queries import StageRow


def stage_change(row: StageRow) -> Fragment:
    """One change of stage in the thread."""
    return Fragment(
        "progress/_stage_change.html",
        {"change": row},
        target="#thread",
        key=f"stage-{row.id}",
        say=f"The stage is now: {row.to_words}.",
    )
