"""The time, as something that can be handed in, so that a test turns it by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

#: Gives the present as an aware datetime in UTC.
Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """The real time, in UTC."""
    return datetime.now(UTC)
