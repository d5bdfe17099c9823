"""Facts about problems."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True)
class ProblemPosted(Event):
    problem_id: int


@dataclass(frozen=True)
class ProblemEdited(Event):
    problem_id: int


@dataclass(frozen=True)
class AffectedChanged(Event):
    """Somebody said that a problem affects them too, or took it back."""

    problem_id: int


@dataclass(frozen=True)
class FollowChanged(Event):
    """Somebody follows a problem, or no longer does."""

    problem_id: int
