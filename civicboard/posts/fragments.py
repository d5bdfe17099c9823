"""Pieces of a page that show the conversation."""

from __future__ import annotations

from civicboard.kit.partials import Fragment
from civicboard.posts.queries import PostRow


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
