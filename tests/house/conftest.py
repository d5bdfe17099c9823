"""The tests of the house share a world."""

from __future__ import annotations

from tests.house.world import plain_logs, world

__all__ = ["plain_logs", "world"]
