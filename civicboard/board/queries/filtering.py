"""Which problems the board shows, and in which order: what its address says, and the conditions that this makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import BigInteger, ColumnElement, Text, and_, any_, bindparam, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from civicboard.networks.models import Member
from civicboard.problems.models import Affected, Follow, Problem

SORTS: dict[str, str] = {"moved": "Moved last", "posted": "Newest", "affected": "Most affected"}
SORTED_BY = {"posted": Problem.posted_at, "affected": Problem.affected_count}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which problems a list shows, and in which order; it is the query string of the list's address.

    ``after`` is the key of the last notice of the page before: its sort value and its number.
    """

    place: str = ""
    stage: str = ""
    tag: str = ""
    needs: bool = False
    #: The kind of help that is needed, one of NEED_KINDS; empty for any.
    need: str = ""
    mine: bool = False
    sort: str = "moved"
    after: str = ""

    def query(self, **changes: object) -> str:
        """The list's address with some of this changed; a change of the filter starts at the first page."""
        changed = replace(self, **{"after": "", **changes})  # type: ignore[arg-type]  # fields by name
        given = [
            (name, "1" if value is True else str(value))
            for name in ("place", "stage", "tag", "needs", "need", "mine", "sort", "after")
            if (value := getattr(changed, name)) and not (name == "sort" and value == "moved")
        ]
        return f"/?{urlencode(given)}" if given else "/"

    @property
    def narrows(self) -> bool:
        return bool(self.place or self.stage or self.tag or self.needs or self.need or self.mine)


class Shape(NamedTuple):
    """What a page of the board narrows by, without the values: each shape is one statement."""

    #: 0 for everywhere, 1 for a place that has none in it, 2 for one that has.
    place: int
    stage: bool
    tag: bool
    needs: bool
    need: bool
    mine: bool
    sort: str
    after: bool


def conditions_of(wanted: Shape) -> list[ColumnElement[bool]]:
    """For a SELECT of problems; the values are parameters."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.place == 1:
        conditions.append(Problem.place_id == bindparam("place", type_=BigInteger))
    elif wanted.place:
        conditions.append(Problem.place_id == any_(bindparam("places", type_=ARRAY(BigInteger))))
    if wanted.stage:
        conditions.append(Problem.stage == bindparam("stage", type_=Text))
    if wanted.tag:
        conditions.append(Problem.tags.contains(bindparam("tag", type_=ARRAY(Text))))
    if wanted.needs or wanted.need:
        # Written out as in the partial index, so that the planner sees that they are the same.
        conditions.append(
            and_(
                or_(Problem.help_wanted != literal_column("''"), Problem.need_count > literal_column("0")),
                Problem.stage != literal_column("'sorted'"),
            )
        )
    if wanted.need:
        conditions.append(Problem.need_kinds.contains(bindparam("need", type_=ARRAY(Text))))
    if wanted.mine:
        me = bindparam("me", type_=BigInteger)
        conditions.append(
            or_(
                Problem.poster_id == me,
                Problem.id.in_(select(Follow.problem_id).where(Follow.person_id == me)),
                Problem.id.in_(select(Affected.problem_id).where(Affected.person_id == me)),
                Problem.id.in_(select(Member.problem_id).where(Member.person_id == me)),
            )
        )
    return conditions


def read_after(wanted: Filter) -> dict[str, object] | None:
    """The key of the last notice of the page before: ``last`` its sort value, ``number`` its number."""
    value, _, number = wanted.after.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 18 for part in (value, number)):
        return None
    last: object = int(value)
    if wanted.sort != "affected":
        last = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(value))
    return {"last": last, "number": int(number)}


def after_of(last: Sequence[Any], wanted: Filter) -> str:
    """The same as text, for the address of the next page. ``last`` begins with the number and ends with the value."""
    number, value = last[0], last[-1]
    if wanted.sort == "affected":
        return f"{value}-{number}"
    since = value - datetime.fromtimestamp(0, UTC)
    return f"{(since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds}-{number}"
