"""Open needs that have the words, or mean something like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial

from sqlalchemy import ColumnElement, Date, any_, bindparam, or_, select

from civicboard.board.queries.search.criteria import NEED, STAGE, TAGS, WITHIN, Findings, Search, Shape
from civicboard.board.queries.search.finding import (
    Asked,
    Source,
    beside_what_is_asked,
    candidate_columns,
    candidates,
    headline,
    is_one_of,
)
from civicboard.board.queries.search.kinds import search_kind
from civicboard.kit.days import earliest_today
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
    """At most so many that there is still time for, the best first."""
    found, shown = partial(_found, wanted.shape), _shown(wanted.shape)
    return await search_kind(work, wanted, found, shown, FoundNeed, most, today=earliest_today(work.now))


@cache
def _found(shape: Shape, deep: int) -> Statement:
    of_it = select(Problem.id).where(Problem.id == Need.problem_id, Problem.stage != "sorted")
    if shape.stage:
        of_it = of_it.where(Problem.stage == STAGE)
    if shape.place:
        of_it = of_it.where(Problem.place_id == any_(WITHIN))
    in_time = or_(Need.by.is_(None), Need.by >= bindparam("today", type_=Date))
    visible: list[ColumnElement[bool]] = [Need.state == "open", in_time, of_it.exists()]
    if shape.need:
        visible.append(Need.kind == NEED)
    if shape.tag:
        visible.append(Need.tags.contains(TAGS))
    asked = Asked(shape)
    source = Source("need", Need.id, Need.search, Need.id, visible, narrows=shape.narrows)
    found = candidates(asked, source, most=deep)
    columns = candidate_columns(asked, source, Need.search, tags=Need.tags, found=found)
    return Statement(beside_what_is_asked(select(*columns).join(found, found.c.id == Need.id), asked))


@cache
def _shown(shape: Shape) -> Statement:
    columns = (
        *(Need.id, Need.what, Need.kind, Need.hours, Need.by, headline(shape, Need.words)),
        *(Problem.id, Problem.title, Problem.slug, Place.name),
    )
    return Statement(
        select(*columns)
        .join(Problem, Problem.id == Need.problem_id)
        .outerjoin(Place, Place.id == Problem.place_id)
        .where(is_one_of(Need.id))
    )
