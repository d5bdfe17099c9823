"""Days as people mean them: a last day is over when it is over everywhere."""

from __future__ import annotations

from datetime import date, datetime, timedelta


def earliest_today(now: datetime) -> date:
    """The day that it still is somewhere, and that somebody there may choose as their today."""
    return (now - timedelta(hours=12)).date()


def has_passed(day: date | None, now: datetime) -> bool:
    """Whether a last day is over everywhere; never, where there is none."""
    return day is not None and day < earliest_today(now)
