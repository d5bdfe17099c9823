"""Who is looking. Every query that finds a thing takes a viewer, and hides what they may not see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person, or nobody in particular, on whose behalf something is read or done.

    ``id`` is the person's id, None when signed out. ``session_id`` is the row of the session they came with.
    ``is_new`` says that the account is young, which quarters its rates. ``unread`` counts what waits for them to read.
    """

    id: int | None = None
    handle: str = ""
    name: str = ""
    session_id: int | None = None
    is_new: bool = False
    unread: int = 0

    @property
    def signed_in(self) -> bool:
        return self.id is not None

    @property
    def initials(self) -> str:
        return initials(self.name)


#: A reader without an account. Pages for it, and all broadcasts, hold nothing of any person's own.
NOBODY = Viewer()


def initials(name: str) -> str:
    """Up to two letters that stand for a person where a face would: ``"Ada Kaur"`` gives ``"AK"``."""
    words = [word for word in name.split() if word[0].isalnum()] or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()
