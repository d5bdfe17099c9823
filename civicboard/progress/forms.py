"""What people type when a problem moves, made into valid, frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from civicboard.kit.fields import FormKey, Words
from civicboard.kit.forms import Form


class NewStage(Form):
    """Which stage a problem moves to, and why."""

    to: Literal["open", "exploring", "trying", "sorted", "stuck", "passed_on"]
    why: Annotated[Words, Field(max_length=2_000)] = ""
    key: FormKey | None = None

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {
            "to": "Please choose where it stands now.",
            "key": "This form was damaged on its way. Please send it again.",
        }
