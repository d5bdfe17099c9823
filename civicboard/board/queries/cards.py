"""Every SELECT of the board: problems as notices, by filter and page, and what stands round them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    any_,
    bindparam,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from civicboard.kit import outbox
from civicboard.kit.reads import Statement, rows_of
from civicboard.kit.text import excerpt
from civicboard.kit.work import Missing, Work
from civicboard.networks.models import Member
from civicboard.networks.queries import faces_column
from civicboard.people.models import Person
from civicboard.places.models import Place
from civicboard.places.queries import ALL, PlaceRow, places_within
from civicboard.posts.queries import said_keys
from civicboard.problems.models import STAGES, Affected, Follow, Problem
from civicboard.problems.queries import TAGS_IN_USE, ProblemRow, problem_rows

PAGE = 25
#: So many needs a notice names.
MOST_NEEDS = 3
SORTS: dict[str, str] = {"moved": "Moved last", "posted": "Newest", "affected": "Most affected"}


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
        changed = replace(self, **{"after": "", **changes})  # type: ignore[arg-type]
        given = [
            (name, "1" if value is True else str(value))
            for name in ("place", "stage", "tag", "needs", "need", "mine", "sort", "after")
            if (value := getattr(changed, name)) and not (name == "sort" and value == "moved")
        ]
        return f"/?{urlencode(given)}" if given else "/"

    @property
    def narrows(self) -> bool:
        return bool(self.place or self.stage or self.tag or self.needs or self.need or self.mine)


@dataclass(frozen=True, slots=True)
class Card:
    """A problem as a notice on the board: the row, and names of people round it besides its poster."""

    problem: ProblemRow
    faces: Sequence[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[object, ...]:
        """What the rendered notice depends on."""
        return (
            self.problem.id,
            self.problem.version,
            self.problem.poster_name,
            self.problem.place_name,
            *self.faces,
        )

    @property
    def teaser(self) -> str:
        return excerpt(self.problem.story, 220)

    @property
    def wants_help(self) -> bool:
        return self.problem.wants_help

    @property
    def needs(self) -> Sequence[str]:
        """The first few open needs, in words; none while the problem is sorted."""
        return self.problem.need_words[:MOST_NEEDS] if self.wants_help else ()

    @property
    def more_needs(self) -> int:
        """How many open needs there are besides."""
        return self.problem.need_count - len(self.needs) if self.wants_help else 0

    @property
    def order(self) -> int:
        """Its place on the board, where the newest movement stands first: microseconds since 1970."""
        return int(self.problem.moved_at.timestamp() * 1_000_000)


Key = Sequence[object]


@dataclass(frozen=True, slots=True)
class CardPage:
    """One page of the board: the key of each card in their order, and those cards that were asked for in full."""

    keys: list[Key]
    cards: list[Card]
    #: The ``after`` of the next page, "" on the last.
    next: str
    #: The ids of the place it is narrowed to and of those in it.
    places: list[int]


async def cards_on(work: Work, wanted: Filter, *, known: Callable[[Key], bool] = lambda _: False) -> CardPage:
    """One page of the board. Of what is ``known`` by its key already, no more than the key is read."""
    places = await places_within(work, wanted.place) if wanted.place else []
    after = _read_after(wanted)
    shape = _Shape(
        place=bool(wanted.place) + (len(places) > 1),
        stage=bool(wanted.stage),
        tag=bool(wanted.tag),
        needs=wanted.needs,
        need=bool(wanted.need),
        mine=wanted.mine,
        sort=wanted.sort,
        after=after is not None,
    )
    found = await work.fetch(
        _page(shape),
        place=places[0] if places else 0,
        places=places,
        stage=wanted.stage,
        tag=[wanted.tag],
        need=[wanted.need],
        me=work.viewer.id or 0,
        **(after or {}),
    )
    shown = found[:PAGE]
    keys: list[Key] = [(number, version, poster, place, *faces) for number, version, poster, place, faces, _ in shown]
    unknown = [key[0] for key in keys if not known(key)]
    rows = await work.fetch(_CARDS, numbers=unknown) if unknown else ()
    cards = [Card(ProblemRow(*row[:-1]), row[-1]) for row in rows]
    return CardPage(keys, cards, _after(shown[-1], wanted) if len(found) > PAGE else "", places)


async def find_card(work: Work, number: int) -> Card:
    """One notice. Raises Missing."""
    found = await work.fetch(_CARDS, numbers=[number])
    if not found:
        raise Missing
    return Card(ProblemRow(*found[0][:-1]), found[0][-1])


_CARDS = Statement(
    problem_rows().add_columns(faces_column()).where(Problem.id == any_(bindparam("numbers", type_=ARRAY(BigInteger))))
)
_SORTED_BY = {"posted": Problem.posted_at, "affected": Problem.affected_count}


class _Shape(NamedTuple):
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


@cache
def _page(shape: _Shape) -> Statement:
    column = _SORTED_BY.get(shape.sort, Problem.moved_at)
    names = (Person.name.label("poster_name"), Place.name.label("place_name"), faces_column(), column)
    rows = (
        select(Problem.id, Problem.version, *names)
        .outerjoin(Person, Person.id == Problem.poster_id)
        .outerjoin(Place, Place.id == Problem.place_id)
        .where(*_conditions(shape))
    )
    if shape.after:
        last = tuple_(bindparam("last", type_=column.type), bindparam("number", type_=BigInteger))
        rows = rows.where(tuple_(column, Problem.id) < last)
    return Statement(rows.order_by(column.desc(), Problem.id.desc()).limit(PAGE + 1))


def _conditions(wanted: _Shape) -> list[ColumnElement[bool]]:
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


def _read_after(wanted: Filter) -> dict[str, object] | None:
    """The key of the last notice of the page before: ``last`` its sort value, ``number`` its number."""
    value, _, number = wanted.after.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 18 for part in (value, number)):
        return None
    last: object = int(value)
    if wanted.sort != "affected":
        last = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(value))
    return {"last": last, "number": int(number)}


def _after(last: Sequence[Any], wanted: Filter) -> str:
    number, value = last[0], last[-1]
    if wanted.sort == "affected":
        return f"{value}-{number}"
    since = value - datetime.fromtimestamp(0, UTC)
    return f"{(since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds}-{number}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One of many pieces: ``key`` is what it depends on when rendered, its number first; ``at`` is its time."""

    key: Key
    at: datetime = datetime.fromtimestamp(0, UTC)  # noqa: RUF009  # never, for those in no order of time


_SUGGESTED = Statement(select(rows_of(ALL), rows_of(TAGS_IN_USE)))


async def suggested(work: Work) -> tuple[list[PlaceRow], list[str]]:
    """What the form above the board suggests: every place, by name, and the tags in use."""
    ((places, tags),) = await work.fetch(_SUGGESTED)
    return [PlaceRow(*place) for place in places], [tag for (tag,) in tags]


_BOARD_FRAME = Statement(select(outbox.EPOCH, outbox.SNAPSHOT, rows_of(said_keys())))


async def board_frame(work: Work) -> tuple[str, list[Entry]]:
    """What stands round the notices: the cursor, to be taken before they are read, and keys of what was said last."""
    ((epoch, snapshot, said),) = await work.fetch(_BOARD_FRAME)
    return str(outbox.Cursor.of(epoch, snapshot)), [Entry(key) for key in said]


def stage_names() -> Sequence[tuple[str, str]]:
    return list(STAGES.items())
