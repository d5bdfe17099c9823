"""What people type about where they belong, made into valid, frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from civicboard.kit.fields import Line, Words
from civicboard.kit.forms import Form
from civicboard.organisations.models import ROLES


class Belonging(Form):
    """What somebody is at an organisation; ``place`` is a councillor's ward, ``words`` are for who confirms it."""

    role: Annotated[Line, Field(pattern=f"^({'|'.join(ROLES)})$")]
    place: Annotated[Line, Field(max_length=120)] = ""
    title: Annotated[Line, Field(max_length=80)] = ""
    words: Annotated[Words, Field(max_length=500)] = ""

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {"role": "Please choose what you are there."}


class Confirmation(Form):
    """A word for somebody whom a steward confirms, if they like to add one."""

    words: Annotated[Words, Field(max_length=500)] = ""


class NotConfirmed(Form):
    """The word that goes with a no."""

    reason: Annotated[Words, Field(min_length=3, max_length=500)]

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        asked = "Please say why in a few words."
        return {("reason", "missing"): asked, ("reason", "string_too_short"): asked}
