"""Facts about asking people for help. They are told to nobody but those two: no topic of a problem shows them."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True)
class PersonAsked(Event):
    """Somebody is asked to help with a need, from now on: not in their quiet hours, nor too often."""

    problem_id: int
    need_id: int
    ask_id: int
    person_id: int


@dataclass(frozen=True)
class AskAnswered(Event):
    """They said yes, not now, or not me; which of them, the ask knows."""

    problem_id: int
    need_id: int
    ask_id: int
    person_id: int


@dataclass(frozen=True)
class AskEnded(Event):
    """Nobody answers it any more: no answer for a week, taken back, or no longer needed."""

    problem_id: int
    need_id: int
    ask_id: int
    person_id: int
