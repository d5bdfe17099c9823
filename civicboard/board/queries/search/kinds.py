"""One way for every kind: from the candidates that a statement finds to what is shown of the best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from civicboard.board.queries.search.criteria import Findings, Search
from civicboard.board.queries.search.ranking import Match, kept_of, reasons
from civicboard.kit.reads import Statement
from civicboard.kit.work import Work

T = TypeVar("T")


class Candidate(NamedTuple):
    """Something that may be shown: its number, its tags, how it fits, and what else its kind has selected."""

    id: int
    tags: Sequence[str]
    match: Match
    about: Sequence[Any]


async def search_kind(
    work: Work, wanted: Search, found: Statement, shown: Statement, made: Callable[..., T], most: int, **more: object
) -> Findings[T]:
    """At most so many of those that ``found`` finds, the best first, each ``made`` of its row in ``shown``."""
    values = {**wanted.values(), **more}
    best = best_of(wanted, await find(work, found, values))
    return Findings(await show(work, wanted, shown, made, best[:most], values), len(best))


async def find(work: Work, found: Statement, values: Mapping[str, object]) -> list[Candidate]:
    """What a statement finds whose columns begin with those of ``finding.candidate_columns``."""
    return [
        Candidate(number, tags, Match(similarity, tuple(has or ()), bool(said), bool(phrase), rank or 0.0), about)
        for number, tags, similarity, has, said, phrase, rank, *about in await work.fetch(found, **values)
    ]


def best_of(wanted: Search, found: Sequence[Candidate]) -> list[Candidate]:
    """Those to show, the best first."""
    order = kept_of([one.match for one in found], least=wanted.least, by_meaning=wanted.by_meaning)
    return [found[position] for position in order]


async def show(
    work: Work,
    wanted: Search,
    shown: Statement,
    made: Callable[..., T],
    best: Sequence[Candidate],
    values: Mapping[str, object],
) -> list[T]:
    """Each of them ``made`` of its row, whose first column is its number, and of why it was found (``reasons``)."""
    if not best:
        return []
    rows = {row[0]: row for row in await work.fetch(shown, **values, numbers=[one.id for one in best])}
    return [
        made(*rows[one.id], reasons=reasons(one.match, wanted.each_word, one.tags)) for one in best if one.id in rows
    ]
