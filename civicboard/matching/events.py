"""Facts about asking people for help, and about what a model has read.

An ask is told to nobody but those two: no topic of a problem shows it.
"""

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


@dataclass(frozen=True)
class ProblemIndexed(Event):
    """A model has read what a problem or a need of it says, for the first time: whom it fits may be others now."""

    problem_id: int


@dataclass(frozen=True)
class ProblemReindexed(Event):
    """The same after it was edited: whom it fitted, it may fit no longer."""

    problem_id: int


@dataclass(frozen=True)
class PostIndexed(Event):
    """A model has read what somebody said on a problem: if it asks something, others may be able to answer it now."""

    problem_id: int
    post_id: int


@dataclass(frozen=True)
class AbilityIndexed(Event):
    """A model has read what somebody says they can do: what fits them may be something else now."""

    person_id: int
