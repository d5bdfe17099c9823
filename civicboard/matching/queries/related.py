"""Problems like another one, by meaning, or without a model by the words of their titles; and how they ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import BigInteger, Float, Text, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from civicboard.kit.reads import Statement
from civicboard.kit.work import Work
from civicboard.matching.models import OUTCOME_STAGES, Meaning
from civicboard.matching.policy import wording
from civicboard.matching.queries.meanings import distance, of_kind
from civicboard.places.models import Place
from civicboard.problems.models import STAGES, Problem
from civicboard.progress.models import StageChange

MOST_RELATED = 5
#: So many of the nearest are looked at: reports of one thing often have the very same title, and stand there once.
LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """A problem that is like another one, with where it stands and, if it has come to an end, what was said then."""

    id: int
    title: str
    slug: str
    stage: str
    moved_at: datetime
    place_name: str | None
    ended: str | None
    similarity: float
    #: Found by the same words, since no model has read them.
    by_words: bool = False
    #: So many more that are like it have the very same title; this one is the newest of them.
    more: int = 0

    @property
    def path(self) -> str:
        return f"/problems/{self.id}/{self.slug}"

    @property
    def more_path(self) -> str:
        """Where all with this title are found."""
        quoted = '"{}"'.format(self.title.replace('"', " "))
        return f"/search?{urlencode({'q': quoted, 'kind': 'problem'})}"

    @property
    def stage_words(self) -> str:
        return STAGES[self.stage]


_own = aliased(Meaning)
_TO = (
    select(_own.vector)
    .where(
        _own.kind == "problem",
        _own.subject_id == bindparam("number", type_=BigInteger),
        _own.model == bindparam("model", type_=Text),
    )
    .scalar_subquery()
)
#: By the index alone; whatever else is asked of them comes after. One more than is shown, for it finds itself first.
_NEAREST = (
    select(Meaning.subject_id, (1 - distance(_TO)).label("similarity"))
    .where(of_kind("problem"), Meaning.model == bindparam("model", type_=Text))
    .order_by(distance(_TO))
    .limit(LOOKED_AT + 1)
    .subquery()
)
_ENDED = (
    select(StageChange.why)
    .where(
        StageChange.problem_id == Problem.id,
        StageChange.to_stage == Problem.stage,
        or_(*(Problem.stage == stage for stage in OUTCOME_STAGES)),
        StageChange.why != "",
    )
    .order_by(StageChange.id.desc())
    .limit(1)
    .scalar_subquery()
)
#: Without a model: so many of the newest that have one of the words are looked at, and so many words must be shared.
_MOST_LOOKED_AT, _LEAST_SHARED = 200, 2
_SAYING = Statement(
    select(Problem.id, Problem.title)
    .where(
        Problem.search.op("@@")(func.websearch_to_tsquery("civic", bindparam("words", type_=Text))),
        Problem.id != bindparam("number", type_=BigInteger),
    )
    .order_by(Problem.id.desc())
    .limit(_MOST_LOOKED_AT)
)
_THESE = Statement(
    select(Problem.id, Problem.title, Problem.slug, Problem.stage, Problem.moved_at, Place.name, _ENDED)
    .outerjoin(Place, Place.id == Problem.place_id)
    .where(Problem.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
)
_RELATED = Statement(
    select(
        Problem.id,
        Problem.title,
        Problem.slug,
        Problem.stage,
        Problem.moved_at,
        Place.name,
        _ENDED,
        _NEAREST.c.similarity,
    )
    .join(_NEAREST, _NEAREST.c.subject_id == Problem.id)
    .outerjoin(Place, Place.id == Problem.place_id)
    .where(
        Problem.id != bindparam("number", type_=BigInteger),
        _NEAREST.c.similarity >= bindparam("least", type_=Float),
    )
    .order_by(_NEAREST.c.similarity.desc(), Problem.id)
)


async def related_to(work: Work, number: int, *, model: str, least: float) -> Sequence[RelatedRow]:
    """At most five problems that are at least ``least`` alike in what they mean to the model, the nearest first.

    None for a problem that has no meaning yet, and never the problem itself.
    """
    if not model:
        return []
    found = await work.fetch(_RELATED, number=number, model=model, least=least)
    return _by_title([RelatedRow(*row) for row in found])[:MOST_RELATED]


def _by_title(found: Sequence[RelatedRow]) -> list[RelatedRow]:
    """Of those with the same title the newest, where the nearest of them stood, with how many more there are."""
    alike: dict[str, list[RelatedRow]] = {}
    for row in found:
        alike.setdefault(" ".join(row.title.casefold().split()), []).append(row)
    return [replace(max(rows, key=lambda row: row.id), more=len(rows) - 1) for rows in alike.values()]


async def related_by_words(work: Work, number: int) -> Sequence[RelatedRow]:
    """At most five problems whose titles share the most words with this one's, two at least."""
    title = await work.session.scalar(select(Problem.title).where(Problem.id == number)) or ""
    words = wording.telling(title)
    if len(words) < _LEAST_SHARED:
        return []
    found = await work.fetch(_SAYING, number=number, words=" or ".join(words))
    shared = {other: len(wording.shared(title, said)) / len(words) for other, said in found}
    enough = [other for other, part in shared.items() if part * len(words) >= _LEAST_SHARED]
    best = sorted(enough, key=lambda other: (-shared[other], -other))[:LOOKED_AT]
    rows = {row[0]: row for row in await work.fetch(_THESE, ids=best)}
    found_so: list[tuple[Any, ...]] = [(*rows[other], shared[other], True) for other in best]
    return _by_title([RelatedRow(*row) for row in found_so])[:MOST_RELATED]
