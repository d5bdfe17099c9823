"""Open needs that have the words, or mean something like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from civicboard.board.queries.search.asked import (
    MOST_FOUND,
    Findings,
    Search,
    candidates,
    headline,
    match_columns,
    match_of,
)
from civicboard.board.queries.search.ranking import kept_of, reasons
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
    visible: list[ColumnElement[bool]] = [Need.state == "open"]
    if wanted.stage or wanted.place:
        of_it = select(Problem.id).where(Problem.id == Need.problem_id)
        if wanted.stage:
            of_it = of_it.where(Problem.stage == wanted.stage)
        if wanted.place:
            of_it = of_it.where(Problem.place_id.in_(wanted.places))
        visible.append(of_it.exists())
    if wanted.need:
        visible.append(Need.kind == wanted.need)
    if wanted.tag:
        visible.append(Need.tags.contains([wanted.tag]))

    def by_words(query: ColumnElement[Any]) -> Select[Any]:
        having = select(Need.id.label("id")).where(Need.search.op("@@")(query), *visible)
        return having.order_by(Need.id.desc()).limit(MOST_FOUND)

    found = candidates(wanted, "need", by_words, visible, Need.id)
    about = select(Need.id, Need.tags, *match_columns(wanted, "need", Need.id, Need.search))
    rows = (await work.session.execute(about.join(found, found.c.id == Need.id), wanted.values())).all()
    matches = {row.id: match_of(row[2:]) for row in rows}
    tags = {row.id: row.tags for row in rows}
    ids = list(matches)
    kept = [
        ids[position] for position in kept_of(list(matches.values()), least=wanted.least, by_meaning=wanted.by_meaning)
    ]
    best = kept[:most]
    if not best:
        return Findings()
    columns = (
        *(Need.id, Need.what, Need.kind, Need.hours, Need.by, headline(Need.words, wanted)),
        *(Problem.id, Problem.title, Problem.slug, Place.name),
    )
    shown = await work.session.execute(
        select(*columns)
        .join(Problem, Problem.id == Need.problem_id)
        .outerjoin(Place, Place.id == Problem.place_id)
        .where(Need.id.in_(best)),
        wanted.values(),
    )
    needs = {
        row[0]: FoundNeed(*row[:10], reasons=reasons(matches[row[0]], wanted.each_word, tags[row[0]])) for row in shown
    }
    return Findings([needs[number] for number in best if number in needs], len(kept))
