"""Facts about how problems move."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True)
class StageChanged(Event):
    problem_id: int
    change_id: int
