"""What people type into a conversation, made into valid, frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from civicboard.kit.fields import FormKey, Words
from civicboard.kit.forms import Form


class NewPost(Form):
    """A reply or a progress update, and in which capacity its author speaks."""

    words: Annotated[Words, Field(min_length=1, max_length=10_000)]
    kind: Literal["reply", "update"] = "reply"
    capacity: Literal["neighbour", "professional"] = "neighbour"
    quotes: Annotated[int, Field(ge=1, lt=2**53)] | None = None
    key: FormKey | None = None

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {
            ("words", "missing"): "Please write something first.",
            ("words", "string_too_short"): "Please write something first.",
            "key": "This form was damaged on its way. Please send it again.",
        }


class EditedPost(Form):
    words: Annotated[Words, Field(min_length=1, max_length=10_000)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {("words", "missing"): "A post can't be empty."}
