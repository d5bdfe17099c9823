"""What people type about a problem, made into valid, frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from civicboard.kit.fields import Coordinates, FormKey, Line, Tags, Words
from civicboard.kit.forms import Form


class NewProblem(Form):
    """A problem as it is posted."""

    title: Annotated[Line, Field(min_length=8, max_length=120)]
    story: Annotated[Words, Field(min_length=20, max_length=10_000)]
    place: Annotated[Line, Field(max_length=80)] = ""
    whereabouts: Annotated[Line, Field(max_length=160)] = ""
    coordinates: Coordinates = None
    tags: Tags = ()
    help_wanted: Annotated[Line, Field(max_length=160)] = ""
    key: FormKey | None = None

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {
            ("title", "missing"): "Please give it a title: what is the matter, in one line?",
            ("title", "string_too_short"): "A few more words, please: what is the matter, in one line?",
            ("story", "missing"): "Please say what is going on, in your own words.",
            ("story", "string_too_short"): "Please say a little more about what is going on.",
            "key": "This form was damaged on its way. Please send it again.",
        }


class EditedProblem(NewProblem):
    """The same, edited: why, and which revision was in front of the editor."""

    why: Annotated[Line, Field(max_length=160)] = ""
    revision: Annotated[int, Field(ge=1, le=1_000_000)]
