"""What happened to people's sessions."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    """A browser is signed out: its sockets close, in every process."""

    session_id: int
