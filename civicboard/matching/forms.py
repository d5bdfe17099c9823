"""What people type when they ask and when they answer, made into valid, frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from civicboard.kit.fields import Line, Words
from civicboard.kit.forms import Form
from civicboard.offers.forms import Contact, ContactFor

Handle = Annotated[Line, Field(max_length=60)]


class NewAsk(Form):
    """Whom to ask, and a word to them. ``who`` is a handle; without one, somebody who shows nobody what they can do."""

    who: Handle = ""
    words: Annotated[Words, Field(max_length=500)] = ""
    contact: Contact = ""


class Answer(Form):
    """Yes, not now, or not me: ``instead`` is the handle of somebody else to ask."""

    answer: Literal["yes", "not_now", "not_me"]
    words: Annotated[Words, Field(max_length=500)] = ""
    contact: Contact = ""
    contact_for: ContactFor = ()
    instead: Handle = ""

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {"answer": "Please choose one of the three answers."}
