"""How this board asks: by whose clock, and what each part of the score weighs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import ZoneInfo

from civicboard.matching.policy.scoring import Weights
from civicboard.settings import Settings


@dataclass(frozen=True, slots=True)
class MatchingConfig:
    """``zone`` is the board's own, for people who have not said theirs."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    weights: Weights = field(default_factory=Weights)


@lru_cache(maxsize=4)
def _made(timezone: str, weights: tuple[tuple[str, float], ...]) -> MatchingConfig:
    return MatchingConfig(ZoneInfo(timezone), Weights(**dict(weights)))


def config_of(settings: Settings) -> MatchingConfig:
    """The config that the settings ask for."""
    return _made(settings.timezone, settings.match_weights)
