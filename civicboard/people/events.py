"""What happened to people's sessions and profiles."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    """A browser is signed out: its sockets close, in every process."""

    session_id: int


@dataclass(frozen=True)
class ProfileEdited(Event):
    """Somebody changed what they say of themselves, and perhaps that they are shown by name where they read."""

    person_id: int


@dataclass(frozen=True, slots=True)
class ProofChanged(Event):
    """What somebody's sign-ins prove that may vouch for their belonging somewhere is no longer what it was."""

    person_id: int
