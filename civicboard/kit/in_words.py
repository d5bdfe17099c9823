"""Lists, hours and days as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

#: The days of the week by their short names, which are stored, with the words people read.
DAY_NAMES: dict[str, str] = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
#: The times of a day that somebody can have free. With a day they are stored, as in ``thu-evening``.
HOURS = ("morning", "afternoon", "evening")


def listed(words: Sequence[str]) -> str:
    """``"a, b and c"``; empty for none."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def hours_in_words(hours: float | None) -> str:
    """``"2 hours"``, ``"30 minutes"``; empty where nobody has said."""
    if hours is None:
        return ""
    if hours < 1:
        return f"{round(hours * 60)} minutes"
    return "1 hour" if hours == 1 else f"{hours:g} hours"


def day_in_words(day: date | None) -> str:
    """``"31 May 2026"``; empty when there is none."""
    return f"{day.day} {day:%B} {day.year}" if day else ""


def week_in_words(free: Iterable[str]) -> list[str]:
    """Times of the week, day by day: ``thu-morning`` and ``thu-evening`` give ``"Thursday morning and evening"``."""
    times = set(free)
    words = []
    for day, name in DAY_NAMES.items():
        hours = [hour for hour in HOURS if f"{day}-{hour}" in times]
        if len(hours) == len(HOURS):
            words.append(f"all {name}")
        elif hours:
            words.append(f"{name} {' and '.join(hours)}")
    return words
