"""What a search asks for, and what it is answered with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from urllib.parse import urlencode

from sqlalchemy import BigInteger, ColumnElement, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from civicboard.board.queries.search.ranking import is_exact, words_of
from civicboard.kit.meaning import Vector
from civicboard.kit.meaning import literal as vector_text
from civicboard.kit.text import searchable
from civicboard.offers.models import Need
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
#: However far somebody reads on, no more than so many that have all the words are ranked.
MOST_RANKED = 200
#: Of each kind so many are shown beside the problems, unless it is the one that was chosen.
MOST_BESIDE = 5

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; it is the query string of ``/search``. ``vector`` is what the words mean, to ``model``.

    ``places`` are the ids of the place it is narrowed to and of those in it; ``least`` is how alike two texts of the
    model must be to have anything in common, ``sure`` how alike where no text of the board has any of the words.
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
    sure: float = 0.0

    def query(self, **changes: object) -> str:
        """The address of this search with some of it changed."""
        changed = replace(self, **changes)  # type: ignore[arg-type]  # fields by name
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

    @property
    def shape(self) -> Shape:
        return Shape(
            words=len(self.each_word),
            meant=self.by_meaning and not self.exact,
            exact=self.exact,
            need=bool(self.need),
            stage=bool(self.stage),
            place=bool(self.place),
            tag=bool(self.tag),
        )

    def values(self) -> dict[str, object]:
        """The parameters of the statements below."""
        meant = {"vector": vector_text(self.vector), "model": self.model} if self.vector is not None else {}
        narrow = {"stage": self.stage, "within": list(self.places), "tags": [self.tag], "need": self.need}
        each = {f"word_{nth}": word for nth, word in enumerate(self.each_word)}
        asked = {"asked": searchable(self.words), "partly": " or ".join(self.each_word)}
        return {**asked, **narrow, **each, **meant}


STAGE, NEED = bindparam("stage", type_=Text), bindparam("need", type_=Text)
WITHIN, TAGS = bindparam("within", type_=ARRAY(BigInteger)), bindparam("tags", type_=ARRAY(Text))


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text of a search's statements depends on: each is made once, and PostgreSQL knows it already."""

    words: int
    meant: bool
    exact: bool
    need: bool
    stage: bool
    place: bool
    tag: bool

    @property
    def narrows(self) -> bool:
        return self.need or self.stage or self.place or self.tag

    def of_problem(self) -> list[ColumnElement[bool]]:
        """The conditions on a problem, or on the problem of a post or an outcome."""
        conditions: list[ColumnElement[bool]] = []
        if self.stage:
            conditions.append(Problem.stage == STAGE)
        if self.place:
            conditions.append(Problem.place_id == any_(WITHIN))
        if self.tag:
            conditions.append(Problem.tags.contains(TAGS))
        if self.need:
            needs = select(Need.id).where(Need.problem_id == Problem.id, Need.state == "open", Need.kind == NEED)
            conditions.append(needs.exists())
        return conditions


@dataclass(frozen=True, slots=True)
class Findings(Generic[T]):
    """The best of a kind, and how many there are to show at most; perhaps ``more`` that nobody looked at."""

    shown: Sequence[T] = ()
    count: int = 0
    more: bool = False

    def __iter__(self) -> Iterator[T]:
        return iter(self.shown)

    def __len__(self) -> int:
        return len(self.shown)
