"""Fields that several forms have: a line, words, tags, a point on the map, and the key that lets a form count once."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

MOST_TAGS = 6

_LINE_BREAKS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_REFUSED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
#: They turn the direction of the text that follows, so that it reads as something else.
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def _kept(text: str) -> str:
    if _REFUSED.search(text):
        raise PydanticCustomError(
            "bad_character", "A character in this can't be kept. Try typing it instead of pasting it."
        )
    text = _BIDI.sub("", unicodedata.normalize("NFC", text))
    # Words that nobody can see are no words.
    return text if any(unicodedata.category(c)[0] not in "CZM" for c in text) else ""


def _line(value: object) -> object:
    return " ".join(_kept(value).split()) if isinstance(value, str) else value


def _lines(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = _kept(_LINE_BREAKS.sub("\n", value))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


#: One line: normalised (NFC), runs of space made one, none at the ends. Length limits count what is left.
Line = Annotated[str, BeforeValidator(_line)]
#: Many lines: line ends made ``\n``, none at the ends, no space at the end of a line.
Words = Annotated[str, BeforeValidator(_lines)]


def read_tags(value: Any, *, most: int = MOST_TAGS) -> Any:
    """``"Flooding, #canal path"`` gives ``("flooding", "canal path")``: lower case, each once, in order."""
    if not isinstance(value, str):
        return value
    tags = [" ".join(part.strip().lstrip("#").lower().split()) for part in re.split(r"[,;\n]", value)]
    tags = list(dict.fromkeys(tag for tag in tags if tag))
    if len(tags) > most:
        raise ValueError(f"At most {most} tags, please: you wrote {len(tags)}.")
    for tag in tags:
        if len(tag) > 30:
            raise ValueError("A tag has 30 characters at most. Put a comma between tags.")
        if not re.fullmatch(r"[\w][\w '’&/.-]*", tag):
            raise ValueError("Tags are words, with commas between them.")
    return tuple(tags)


def read_hours(value: Any) -> Any:
    """``"2"``, ``"1.5"`` and ``"2,5"`` give hours."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*(\d{1,6})(?:[.,](\d{1,6}))?\s*", value, re.ASCII)
    if not found:
        raise ValueError("Please write a number of hours, as in 2 or 1.5.")
    return float(f"{found[1]}.{found[2] or 0}")


def read_coordinates(value: Any) -> Any:
    """``"53.701, -1.953"`` (degrees north, degrees east) gives a pair of floats."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*", value)
    if not found:
        raise ValueError("Please write two numbers, as in 53.7012, -1.9534.")
    latitude, longitude = float(found[1]), float(found[2])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("There is no such place on earth: the first number is -90 to 90, the second -180 to 180.")
    return latitude, longitude


Tags = Annotated[tuple[Line, ...], BeforeValidator(read_tags)]
Coordinates = Annotated[tuple[float, float] | None, BeforeValidator(read_coordinates)]
#: Names one sending of a form, so that sending it twice does the deed once.
FormKey = Annotated[str, Field(max_length=40, pattern=r"^[0-9a-f-]{36}$")]
