"""Pieces of pages that are one person's own, for the topic that only they watch."""

from __future__ import annotations

from collections.abc import Sequence

from civicboard.kit.partials import Fragment
from civicboard.notices.queries import NoticeRow


def unread(count: int, *, is_new: bool = False) -> Fragment:
    """How many notices wait to be read, beside the word in the masthead."""
    say = "You have a new notice." if is_new else ""
    return Fragment(
        "notices/_unread.html", {"unread": count}, target="#unread", swap="outerHTML", key="unread" * is_new, say=say
    )


def told(notice: NoticeRow) -> Fragment:
    """A notice on the page of all of them."""
    return Fragment(
        "notices/_told.html", {"notice": notice}, target="#told", key=f"notice-{notice.id}", newest_first=True
    )


def all_told(notices: Sequence[NoticeRow]) -> Fragment:
    """The first page of them."""
    return Fragment("notices/_list.html", {"notices": notices, "before": None}, target="#told", swap="outerHTML")
