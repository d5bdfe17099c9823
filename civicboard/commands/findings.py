"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is well, what there is to say, and how to mend it."""

    ok: bool
    says: str
    mend: str = ""
