"""Hours and days as people read them."""

from __future__ import annotations

from datetime import date


def hours_in_words(hours: float | None) -> str:
    """``"2 hours"``, ``"30 minutes"``; empty when they will see."""
    if hours is None:
        return ""
    if hours < 1:
        return f"{round(hours * 60)} minutes"
    return "1 hour" if hours == 1 else f"{hours:g} hours"


def day_in_words(day: date | None) -> str:
    """``"31 May 2026"``; empty when there is none."""
    return f"{day.day} {day:%B} {day.year}" if day else ""
