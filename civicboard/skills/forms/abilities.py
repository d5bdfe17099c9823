"""The steps in which somebody says what they can do: what, how well, when and where, who sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from functools import cache, partial
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from civicboard.kit.fields import Line, Words, read_hours, read_tags
from civicboard.kit.forms import Form
from civicboard.kit.in_words import HOURS
from civicboard.skills.models import DAYS
from civicboard.skills.policy import MOST_LANGUAGES, MOST_LINES, MOST_TAGS

LONGEST_LINE = 200
#: Where there is a field for each of several things, this and the thing name it, as in ``free_thu-evening``.
LEVEL, FREE, REACH = "level_", "free_", "reach_"
FREE_TIMES = tuple(f"{day}-{hour}" for day in DAYS for hour in HOURS)


def read_lines(value: Any) -> Any:
    """``"A van\\n\\n- A ladder"`` gives ``("A van", "A ladder")``: a line each, once each, in order."""
    if not isinstance(value, str):
        return value
    lines = (" ".join(re.sub(r"^[-*•]\s", "", line.strip()).split()) for line in value.splitlines())
    found = list(dict.fromkeys(line for line in lines if line))
    if len(found) > MOST_LINES:
        raise ValueError(f"At most {MOST_LINES} lines, please: you wrote {len(found)}.")
    if any(len(line) > LONGEST_LINE for line in found):
        raise ValueError(f"A line has {LONGEST_LINE} characters at most.")
    return tuple(found)


def read_languages(value: Any) -> Any:
    """``"polish, British Sign Language"`` gives ``("Polish", "British Sign Language")``."""
    if not isinstance(value, str):
        return value
    found: dict[str, str] = {}
    for part in re.split(r"[,;\n]", value):
        if word := " ".join(part.split()):
            found.setdefault(word.casefold(), word[:1].upper() + word[1:])
    if len(found) > MOST_LANGUAGES:
        raise ValueError(f"At most {MOST_LANGUAGES} languages, please.")
    for word in found.values():
        if len(word) > 40 or not re.fullmatch(r"[\w][\w '’().-]*", word):
            raise ValueError("Languages are words, with commas between them.")
    return tuple(found.values())


def read_time(value: Any) -> Any:
    """``"21:00"`` and ``"9.30"`` give a time of day."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*([01]?\d|2[0-4])(?:[:.]([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?)?\s*", value, re.ASCII)
    if not found or (found[1] == "24" and int(found[2] or 0)):
        raise ValueError("Please write a time of day, as in 21:00.")
    return time(int(found[1]) % 24, int(found[2] or 0))


@cache
def timezones() -> tuple[str, ...]:
    """The time zones to choose from, by the names of their towns."""
    regions = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return ("UTC", *sorted(zone for zone in available_timezones() if zone.startswith(regions)))


def _zone(value: str) -> str:
    if value and value not in timezones():
        raise ValueError("Please choose one of the time zones on the list.")
    return value


def _gathered(values: Any, prefix: str, name: str) -> Any:
    """The fields that are named by ``prefix`` and a thing, as one: a mapping by the thing."""
    if not isinstance(values, Mapping):
        return values
    own = {field.removeprefix(prefix): value for field, value in values.items() if field.startswith(prefix)}
    return {**{field: value for field, value in values.items() if not field.startswith(prefix)}, name: own}


Lines = Annotated[tuple[Line, ...], BeforeValidator(read_lines)]
TimeOfDay = Annotated[time, BeforeValidator(read_time)]
#: What was ticked has the value ``yes``; anything else is no tick.
Ticks = Annotated[
    frozenset[str], BeforeValidator(lambda ticks: {one for one, value in ticks.items() if value == "yes"})
]


class WhatForm(Form):
    """The first step: what somebody can do and lend. All of it may stay empty."""

    tags: Annotated[tuple[Line, ...], BeforeValidator(partial(read_tags, most=MOST_TAGS))] = ()
    words: Annotated[Words, Field(max_length=2_000)] = ""
    things: Lines = ()
    rooms: Lines = ()
    languages: Annotated[tuple[Line, ...], BeforeValidator(read_languages)] = ()


class LevelsForm(Form):
    """How well, by the address of each tag; those that weren't chosen stay unsaid."""

    levels: Mapping[Line, Literal["learning", "explain", "do", "living"]] = Field({})

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, values: Any) -> Any:
        return _gathered(values, LEVEL, "levels")


class WhenForm(Form):
    """The second step: when and where. ``reach`` has the slugs of places, ``free`` times as in ``thu-evening``."""

    online_only: Literal["yes", ""] = ""
    reach: Ticks = frozenset()
    free: Ticks = frozenset()
    hours_a_week: Annotated[float, BeforeValidator(read_hours), Field(ge=0.25, le=80)] | None = None
    quiet_from: TimeOfDay = time(21)
    quiet_until: TimeOfDay = time(8)
    timezone: Annotated[Line, AfterValidator(_zone)] = ""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, values: Any) -> Any:
        return _gathered(_gathered(values, REACH, "reach"), FREE, "free")

    @property
    def times(self) -> list[str]:
        """The times of the week that were ticked, in their order, and no others."""
        return [one for one in FREE_TIMES if one in self.free]

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {
            ("hours_a_week", "greater_than_equal"): "A quarter of an hour is the least: write 0.25 or more.",
            ("hours_a_week", "less_than_equal"): "That is a lot. Please write 80 hours or fewer.",
        }


class WhoForm(Form):
    """The third step: who sees it, and how often they may be asked."""

    visibility: Literal["public", "signed_in", "matching"]
    asks_a_week: Annotated[int, Field(ge=0, le=2)]

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {
            "visibility": "Please choose who may see it.",
            "asks_a_week": "Please choose how often we may ask you.",
        }
