"""Reading what somebody typed: valid, frozen data, or everything they typed back with a message beside each field."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

#: A form has fewer fields than this; more is somebody trying something.
MOST_FIELDS = 100


@dataclass
class FormState:
    """What a form shows: ``values`` by field, ``errors`` by field (plain sentences), ``key`` to send it only once."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """A form filled in with these values; None becomes an empty field."""
        return cls({name: "" if value is None else str(value) for name, value in values.items()})

    def __post_init__(self) -> None:
        self.key = self.values.get("key") or self.key

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


class Invalid(Exception):
    """What was typed can't be used as it is. ``state`` has all of it, and why."""

    def __init__(self, state: FormState) -> None:
        super().__init__(state.errors)
        self.state = state


class Form(BaseModel):
    """The base of every form: ``await NewOffer.read(request)`` gives frozen data or raises Invalid.

    Subclasses may define ``messages``, a mapping of (field, Pydantic's error type) or field to a sentence.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", str_max_length=100_000)

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {}

    @classmethod
    async def read(cls, request: Request) -> Self:
        return cls.check(await typed(request))

    @classmethod
    def check(cls, values: Mapping[str, str]) -> Self:
        """The same for data that came another way (a file, the API). Raises Invalid."""
        try:
            # An empty field is one that wasn't filled in, so that defaults and "required" mean what they say.
            return cls.model_validate({name: value for name, value in values.items() if value != ""})
        except ValidationError as error:
            errors: dict[str, str] = {}
            said = cls.messages()
            for problem in error.errors(include_url=False, include_context=True):
                name = str(problem["loc"][0]) if problem["loc"] else "form"
                kind = problem["type"]
                # A Line or Words is checked after it was cleaned, and then Pydantic names the same fault otherwise.
                kind = f"string_{kind}" if kind in ("too_long", "too_short") else kind
                words = said.get((name, kind)) or said.get(name)
                errors.setdefault(name, words or _plain(problem))
            raise Invalid(FormState(dict(values), errors)) from None


async def typed(request: Request) -> dict[str, str]:
    """The fields of an urlencoded body, the last value of each; files are none of this form's business."""
    form = await request.form(max_fields=MOST_FIELDS, max_files=0)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _plain(problem: Any) -> str:
    kind, context = problem["type"], problem.get("ctx", {})
    match kind:
        case "missing":
            return "Please fill this in."
        case "string_too_long" | "too_long":
            return f"This is too long: {context['max_length']} characters at most."
        case "string_too_short" | "too_short":
            return f"This is too short: {context['min_length']} characters at least."
        case "value_error":
            return str(context["error"])
        case "bad_character":
            return str(problem["msg"])
        case "int_parsing" | "int_type" | "float_parsing" | "int_from_float" | "int_parsing_size":
            return "Please write a number."
        case "greater_than_equal" | "greater_than":
            return f"Please choose {context.get('ge', context.get('gt'))} or more."
        case "less_than_equal" | "less_than":
            return f"Please choose {context.get('le', context.get('lt'))} or less."
        case "literal_error" | "enum":
            return "Please choose one of the answers."
        case _ if kind.startswith("date"):
            return "Please write a date, as in 2026-05-31."
        case _:
            return "This can't be used as it is."
