"""One way for every kind: from the candidates that a statement finds to what is shown of the best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from civicboard.board.queries.search.criteria import MOST_FOUND, MOST_RANKED, Findings, Search
from civicboard.board.queries.search.ranking import Match, kept_of, reasons
from civicboard.kit.reads import Statement
from civicboard.kit.work import Work

T = TypeVar("T")


class Candidate(NamedTuple):
    """Something that may be shown: its number, its tags, how it fits, and what else its kind has selected.

    ``whole`` is False where there may be others, older ones, that have all the words; None where nobody can tell.
    """

    id: int
    tags: Sequence[str]
    match: Match
    whole: bool | None
    about: Sequence[Any]


def depth(most: int, *, least: int = MOST_FOUND) -> int:
    """How many that have all the words are ranked: whoever reads on sees more of them."""
    return min(MOST_RANKED, least * max(1, 2 * most // least))


def is_cut(found: Sequence[Candidate], deep: int) -> bool:
    """Whether there may be others that have all the words, beside those that were ``deep`` enough to be found."""
    return sum(one.match.said for one in found) >= deep or any(one.whole is False for one in found)


async def search_kind(
    work: Work,
    wanted: Search,
    found: Callable[[int], Statement],
    shown: Statement,
    made: Callable[..., T],
    most: int,
    **more: object,
) -> Findings[T]:
    """At most so many of those that ``found`` finds so deep, the best first, each ``made`` of its row in ``shown``."""
    values, deep = {**wanted.values(), **more}, depth(most)
    everything = await find(work, found(deep), values)
    best = best_of(wanted, everything)
    return Findings(await show(work, wanted, shown, made, best[:most], values), len(best), is_cut(everything, deep))


async def find(work: Work, found: Statement, values: Mapping[str, object]) -> list[Candidate]:
    """What a statement finds whose columns begin with those of ``finding.candidate_columns``."""
    return [
        Candidate(
            number, tags, Match(similarity, tuple(has or ()), bool(said), bool(phrase), rank or 0.0), whole, about
        )
        for number, tags, similarity, has, said, phrase, rank, whole, *about in await work.fetch(found, **values)
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
