"""Facts about what people can do."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True)
class AbilityChanged(Event):
    """Somebody said anew what they can do, when, where or who sees it; or another word stands for it now."""

    person_id: int
