"""Facts about what the pages that gather several features show."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True)
class BadgeChanged(Event):
    """Where somebody belongs is another, and it stands beside their name on this problem's pages."""

    problem_id: int
    person_id: int
