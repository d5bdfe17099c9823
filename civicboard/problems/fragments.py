"""Pieces of a page that show a problem itself."""

from __future__ import annotations

from civicboard.kit.partials import Fragment
from civicboard.problems.queries import ProblemRow


def head(problem: ProblemRow) -> Fragment:
    """Stage, place, title and counts, at the top of a problem's page."""
    return Fragment(
        "problems/_head.html",
        {"problem": problem},
        target=f"#head-{problem.id}",
        swap="outerHTML",
        key=f"head-{problem.id}",
    )


def story(problem: ProblemRow, *, edited: bool = True) -> Fragment:
    """What the problem says, and who posted it."""
    return Fragment(
        "problems/_story.html",
        {"problem": problem},
        target=f"#story-{problem.id}",
        swap="outerHTML",
        key=f"story-{problem.id}",
        say="The story was edited." if edited else "",
    )
