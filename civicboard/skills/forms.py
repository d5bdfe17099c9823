"""What people type about what they can do, made into valid, frozen data."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from pydantic import BeforeValidator, Field

from civicboard.kit.fields import read_tags
from civicboard.kit.forms import Form
from civicboard.kit.text import Line, Words

MOST_TAGS = 12


class AbilityForm(Form):
    """What somebody can do, as tags and in their own words, and what they can lend. Each may stay empty."""

    tags: Annotated[tuple[Line, ...], BeforeValidator(partial(read_tags, most=MOST_TAGS))] = ()
    words: Annotated[Words, Field(max_length=2_000)] = ""
    lends: Annotated[Words, Field(max_length=500)] = ""
