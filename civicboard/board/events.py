"""Facts about what the pages that gather several features show, and to whom."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Derived, Event


@dataclass(frozen=True)
class BadgesChanged(Derived):
    """Where some people belong is another, and it stands beside their names on this problem's open pages."""

    problem_id: int
    person_ids: frozenset[int]


@dataclass(frozen=True)
class ProblemSuited(Event):
    """Something new may fit what this person can do: their open page looks whether it does, and why."""

    person_id: int
    problem_id: int


@dataclass(frozen=True)
class QuestionSuited(Event):
    """Somebody asked something that this person may be able to answer: their open page looks whether it is for them.

    With no ``post_id`` it is a problem that fell silent.
    """

    person_id: int
    problem_id: int
    post_id: int | None


@dataclass(frozen=True)
class SilenceNoticed(Event):
    """Nobody has said or offered anything on a problem for two days, and who could has been looked for."""

    problem_id: int


@dataclass(frozen=True)
class AlikeMoved(Event):
    """Something has come of a problem that may be like one of this person's own: their open page shows it."""

    person_id: int
    problem_id: int


@dataclass(frozen=True)
class HelpersChanged(Event):
    """Somebody whom this problem fits, or may have fitted, said anew what they can do: open lists look again."""

    problem_id: int


@dataclass(frozen=True)
class FitChanged(Event):
    """What a problem wants is another, or is no longer wanted: this person's open page may show it, and looks again."""

    person_id: int
    problem_id: int
