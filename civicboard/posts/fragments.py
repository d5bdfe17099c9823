"""Pieces of a page that show the conversation."""

from __future__ import annotations

from collections.abc import Sequence

from civicboard.kit.partials import Fragment
from civicboard.posts.queries import PostRow, SaidRow


def post(row: PostRow) -> Fragment:
    """One reply or update in the thread."""
    did = "reported progress" if row.kind == "update" else "replied"
    return Fragment(
        "posts/_post.html",
        {"post": row},
        target="#thread",
        key=f"post-{row.id}",
        say=f"{row.author_name} {'edited a post' if row.edited_at else did}.",
    )


def said(row: SaidRow) -> Fragment:
    """A post in the list of what was said last on the board."""
    return Fragment("posts/_said.html", {"said": row}, target="#said", key=f"said-{row.id}", newest_first=True)


def latest(rows: Sequence[SaidRow]) -> Fragment:
    """All that was said last, in place of what stood there."""
    return Fragment("posts/_latest.html", {"latest": rows}, target="#said", swap="innerHTML")
