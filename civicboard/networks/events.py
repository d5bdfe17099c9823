"""Facts about the people round a problem."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True)
class MemberJoined(Event):
    """Somebody is one of a problem's people, for the first time or again."""

    problem_id: int
    person_id: int


@dataclass(frozen=True)
class MemberChanged(Event):
    """What one of them brings, their part, or how they speak has changed. What they may read may have, too."""

    problem_id: int
    person_id: int


@dataclass(frozen=True)
class MemberLeft(Event):
    """Somebody has stepped out."""

    problem_id: int
    person_id: int


@dataclass(frozen=True)
class MembersPosted(Event):
    """One of them wrote to the others."""

    problem_id: int
    post_id: int


@dataclass(frozen=True)
class MembersPostEdited(Event):
    problem_id: int
    post_id: int


@dataclass(frozen=True)
class NetworkChanged(Event):
    """They stay together, or no longer do, or call themselves something else."""

    problem_id: int


@dataclass(frozen=True)
class NetworkInvited(Event):
    """The poster of ``problem_id`` asked the people round problem ``network_id``, who stay together, to join in."""

    problem_id: int
    network_id: int


@dataclass(frozen=True)
class ConveningAsked(Event):
    """Whether somebody looks after a problem waits for a yes: of who posted it, or of the one who is named.

    It is between those two: no page but theirs shows it.
    """

    problem_id: int
    convening_id: int


@dataclass(frozen=True)
class ConveningSettled(Event):
    """Nothing came of that: a no, no answer in time, taken back, or somebody else looks after the problem by now."""

    problem_id: int
    convening_id: int


@dataclass(frozen=True)
class ConveningStarted(Event):
    """Somebody looks after a problem from now on."""

    problem_id: int
    convening_id: int


@dataclass(frozen=True)
class ConveningRenewed(Event):
    """They do so for longer."""

    problem_id: int
    convening_id: int


@dataclass(frozen=True)
class ConveningReminded(Event):
    """The clock's: it ends in a few days, unless they say otherwise."""

    problem_id: int
    convening_id: int


@dataclass(frozen=True)
class ConveningEnded(Event):
    """They look after it no more: put down, handed on, lapsed, or stepped out."""

    problem_id: int
    convening_id: int
