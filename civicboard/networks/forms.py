"""What people write to each other and about themselves, made into valid, frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from civicboard.kit.fields import FormKey, Line, Words
from civicboard.kit.forms import Form

_NOTHING = "Please write something first."


class NewMembersPost(Form):
    """Something for the poster and the helpers of a problem alone."""

    words: Annotated[Words, Field(min_length=1, max_length=10_000)]
    key: FormKey | None = None

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {
            ("words", "missing"): _NOTHING,
            ("words", "string_too_short"): _NOTHING,
            "key": "This form was damaged on its way. Please send it again.",
        }


class EditedMembersPost(Form):
    words: Annotated[Words, Field(min_length=1, max_length=10_000)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {("words", "missing"): "A post can’t be empty."}


class Together(Form):
    """What a network that stays together calls itself, and what it can do."""

    name: Annotated[Line, Field(min_length=3, max_length=80)]
    about: Annotated[Words, Field(min_length=10, max_length=500)]

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        what = "Please say what you can do together, so that others know when to ask you."
        return {
            ("name", "missing"): "Please give it a name that others find again.",
            ("name", "string_too_short"): "A few more letters, please.",
            ("about", "missing"): what,
            ("about", "string_too_short"): what,
        }


class Successor(Form):
    """Who is asked to look after a problem, by their handle."""

    who: Annotated[Line, Field(min_length=1, max_length=60)]

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {"who": "Please choose one of the people on this problem."}


class ConveningAnswer(Form):
    """Yes, or not now."""

    answer: Literal["yes", "not_now"]

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {"answer": "Please choose one of the answers."}


class Invitation(Form):
    """A kind line for those who are asked to join in."""

    words: Annotated[Words, Field(max_length=500)] = ""
