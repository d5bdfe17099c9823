"""Problems as notices on the board, a page of them or one, and what stands round them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import BigInteger, any_, bindparam, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from civicboard.board.queries.filtering import SORTED_BY, Filter, Shape, after_of, conditions_of, read_after
from civicboard.kit import outbox
from civicboard.kit.reads import Statement, rows_of
from civicboard.kit.text import excerpt
from civicboard.kit.work import Missing, Work
from civicboard.networks.queries import faces_column
from civicboard.people.models import Person
from civicboard.places.models import Place
from civicboard.places.queries import ALL, PlaceRow, places_within
from civicboard.posts.queries import said_keys
from civicboard.problems.models import STAGES, Problem
from civicboard.problems.queries import TAGS_IN_USE, ProblemRow, problem_rows

PAGE = 25
#: So many needs a notice names.
MOST_NEEDS = 3


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
    after = read_after(wanted)
    shape = Shape(
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
    return CardPage(keys, cards, after_of(shown[-1], wanted) if len(found) > PAGE else "", places)


async def find_card(work: Work, number: int) -> Card:
    """One notice. Raises Missing."""
    found = await work.fetch(_CARDS, numbers=[number])
    if not found:
        raise Missing
    return Card(ProblemRow(*found[0][:-1]), found[0][-1])


_CARDS = Statement(
    problem_rows().add_columns(faces_column()).where(Problem.id == any_(bindparam("numbers", type_=ARRAY(BigInteger))))
)


@cache
def _page(shape: Shape) -> Statement:
    column = SORTED_BY.get(shape.sort, Problem.moved_at)
    names = (Person.name.label("poster_name"), Place.name.label("place_name"), faces_column(), column)
    rows = (
        select(Problem.id, Problem.version, *names)
        .outerjoin(Person, Person.id == Problem.poster_id)
        .outerjoin(Place, Place.id == Problem.place_id)
        .where(*conditions_of(shape))
    )
    if shape.after:
        last = tuple_(bindparam("last", type_=column.type), bindparam("number", type_=BigInteger))
        rows = rows.where(tuple_(column, Problem.id) < last)
    return Statement(rows.order_by(column.desc(), Problem.id.desc()).limit(PAGE + 1))


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
