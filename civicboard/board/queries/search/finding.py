"""How candidates are found: bounded lists by words and by meaning, never all matches.

Each statement is made once for its shape, and takes about as long whatever the words are and however large the board.
PostgreSQL is told how to look for them rather than left to guess: of words that it has not counted it guesses that they
are in some half percent of all texts, and for two of them that nobody wrote it read every problem from end to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Float,
    Integer,
    Select,
    Text,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, array

from civicboard.board.queries.search.criteria import Shape
from civicboard.board.queries.search.pieces import LONG, SHORT
from civicboard.kit.buckets import BUCKET, bucket_of
from civicboard.matching.models import Meaning
from civicboard.matching.queries.meanings import distance, of_kind, vector_parameter

#: So many that have all the words are ranked.
MOST_SAID = 60
#: How common words are is seen by the newest so many: the fewer of them have the words, the more buckets are looked
#: through, so that about as many are found of any words that aren't rare. Of rare words all are read that the index
#: knows, ``MOST_READ`` at most.
NEWEST, BUCKETS, MOST_READ = 50, 12, 2000
#: So many that are nearest in meaning are ranked.
MOST_NEAR = 60
#: Where fewer than so many have all the words, this many that have some of them are ranked too: the best of
#: ``PARTLY_READ``, the last of those in so many buckets. Where these are fewer than ``ENOUGH`` too, of whichever.
ENOUGH, MOST_PARTLY, PARTLY_READ, PARTLY_BUCKETS = 12, 40, 60, 4
_MARKS = "StartSel=\u0002, StopSel=\u0003"
_HEADLINE = f"{_MARKS}, MaxWords=30, MinWords=12, MaxFragments=1"

_CIVIC: ColumnElement[Any] = literal_column("'civic'::regconfig")
NUMBERS = bindparam("numbers", type_=ARRAY(BigInteger))


def so_many(count: int) -> ColumnElement[int]:
    """Written out: of a parameter that it doesn't know PostgreSQL takes it that a tenth of all is wanted."""
    return literal_column(str(count), Integer)


def _count(found: Any) -> Any:
    return select(func.count()).select_from(found).scalar_subquery()


def _given(function: Any, name: str) -> ColumnElement[Any]:
    return function(_CIVIC, bindparam(name, type_=Text), type_=TSQUERY)  # type: ignore[no-any-return]  # `func` has no types


def query_of(name: str) -> ColumnElement[Any]:
    """What a parameter asks for, worked out once a statement."""
    return select(_given(func.websearch_to_tsquery, name)).scalar_subquery()


class Asked:
    """What is asked for, worked out once a statement and not once a row."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        columns = [
            _given(func.websearch_to_tsquery, "asked").label("said"),
            _given(func.websearch_to_tsquery, "partly").label("partly"),
            _given(func.phraseto_tsquery, "asked").label("phrase"),
            *(_given(func.plainto_tsquery, f"word_{nth}").label(f"word_{nth}") for nth in range(shape.words)),
        ]
        if shape.meant:
            columns.append(vector_parameter().label("vector"))
        self.row = select(*columns).cte("asked")

    def once(self, name: str) -> ColumnElement[Any]:
        return select(self.row.c[name]).scalar_subquery()

    @property
    def widens(self) -> bool:
        return not self.shape.exact and self.shape.words > 1


@dataclass(frozen=True, slots=True)
class Source:
    """Where a kind is found by words: its number, its text vector, and what makes one newer than another.

    ``visible`` is what must be true of all that is found. What also ``narrows`` may be true of few: then the newest say
    nothing about how common the words are, and only the indexes are asked.
    """

    kind: str
    number: Any
    search: Any
    newest: Any
    visible: Sequence[ColumnElement[bool]] = ()
    narrows: bool = False

    def said(self, asked: Asked, most: int) -> Select[Any]:
        """The ids of what has all the words, in no order; where there are many, of the newest.

        The newest are those that moved last, and those with the last numbers: after an import these are its reports.
        With each stands whether there are no others, as long as they are fewer than ``most``.
        """
        query = asked.once("said")
        if self.narrows:
            every = self.by_index(query, most).subquery()
            return select(every.c.id, true().label("whole"))
        newest = self._newest(query).limit(so_many(most)).cte("newest")
        back = func.least(BUCKETS, 1 + so_many(3 * BUCKETS) // (2 * _count(newest) + 1))
        last = self._last(query, back, most, self.number.label("id")).cte("last")
        # Whoever reads on wants all there are.
        rare = _count(last) < (most // 2 if most <= MOST_SAID else most)
        rest = self.by_index(query, most, rare).subquery()
        every = union(*(select(part.c.id) for part in (newest, last, rest))).subquery()
        return select(every.c.id, or_(rare, self._top() <= back).label("whole"))

    def some(self, asked: Asked, few: ColumnElement[bool]) -> Select[Any]:
        """The ids of what has some of the words, where there are ``few`` that have all: the best of those it reads."""
        query = asked.once("partly")
        ids, search = self.number.label("id"), self.search.label("search")
        read = select(ids, func.ts_rank(search, query).label("rank")).where(search.op("@@")(query), *self.visible, few)
        if self.narrows:
            every = read.limit(so_many(PARTLY_READ)).subquery()
        else:
            last = self._last(query, PARTLY_BUCKETS, PARTLY_READ, ids, search, where=[few]).subquery()
            ranked = select(last.c.id, func.ts_rank(last.c.search, query).label("rank")).cte("some_last")
            rest = read.where(_count(ranked) < ENOUGH).limit(so_many(PARTLY_READ)).subquery()
            every = union(select(ranked), select(rest)).subquery()
        return select(every.c.id).order_by(every.c.rank.desc(), every.c.id.desc()).limit(so_many(MOST_PARTLY))

    def _newest(self, query: Any) -> Select[Any]:
        """Those of the newest few that have the words."""
        by_time = select(self.number.label("id"), self.search.label("search")).order_by(self.newest.desc())
        newest = by_time.limit(so_many(NEWEST)).subquery()
        found = select(newest.c.id).where(newest.c.search.op("@@")(query))
        if self.visible:
            found = found.where(select(self.number).where(self.number == newest.c.id, *self.visible).exists())
        return found

    def _last(self, query: Any, back: Any, most: int, *columns: Any, where: Sequence[ColumnElement[bool]] = ()) -> Any:
        """The last that have the words, in the last bucket or at most so many before it."""
        found = select(*columns).where(
            self.search.op("@@")(query), bucket_of(self.number) >= self._top() - back, *self.visible, *where
        )
        # All that these buckets can hold: PostgreSQL is kept from reading the table by number instead.
        some = found.limit(so_many(BUCKET * (BUCKETS + 1))).subquery()
        return select(some).order_by(some.c.id.desc()).limit(so_many(most))

    def _top(self) -> ColumnElement[int]:
        """The last bucket that has anything in it."""
        return select(bucket_of(func.max(self.number))).scalar_subquery()

    def by_index(self, query: Any, most: int, *conditions: ColumnElement[bool]) -> Select[Any]:
        """The ids of the newest of those that the index by words knows."""
        read = select(self.number.label("id"), self.newest.label("at")).where(
            self.search.op("@@")(query), *self.visible, *conditions
        )
        some = read.limit(so_many(MOST_READ)).subquery()
        return select(some.c.id).order_by(some.c.at.desc()).limit(so_many(most))


def candidates(asked: Asked, source: Any, *, most: int = MOST_SAID) -> Any:
    """The ids of what may be shown, as a subquery, with how alike they are where that is known.

    Those that have all the words; where these are few, those that have some; and where the words have a meaning, what
    is near to it. What must be true of them is put into an EXISTS for the index by meaning, which looks on until it has
    found enough.
    """
    said = source.said(asked, most).cte("said")
    unknown: ColumnElement[Any] = cast(null(), Float)
    unsaid: ColumnElement[Any] = cast(null(), Boolean)
    parts = [select(said.c.id, unknown.label("similarity"), said.c.whole)]
    if asked.widens:
        # PostgreSQL asks this once and first: where enough have all the words, the others are never looked for.
        few = select(func.count()).select_from(said).scalar_subquery() < ENOUGH
        some = source.some(asked, few).subquery()
        parts.append(select(some.c.id, unknown, unsaid))
    if asked.shape.meant:
        conditions = [of_kind(source.kind), Meaning.model == bindparam("model", type_=Text)]
        if source.visible:
            there = select(source.number).where(source.number == Meaning.subject_id, *source.visible)
            conditions.append(there.exists())
        far = distance(asked.once("vector"))
        near = select(Meaning.subject_id.label("id"), (1 - far).label("similarity")).where(*conditions)
        near_ones = near.order_by(far).limit(so_many(MOST_NEAR)).subquery()
        parts.append(select(near_ones.c.id, near_ones.c.similarity, unsaid))
    every = union_all(*parts).subquery()
    best, whole = func.max(every.c.similarity).label("similarity"), func.bool_and(every.c.whole).label("whole")
    return select(every.c.id, best, whole).group_by(every.c.id).subquery("found")


def candidate_columns(asked: Asked, source: Any, search: Any, *, tags: Any = None, found: Any = None) -> list[Any]:
    """What a ``Candidate`` is made of; ``found`` are the ``candidates``, unless it was found in another way.

    They need ``asked.row`` among what is selected from.
    """
    similarity: ColumnElement[Any] = literal(None, Float)
    row = asked.row.c
    if asked.shape.meant:
        similarity = (
            select(1 - distance(row.vector))
            .where(
                of_kind(source.kind),
                Meaning.subject_id == source.number,
                Meaning.model == bindparam("model", type_=Text),
            )
            .scalar_subquery()
        )
        if found is not None:
            similarity = func.coalesce(found.c.similarity, similarity)
    has = []
    for nth in range(asked.shape.words):
        word = row[f"word_{nth}"]
        # "the" is a word that nothing is found by: neither had nor lacked.
        has.append(case((func.numnode(word) > 0, search.op("@@")(word)), else_=None))
    return [
        source.number,
        cast(array([], type_=Text), ARRAY(Text)) if tags is None else tags,
        similarity.label("similarity"),
        cast(array(has, type_=Boolean), ARRAY(Boolean)).label("has"),
        search.op("@@")(row.said).label("said"),
        search.op("@@")(row.phrase).label("phrase"),
        func.ts_rank(search, row.said).label("rank"),
        cast(null(), Boolean) if found is None else found.c.whole,
    ]


def beside_what_is_asked(statement: Select[Any], asked: Asked) -> Select[Any]:
    return statement.join(asked.row, true())


def headline(shape: Shape, text: Any) -> ColumnElement[str]:
    """The piece of a text where the words are, marked: whichever of them it has. Else its beginning."""
    if not shape.words:
        return func.left(text, SHORT)
    words = query_of("partly")
    whole = func.ts_headline(_CIVIC, text, words, f"{_MARKS}, HighlightAll=true")
    piece = func.ts_headline(_CIVIC, func.left(text, LONG), words, _HEADLINE)
    return case((func.char_length(text) <= SHORT, whole), else_=piece)


def is_one_of(number: Any) -> ColumnElement[bool]:
    return number == any_(NUMBERS)  # type: ignore[no-any-return]  # `number` is any column
