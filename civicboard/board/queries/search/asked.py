"""What a search asks for, and how candidates are found: bounded lists by words and by meaning, never all matches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Float,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, array

from civicboard.board.queries.search.ranking import Match, is_exact, words_of
from civicboard.kit.meaning import Vector
from civicboard.kit.meaning import literal as vector_text
from civicboard.kit.work import Work
from civicboard.matching.models import Meaning
from civicboard.matching.queries.meanings import distance, of_kind, vector_parameter
from civicboard.offers.models import Need
from civicboard.places.queries import places_within
from civicboard.problems.models import Problem

#: What can be found, with the words people read.
KINDS: dict[str, str] = {
    "problem": "Problems",
    "outcome": "How it ended elsewhere",
    "need": "Open needs",
    "person": "People",
    "post": "Conversations",
}
MOST_FOUND = 30
#: Ranking every match of a common word is slow and says little: the newest this many are ranked.
MOST_RANKED = 200
#: And so many that are nearest in meaning.
MOST_NEAR = 100
#: Where fewer than so many have all the words, this many that have some of them are looked at too.
ENOUGH, MOST_PARTLY = 30, 100
#: Of each kind so many are shown beside the problems, unless it is the one that was chosen.
MOST_BESIDE = 5
_MARKS = "StartSel=\u0002, StopSel=\u0003"
_HEADLINE = f"{_MARKS}, MaxWords=30, MinWords=12, MaxFragments=1"
#: A text of so many letters is shown whole.
_SHORT = 200

T = TypeVar("T")


#: Quotes as phones type them, and as the page's own hint shows them, are quotes to PostgreSQL too.
STRAIGHT = str.maketrans("“”„", '"' * 3)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; it is the query string of ``/search``. ``vector`` is what the words mean, to ``model``.

    ``places`` are the ids of the place it is narrowed to and of those in it; ``least`` is how alike two texts of the
    model must be to have anything in common.
    """

    words: str = ""
    kind: str = ""
    need: str = ""
    stage: str = ""
    place: str = ""
    tag: str = ""
    places: Sequence[int] = ()
    vector: Vector | None = None
    model: str = ""
    least: float = 0.0

    def query(self, **changes: object) -> str:
        """The address of this search with some of it changed."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        given = [("q", changed.words)] if changed.words else []
        given += [
            (name, value) for name in ("kind", "need", "stage", "place", "tag") if (value := getattr(changed, name))
        ]
        return f"/search?{urlencode(given)}" if given else "/search"

    @property
    def narrows(self) -> bool:
        return bool(self.need or self.stage or self.place or self.tag)

    @property
    def by_meaning(self) -> bool:
        return self.vector is not None

    @property
    def exact(self) -> bool:
        """Whether only these words are wanted, as they were put."""
        return is_exact(self.words)

    @property
    def each_word(self) -> list[str]:
        return words_of(self.words)

    def values(self) -> dict[str, object]:
        """The parameters of the statements below."""
        meant = {"vector": vector_text(self.vector), "model": self.model} if self.vector is not None else {}
        each = {f"word_{nth}": word for nth, word in enumerate(self.each_word)}
        return {"asked": self.words.translate(STRAIGHT), "partly": " or ".join(self.each_word), **each, **meant}

    def of_problem(self) -> list[ColumnElement[bool]]:
        """The conditions on a problem, or on the problem of a post or an outcome."""
        conditions: list[ColumnElement[bool]] = []
        if self.stage:
            conditions.append(Problem.stage == self.stage)
        if self.place:
            conditions.append(Problem.place_id.in_(self.places))
        if self.tag:
            conditions.append(Problem.tags.contains([self.tag]))
        if self.need:
            needs = select(Need.id).where(Need.problem_id == Problem.id, Need.state == "open", Need.kind == self.need)
            conditions.append(needs.exists())
        return conditions


async def asking(work: Work, wanted: Search) -> Search:
    """The same, with the ids of its place."""
    return replace(wanted, places=await places_within(work, wanted.place)) if wanted.place else wanted


@dataclass(frozen=True, slots=True)
class Findings(Generic[T]):
    """The best of a kind, and how many there are to show at most."""

    shown: Sequence[T] = ()
    count: int = 0

    def __iter__(self) -> Iterator[T]:
        return iter(self.shown)

    def __len__(self) -> int:
        return len(self.shown)


QUERY = func.websearch_to_tsquery("civic", bindparam("asked", type_=Text))
PARTLY = func.websearch_to_tsquery("civic", bindparam("partly", type_=Text))
_PHRASE = func.phraseto_tsquery("civic", bindparam("asked", type_=Text))


def candidates(
    wanted: Search,
    kind: str,
    by_words: Callable[[ColumnElement[Any]], Select[Any]],
    visible: Sequence[ColumnElement[bool]],
    there: Any,
) -> Any:
    """The ids of what may be shown, as a subquery.

    ``by_words`` selects ids of what has a text query, some of the newest: those that have all the words; where these
    are few, those that have some; and where the words have a meaning, what is near to it. ``there`` is the number of
    the thing, and ``visible`` what must be true of it; both are put into an EXISTS for the index by meaning, which
    looks on until it has found enough.
    """
    said = by_words(QUERY).cte("said")
    parts = [select(said.c.id)]
    if not wanted.exact and len(wanted.each_word) > 1:
        # PostgreSQL asks this once and first: where enough have all the words, the others are never looked for.
        few = select(func.count()).select_from(said).scalar_subquery() < ENOUGH
        partly = by_words(PARTLY).where(few).limit(MOST_PARTLY).subquery()
        parts.append(select(partly.c.id))
    if wanted.by_meaning and not wanted.exact:
        conditions = [of_kind(kind), Meaning.model == bindparam("model", type_=Text)]
        if visible:
            conditions.append(select(there).where(there == Meaning.subject_id, *visible).exists())
        far = distance(vector_parameter())
        near = select(Meaning.subject_id.label("id")).where(*conditions).order_by(far).limit(MOST_NEAR).subquery()
        parts.append(select(near.c.id))
    return union(*parts).subquery("found") if len(parts) > 1 else parts[0].subquery("found")


def match_columns(wanted: Search, kind: str, there: Any, search: Any) -> list[Any]:
    """What ``Match`` is made of, for the thing numbered ``there`` whose words are the text vector ``search``."""
    similarity: ColumnElement[Any] = literal(None, Float)
    if wanted.by_meaning:
        similarity = (
            select(1 - distance(vector_parameter()))
            .where(of_kind(kind), Meaning.subject_id == there, Meaning.model == bindparam("model", type_=Text))
            .scalar_subquery()
        )
    has = []
    for nth in range(len(wanted.each_word)):
        # A query of its own for each word is read once, when the statement is planned, and not for each thing.
        word: ColumnElement[Any] = func.plainto_tsquery("civic", bindparam(f"word_{nth}", type_=Text), type_=TSQUERY)
        # "the" is a word that nothing is found by: neither had nor lacked.
        has.append(case((func.numnode(word) > 0, search.op("@@")(word)), else_=None))
    return [
        similarity.label("similarity"),
        cast(array(has, type_=Boolean), ARRAY(Boolean)).label("has"),
        search.op("@@")(QUERY).label("said"),
        search.op("@@")(_PHRASE).label("phrase"),
        func.ts_rank(search, QUERY).label("rank"),
    ]


def match_of(row: Sequence[Any]) -> Match:
    """From the columns above."""
    similarity, has, said, phrase, rank = row
    return Match(similarity, tuple(has or ()), bool(said), bool(phrase), rank or 0.0)


def headline(text: Any, wanted: Search) -> ColumnElement[str]:
    """The piece of a text where the words are, marked: whichever of them it has. Else its beginning."""
    if not wanted.each_word:
        return func.left(text, _SHORT)
    whole = func.ts_headline("civic", text, PARTLY, f"{_MARKS}, HighlightAll=true")
    return case((func.char_length(text) <= _SHORT, whole), else_=func.ts_headline("civic", text, PARTLY, _HEADLINE))
