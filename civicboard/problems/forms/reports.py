"""A report from elsewhere, with the field names of Open311 GeoReport v2, as one line of a file tells it.

What is made of a report claims no more than the report does:

- "closed" becomes the stage "passed on", not "sorted": finished and fixed are different words, and the report
  tells only that somebody elsewhere took it and ended it. The story says when, and that no more is known.
- votes become a sentence of the story. "This affects me too" counts people of this board, and no one else.
- a description is plain text. What Markdown would make a mark of, or this board a link (``pole #6`` is no
  problem of ours), is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from civicboard.kit.fields import MOST_TAGS, Line, Words
from civicboard.kit.forms import Form

#: What the statuses of a report become here.
STAGES = {"open": "open", "acknowledged": "exploring", "closed": "passed_on"}

LONGEST_TITLE = 120
LONGEST_TAG = 30


def read_moment(value: Any) -> Any:
    """``"2026-05-31T09:00:00Z"`` as a moment in UTC; without an offset it is UTC already."""
    if not isinstance(value, str):
        raise ValueError("not a date")
    moment = datetime.fromisoformat(value.strip())
    if not 1900 <= moment.year < 9999:  # nobody reported anything then, and drivers take the ends for infinity
        raise ValueError("not a date")
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_number(value: Any) -> Any:
    """A report's number, which some services send as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def read_status(value: Any) -> Any:
    status = value.strip().lower() if isinstance(value, str) else ""
    if status not in STAGES:
        raise ValueError("not a status")
    return status


Moment = Annotated[datetime | None, BeforeValidator(read_moment)]


class Report(Form):
    """One report. ``source`` names where it comes from; the other fields are the report's own."""

    source: Annotated[Line, Field(min_length=1, max_length=60)]
    service_request_id: Annotated[Line, BeforeValidator(read_number), Field(min_length=1, max_length=200)]
    status: Annotated[str, BeforeValidator(read_status)] = "open"
    summary: Annotated[Line, Field(max_length=1000)] = ""
    service_name: Annotated[Line, Field(max_length=200)] = ""
    description: Annotated[Words, Field(max_length=20_000)] = ""
    requested_datetime: Moment = None
    acknowledged_datetime: Moment = None
    closed_datetime: Moment = None
    lat: Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False)] = None
    long: Annotated[float | None, Field(ge=-180, le=180, allow_inf_nan=False)] = None
    votes: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0

    @classmethod
    def read_row(cls, row: Mapping[str, Any], *, source: str) -> Self:
        """A report from a decoded line; null means the same as missing. Raises Invalid."""
        given = {name: value for name, value in row.items() if value is not None}
        return cls.check({**given, "source": source})

    @classmethod
    def messages(cls) -> Mapping[str | tuple[str, str], str]:
        texts = ("service_request_id", "summary", "service_name", "description")
        dates = ("requested_datetime", "acknowledged_datetime", "closed_datetime")
        return {
            **{(name, "bad_character"): f"{name} has a character that can't be kept." for name in texts},
            **{(name, "string_too_long"): f"{name} is too long." for name in texts},
            **{name: f"{name} is not a text." for name in texts},
            ("service_request_id", "missing"): "service_request_id is missing.",
            ("service_request_id", "string_too_short"): "service_request_id is missing.",
            **{name: f"{name} is not a date and time, as in 2026-05-31T09:00:00Z." for name in dates},
            "status": "status is none of open, acknowledged, closed.",
            "lat": "lat is not a number from -90 to 90.",
            "long": "long is not a number from -180 to 180.",
            "votes": "votes is not a number of people.",
        }

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.summary and not self.description:
            raise ValueError("summary is missing, and there is no description either.")
        if (self.lat is None) != (self.long is None):
            raise ValueError("lat and long come together: one of them is missing.")
        return self

    @property
    def source_id(self) -> str:
        return self.service_request_id

    @property
    def title(self) -> str:
        """The summary; the description's first words where the summary only names the kind of thing."""
        summary, kind = self.summary.casefold(), self.service_name.casefold()
        vague = summary in {"", "other", kind, kind.removesuffix(" issue")} or summary.endswith(" issue")
        return _cut(_first_sentence(self.description) if vague and self.description else self.summary)

    @property
    def story(self) -> str:
        """The description, or the summary without one, and what became of it where it was reported."""
        words = as_markdown(self.description or self.summary)
        return f"{words}\n\n{known}" if (known := self._known()) else words

    def _known(self) -> str:
        """What happened to it elsewhere, in a sentence or two; nothing when nothing did."""
        facts = []
        if self.votes:
            people = "one person" if self.votes == 1 else f"{self.votes:,} people"
            facts.append(f"{people} voted for it")
        if self.acknowledged_datetime:
            facts.append(f"it was acknowledged on {_day(self.acknowledged_datetime)}")
        if self.status == "closed":
            on = f" on {_day(self.closed_datetime)}" if self.closed_datetime else ""
            facts.append(f"it was closed{on}")
        if not facts:
            return ""
        listed = facts[0] if len(facts) == 1 else f"{', '.join(facts[:-1])} and {facts[-1]}"
        beyond = " That doesn't say whether it was sorted." if self.status == "closed" else ""
        return f"Where it was first reported ({as_markdown(self.source)}), {listed}.{beyond}"

    @property
    def stage(self) -> str:
        """A report that is open and was acknowledged is being looked into."""
        return "exploring" if self.status == "open" and self.acknowledged_datetime else STAGES[self.status]

    @property
    def tags(self) -> tuple[str, ...]:
        """The kind of thing as tags: ``Roadway or Sidewalk Issue`` gives ``("roadway or sidewalk",)``."""
        name = re.sub(r"[^\w '’&/.,;-]+", " ", self.service_name.lower())
        tags: list[str] = []
        for part in re.split(r"[,;]", name):
            # What is too long for one tag is mostly two things.
            fits = len(part.strip()) <= LONGEST_TAG
            tags += [_tag(each) for each in ([part] if fits else re.split(r"\s(?:or|and)\s|[&/]", part))]
        return tuple(dict.fromkeys(tag for tag in tags if tag not in ("", "other")))[:MOST_TAGS]

    @property
    def coordinates(self) -> tuple[float, float] | None:
        """Degrees north and east. Nought and nought, in the open sea, is what services send for unknown."""
        if self.lat is None or self.long is None or (self.lat == 0 and self.long == 0):
            return None
        return self.lat, self.long

    @property
    def posted_at(self) -> datetime | None:
        return self.requested_datetime

    @property
    def moved_at(self) -> datetime | None:
        """When anything last happened to it, as far as its dates tell."""
        dates = (self.requested_datetime, self.acknowledged_datetime, self.closed_datetime)
        return max((moment for moment in dates if moment), default=None)


_MARKS = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|$)"  # a backslash that would escape
    r"|[`\[]"
    r"|\*(?=\S)|(?<=\S)\*"
    r"|(?<!\w)_|_(?!\w)"  # within a word it marks nothing, and addresses have it
    r"|~(?=~)"
    r"|(?<![\w&/])#(?=\d)|^#(?=#|\s|$)"
    r"|(?<![\w.-])@(?=\w)"
    r"|^[=-](?=[=\- ]*$)",
    re.M,
)


def as_markdown(text: str) -> str:
    """Plain text as Markdown that reads the same. Lists and quotations are left: they mean the same."""
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return _MARKS.sub(lambda found: "\\" + found[0], lines)


def _tag(words: str) -> str:
    tag = " ".join(words.split()).lstrip(" '’&/.-").removesuffix(" issues").removesuffix(" issue")
    return tag if len(tag) <= LONGEST_TAG else tag[: LONGEST_TAG + 1].rpartition(" ")[0] or tag[:LONGEST_TAG]


def _first_sentence(text: str) -> str:
    """The first sentence of the first line; one too short to say anything takes the next along."""
    line = text.split("\n", 1)[0].strip()
    for end in re.finditer(r"[.!?]+(?=\s)", line):
        if end.start() >= 20:
            line = line[: end.end()]
            break
    return line.removesuffix(".") if not line.endswith("..") else line


def _cut(line: str) -> str:
    if len(line) <= LONGEST_TITLE:
        return line
    cut = line[:LONGEST_TITLE]
    whole = cut.rpartition(" ")[0] or cut[:-1]
    return whole.rstrip(" ,;:.-") + "…"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
