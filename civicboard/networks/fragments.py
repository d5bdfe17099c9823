"""Pieces of a page that show the people round a problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from civicboard.kit.partials import Fragment
from civicboard.networks.queries import ConvenorRow, MemberRow, MembersPostRow, NetworkRow, others_round
from civicboard.problems.queries import ProblemRow


def members(problem: ProblemRow, rows: Sequence[MemberRow]) -> Fragment:
    """The people round a problem and what each brings, as one list. A page shows one such list."""
    return Fragment(
        "networks/_members.html",
        {"members": rows, "others": others_round(problem, rows)},
        target="#members",
        swap="outerHTML",
    )


def convenor(problem: ProblemRow, row: ConvenorRow | None, *, say: str = "") -> Fragment:
    """Who looks after a problem, and until when."""
    return Fragment(
        "networks/_convenor.html",
        {"problem": problem, "convenor": row},
        target="#convenor",
        swap="outerHTML",
        key="convenor",
        say=say,
    )


def convenor_key(problem: ProblemRow, row: ConvenorRow | None) -> tuple[object, ...]:
    """What the rendered line of who looks after it depends on."""
    poster = (problem.poster_id, problem.poster_name, problem.poster_handle)
    return (problem.id, *poster, *(row.key if row is not None else ()))


def wanted(problem: ProblemRow, needs: Sequence[Any]) -> Fragment:
    """What a problem still needs, and how many offers stand, on the page of the people round it."""
    return Fragment(
        "networks/_wanted.html", {"problem": problem, "needs": needs}, target="#wanted", swap="outerHTML", key="wanted"
    )


def about(problem: ProblemRow) -> Fragment:
    """Which problem it is that the people are round."""
    return Fragment("networks/_about.html", {"problem": problem}, target=f"#about-{problem.id}", swap="outerHTML")


def together(agreed: NetworkRow | None) -> Fragment:
    """That they stay together, if they do."""
    return Fragment("networks/_together.html", {"agreed": agreed}, target="#together", swap="outerHTML")


def members_post(row: MembersPostRow) -> Fragment:
    """One post in the thread of the members. Only their topic may be sent it."""
    did = "asks you to join in on another problem" if row.invites_to_id else "wrote to the members"
    return Fragment(
        "networks/_members_post.html",
        {"post": row},
        target="#thread",
        key=f"members-post-{row.id}",
        say=f"{row.author_name} {'edited a post' if row.edited_at else did}.",
    )
