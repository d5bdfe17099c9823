"""Pieces of a page that show the people round a problem."""

from __future__ import annotations

from collections.abc import Sequence

from civicboard.kit.partials import Fragment
from civicboard.networks.queries import MemberRow, others_round
from civicboard.problems.queries import ProblemRow


def members(problem: ProblemRow, rows: Sequence[MemberRow]) -> Fragment:
    """The people round a problem and what each brings, as one list. A page shows one such list."""
    return Fragment(
        "networks/_members.html",
        {"members": rows, "others": others_round(problem, rows)},
        target="#members",
        swap="outerHTML",
    )


def wanted(problem: ProblemRow) -> Fragment:
    """What a problem still needs, and how many offers stand, on the page of the people round it."""
    return Fragment("networks/_wanted.html", {"problem": problem}, target="#wanted", swap="outerHTML", key="wanted")


def about(problem: ProblemRow) -> Fragment:
    """Which problem it is that the people are round."""
    return Fragment("networks/_about.html", {"problem": problem}, target=f"#about-{problem.id}", swap="outerHTML")
