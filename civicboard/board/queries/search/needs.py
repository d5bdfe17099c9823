"""Open needs that have the words, or mean something like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, any_, select

from civicboard.board.queries.search.asked import MOST_FOUND, NEED, STAGE, TAGS, WITHIN, Findings, Search, Shape
from civicboard.board.queries.search.finding import (
    Asked,
    Source,
    beside_what_is_asked,
    candidates,
    headline,
    is_one_of,
    match_columns,
    match_of,
)
from civicboard.board.queries.search.ranking import kept_of, reasons
from civicboard.kit.reads import Statement
from civicboard.kit.work import Work
from civicboard.offers.models import NEED_KINDS, Need
from civicboard.places.models import Place
from civicboard.problems.models import Problem


@dataclass(frozen=True, slots=True)
class FoundNeed:
    id: int
    what: str
    kind: str
    hours: float | None
    by: date | None
    headline: str
    problem_id: int
    title: str
    slug: str
    place_name: str | None
    reasons: Sequence[str] = ()

    @property
    def kind_words(self) -> str:
        return NEED_KINDS[self.kind]

    @property
    def path(self) -> str:
        return f"/problems/{self.problem_id}/{self.slug}#need-{self.id}"


async def search_needs(work: Work, wanted: Search, *, most: int = 10) -> Findings[FoundNeed]:
    """At most so many, the best first."""
    rows = await work.fetch(_found(wanted.shape), **wanted.values())
    matches = [match_of(row[2:]) for row in rows]
    kept = kept_of(matches, least=wanted.least, by_meaning=wanted.by_meaning)
    best = {rows[position][0]: position for position in kept[:most]}
    if not best:
        return Findings()
    needs = {}
    for row in await work.fetch(_shown(wanted.shape), **wanted.values(), numbers=list(best)):
        position = best[row[0]]
        why = reasons(matches[position], wanted.each_word, rows[position][1])
        needs[row[0]] = FoundNeed(*(*row, why))
    return Findings([needs[number] for number in best if number in needs], len(kept))


@cache
def _found(shape: Shape) -> Statement:
    visible: list[ColumnElement[bool]] = [Need.state == "open"]
    if shape.stage or shape.place:
        of_it = select(Problem.id).where(Problem.id == Need.problem_id)
        if shape.stage:
            of_it = of_it.where(Problem.stage == STAGE)
        if shape.place:
            of_it = of_it.where(Problem.place_id == any_(WITHIN))
        visible.append(of_it.exists())
    if shape.need:
        visible.append(Need.kind == NEED)
    if shape.tag:
        visible.append(Need.tags.contains(TAGS))
    asked = Asked(shape)
    source = Source("need", Need.id, Need.search, Need.id, visible, narrows=len(visible) > 1)
    found = candidates(asked, source, most=MOST_FOUND)
    columns = match_columns(asked, "need", Need.id, Need.search, found.c.similarity)
    return Statement(
        beside_what_is_asked(select(Need.id, Need.tags, *columns).join(found, found.c.id == Need.id), asked)
    )


@cache
def _shown(shape: Shape) -> Statement:
    columns = (
        *(Need.id, Need.what, Need.kind, Need.hours, Need.by, headline(Asked(shape), Need.words)),
        *(Problem.id, Problem.title, Problem.slug, Place.name),
    )
    return Statement(
        select(*columns)
        .join(Problem, Problem.id == Need.problem_id)
        .outerjoin(Place, Place.id == Problem.place_id)
        .where(is_one_of(Need.id))
    )
