"""Pieces of a page that show the people round a problem."""

from __future__ import annotations

from collections.abc import Sequence

from civicboard.kit.partials import Fragment
from civicboard.networks.queries import MemberRow


def members(problem_id: int, rows: Sequence[MemberRow]) -> Fragment:
    """Everybody round a problem and what each brings, as one list. A page shows one such list."""
    return Fragment(
        "networks/_members.html",
        {"members": rows},
        target="#members",
        swap="outerHTML",
    )
