"""Facts about what is for whom."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True)
class ProblemSuited(Event):
    """Something new may fit what this person can do: their open page looks whether it does, and why."""

    person_id: int
    problem_id: int
