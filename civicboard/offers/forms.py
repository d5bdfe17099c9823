"""What people type about needs and offers, made into valid, frozen data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from civicboard.kit.fields import FormKey, Line, Tags, Words, read_hours
from civicboard.kit.forms import Form

_ISO_DAY = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", re.ASCII)
_LOCAL_DAY = re.compile(r"(?P<d>\d{1,2})[/.](?P<m>\d{1,2})[/.](?P<y>\d{4})", re.ASCII)


def read_day(value: Any) -> Any:
    """A day as a browser sends it, ``"2026-05-31"``, or as people here write it, ``"31/5/2026"``."""
    if not isinstance(value, str):
        return value
    found = _ISO_DAY.fullmatch(value.strip()) or _LOCAL_DAY.fullmatch(value.strip())
    if not found:
        raise ValueError("Please write a date, as in 2026-05-31.")
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        raise ValueError("There is no such day. Please write a date, as in 2026-05-31.") from None


Hours = Annotated[float, BeforeValidator(read_hours), Field(ge=0.25, le=200)]
Day = Annotated[date, BeforeValidator(read_day)]
#: How somebody can be reached, in a line.
Contact = Annotated[Line, Field(max_length=200)]


def read_ids(value: Any) -> Any:
    """``"3 7"`` gives the ids of people."""
    if not isinstance(value, str):
        return value
    if len(value) > 100 or not re.fullmatch(r"\d{1,18}( \d{1,18})*", value, re.ASCII):
        raise ValueError(_DAMAGED)
    return tuple(int(one) for one in value.split())


#: Whom a form named as those who may see how somebody can be reached.
ContactFor = Annotated[tuple[int, ...], BeforeValidator(read_ids)]

_DAMAGED = "This form was damaged on its way. Please send it again."
_LEAST_HOURS = "A quarter of an hour is the least: write 0.25 or more."
_MOST_HOURS = "That is a lot. Please write 200 hours or fewer."
_HOURS: Mapping[str | tuple[str, str], str] = {
    ("hours", "greater_than_equal"): _LEAST_HOURS,
    ("hours", "less_than_equal"): _MOST_HOURS,
}


class NewNeed(Form):
    """What a problem needs."""

    kind: Literal["skill", "thing", "room", "introduction"]
    what: Annotated[Line, Field(min_length=3, max_length=120)]
    words: Annotated[Words, Field(max_length=2_000)] = ""
    tags: Tags = ()
    hours: Hours | None = None
    by: Day | None = None
    where: Literal["either", "there", "online"] = "either"
    #: Whether it takes the place of what the poster said would help.
    wish: Literal["", "help"] = ""
    key: FormKey | None = None

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {
            **_HOURS,
            "wish": _DAMAGED,
            "kind": "Please choose what kind of help it is.",
            "where": "Please choose where.",
            ("what", "missing"): "Please say in one line what is needed.",
            ("what", "string_too_short"): "A few more letters, please: what is needed?",
            "key": _DAMAGED,
        }


class EditedNeed(NewNeed):
    """The same, edited: which version was in front of the editor."""

    version: Annotated[int, Field(ge=1, le=1_000_000)]


class NewOffer(Form):
    """What somebody can do for a problem, for how long, and until when."""

    what: Annotated[Line, Field(min_length=3, max_length=120)]
    words: Annotated[Words, Field(max_length=2_000)] = ""
    hours: Hours | None = None
    until: Day | None = None
    need: Annotated[int, Field(ge=1, le=2**62)] | None = None
    limits: Annotated[Line, Field(max_length=160)] = ""
    contact: Contact = ""
    contact_for: ContactFor = ()
    key: FormKey | None = None

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {
            **_HOURS,
            "need": "Please choose what it is for from the list.",
            ("what", "missing"): "Please say in one line what you would bring.",
            ("what", "string_too_short"): "A few more letters, please: what would you bring?",
            "key": _DAMAGED,
        }


class Welcome(Form):
    """A kind word for somebody whose offer is welcome, if the poster likes to add one."""

    words: Annotated[Words, Field(max_length=500)] = ""
    contact: Contact = ""


class Refusal(Form):
    """The kind word that goes with a no."""

    reason: Annotated[Words, Field(min_length=3, max_length=500)]

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        asked = "Please add a kind word. They offered their time."
        return {("reason", "missing"): asked, ("reason", "string_too_short"): asked}


class Ending(Form):
    """How many hours somebody gave in the end, if they counted."""

    hours_given: Hours | None = None

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {
            ("hours_given", "greater_than_equal"): _LEAST_HOURS,
            ("hours_given", "less_than_equal"): _MOST_HOURS,
        }


class NewContact(Form):
    """How one side of an offer can be reached; empty to take it back."""

    contact: Contact = ""
    contact_for: ContactFor = ()
