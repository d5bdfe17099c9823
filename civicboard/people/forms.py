"""What people type about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from civicboard.kit.fields import Line, Words
from civicboard.kit.forms import Form
from civicboard.people.policy import NAME_LENGTH, is_handle, is_reserved

_NAME = "Please say what people should call you."


def _bare(value: object) -> object:
    """People type ``@Ada`` for ``ada``."""
    return value.strip().removeprefix("@").lower() if isinstance(value, str) else value


def _fit(handle: str) -> str:
    if not is_handle(handle):
        raise ValueError("Use 2 to 30 letters from a to z, digits and hyphens, with a letter or a digit at both ends.")
    if is_reserved(handle):
        raise ValueError("This handle is kept for the board itself. Please choose another one.")
    return handle


Handle = Annotated[str, BeforeValidator(_bare), AfterValidator(_fit)]


class StartLogin(Form):
    """Where to go afterwards, whether to add to one's account, and the server where a provider has many."""

    next: str = ""
    link: Literal["yes", ""] = ""
    server: Line = Field("", max_length=300)


class NewAccount(Form):
    """What a newcomer is called, and where they live if they like to say."""

    name: Line = Field(min_length=NAME_LENGTH[0], max_length=NAME_LENGTH[1])
    handle: Handle
    place: Line = Field("", max_length=120)

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {
            ("name", "missing"): _NAME,
            ("name", "string_too_short"): _NAME,
            ("handle", "missing"): "Please choose a handle.",
        }


class EditProfile(Form):
    """What a person says of themselves."""

    name: Line = Field(min_length=NAME_LENGTH[0], max_length=NAME_LENGTH[1])
    about: Words = Field("", max_length=2000)
    place: Line = Field("", max_length=120)
    shows_presence: Literal["yes", ""] = ""

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {("name", "missing"): _NAME, ("name", "string_too_short"): _NAME}
