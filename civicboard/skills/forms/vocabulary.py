"""What people type when they tend the words for what people can do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from civicboard.kit.fields import Line, read_tags
from civicboard.kit.forms import Form
from civicboard.skills.policy import MOST_SYNONYMS, key


def _word(value: Any) -> Any:
    """One word of the vocabulary, as tags are read: lower case, no commas."""
    if not isinstance(value, str):
        return value
    found = read_tags(value)
    if len(found) > 1:
        raise ValueError("One at a time, please, without a comma.")
    return found[0] if found else ""


def _said(value: str) -> str:
    if not key(value):
        raise ValueError("Please write a word.")
    return value


Word = Annotated[Line, BeforeValidator(_word), AfterValidator(_said), Field(max_length=30)]
Synonyms = Annotated[tuple[Line, ...], BeforeValidator(partial(read_tags, most=MOST_SYNONYMS))]


class NewWord(Form):
    """A word for the vocabulary, with other words for it, and in a line what it takes in."""

    tag: Word
    synonyms: Synonyms = ()
    about: Annotated[Line, Field(max_length=160)] = ""

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {("tag", "missing"): "Please write the word."}


class NewSynonym(Form):
    """Another word for one of the vocabulary."""

    word: Word

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        return {("word", "missing"): "Please write the word."}


class OldSynonym(Form):
    """A word to take out, exactly as it stands there."""

    word: Annotated[str, Field(max_length=200)] = ""


class FileWord(Form):
    """One word in a file of the operator's."""

    tag: Word
    synonyms: tuple[Word, ...] = ()
    about: Annotated[Line, Field(max_length=160)] = ""


class WordsFile:
    """A file of words: a JSON list of objects with ``tag``, ``synonyms`` and ``about``."""

    _reader = TypeAdapter(list[FileWord])

    @classmethod
    def read(cls, content: bytes) -> list[dict[str, Any]]:
        """The words in a file. Raises ValueError with a sentence about the first that can't be used."""
        try:
            return [word.model_dump() for word in cls._reader.validate_json(content)]
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            place = [part for part in first["loc"] if part != "function-before[_word(), constrained-str]"]
            where = f"Word {int(place[0]) + 1}: " if place and isinstance(place[0], int) else ""
            field = f"{place[1]}: " if len(place) > 1 else ""
            raise ValueError(f"{where}{field}{first['msg'].removeprefix('Value error, ')}") from None
