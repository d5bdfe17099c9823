"""Problems that have the words, or mean something like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, case, func, literal, select

from civicboard.board.queries.cards import Card
from civicboard.board.queries.search.asked import MOST_FOUND, MOST_RANKED, Findings, Search, Shape
from civicboard.board.queries.search.finding import (
    MOST_SAID,
    Asked,
    Source,
    beside_what_is_asked,
    candidates,
    headline,
    is_one_of,
    match_columns,
    match_of,
    so_many,
)
from civicboard.board.queries.search.ranking import Match, counted, kept_of, reasons
from civicboard.kit.reads import Statement
from civicboard.kit.work import Work
from civicboard.networks.queries import faces_column
from civicboard.offers.models import NEED_KINDS
from civicboard.places.models import Place
from civicboard.problems.models import STAGES, Problem
from civicboard.problems.queries import ProblemRow, problem_rows

#: So many that are spelled alike are compared; more would say little, and take long.
MOST_ALIKE = 500


@dataclass(frozen=True, slots=True)
class Found:
    """A problem that a search found: ``headline`` has the matching words between U+0002 and U+0003, or is empty."""

    card: Card
    headline: str
    reasons: Sequence[str]


#: One thing to narrow by: its value in the address, the words people read, how many have it.
Choice = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class FoundProblems(Findings[Found]):
    """Problems, and by what they can be narrowed, the most frequent first."""

    stages: Sequence[Choice] = ()
    places: Sequence[Choice] = ()
    tags: Sequence[Choice] = ()
    needs: Sequence[Choice] = ()


async def search_problems(work: Work, wanted: Search | str, *, most: int = MOST_FOUND) -> FoundProblems:
    """At most so many problems, the best first: by meaning and by words, or by words alone where there is no meaning.

    Where no problem has all the words, and one of them is in none, those that are spelled alike are looked at too.
    Accents don't matter.
    """
    asked = Search(words=wanted) if isinstance(wanted, str) else wanted
    # Whoever reads on sees more of those that have all the words.
    deep = min(MOST_RANKED, MOST_SAID * max(1, 2 * most // MOST_SAID))
    rows = [_Row(*row) for row in await work.fetch(_found(asked.shape, deep), **asked.values())]
    likeness: dict[int, float] = {}
    if not asked.exact and not any(row.said for row in rows) and _has_unknown_word([row.has for row in rows]):
        likeness = await _spelled_alike(work, asked)
        more = list(set(likeness) - {row.id for row in rows})
        if more:
            rows += [_Row(*row) for row in await work.fetch(_numbered(asked.shape), **asked.values(), numbers=more)]
    matches = [_match(row, likeness) for row in rows]
    order = kept_of(matches, least=asked.least, by_meaning=asked.by_meaning)
    kept = [(rows[position], matches[position]) for position in order]
    return FoundProblems(
        await _shown(work, asked, kept[:most]),
        len(kept),
        sum(match.said for match in matches) >= deep,
        stages=[(stage, STAGES[stage], count) for stage, count in counted(row.stage for row, _ in kept)],
        places=[
            (slug, name, count)
            for (slug, name), count in counted(
                (row.place_slug, row.place_name or "") for row, _ in kept if row.place_slug
            )
        ],
        tags=[(tag, tag, count) for tag, count in counted(tag for row, _ in kept for tag in row.tags)],
        needs=[
            (kind, NEED_KINDS[kind], count) for kind, count in counted(kind for row, _ in kept for kind in row.needs)
        ],
    )


def _has_unknown_word(had: Sequence[Sequence[bool | None]]) -> bool:
    """Whether some word is in nothing that was found: it may be a slip."""
    return not had or any(not any(column) and None not in column for column in zip(*had, strict=True))


class _Row(NamedTuple):
    """What is needed of each candidate to order and count it."""

    id: int
    stage: str
    tags: Sequence[str]
    needs: Sequence[str]
    place_slug: str | None
    place_name: str | None
    similarity: float | None
    has: Sequence[bool | None]
    said: bool
    phrase: bool
    rank: float


_ABOUT = (Problem.id, Problem.stage, Problem.tags, Problem.need_kinds, Place.slug, Place.name)


@cache
def _found(shape: Shape, deep: int) -> Statement:
    asked = Asked(shape)
    conditions = shape.of_problem()
    source = Source("problem", Problem.id, Problem.search, Problem.moved_at, conditions, narrows=bool(conditions))
    found = candidates(asked, source, most=deep)
    columns = match_columns(asked, "problem", Problem.id, Problem.search, found.c.similarity)
    rows = select(*_ABOUT, *columns).join(found, found.c.id == Problem.id)
    return Statement(beside_what_is_asked(rows.outerjoin(Place, Place.id == Problem.place_id), asked))


@cache
def _numbered(shape: Shape) -> Statement:
    asked = Asked(shape)
    rows = select(*_ABOUT, *match_columns(asked, "problem", Problem.id, Problem.search)).select_from(Problem)
    rows = rows.outerjoin(Place, Place.id == Problem.place_id).where(is_one_of(Problem.id))
    return Statement(beside_what_is_asked(rows, asked))


@cache
def _cards(shape: Shape) -> Statement:
    """Notices, each with the piece where the words are, if it has any of them."""
    asked = Asked(shape)
    has = Problem.search.op("@@")(asked.once("partly"))
    piece = case((has, headline(asked, Problem.story)), else_="") if shape.words else literal("")
    return Statement(problem_rows().add_columns(faces_column(), piece).where(is_one_of(Problem.id)))


def _match(row: Any, likeness: dict[int, float]) -> Match:
    match = match_of((row.similarity, row.has, row.said, row.phrase, row.rank))
    if row.id not in likeness:
        return match
    return Match(match.similarity, match.has, match.said, match.phrase, match.rank, likeness[row.id])


async def _shown(work: Work, wanted: Search, kept: Sequence[tuple[_Row, Match]]) -> list[Found]:
    """Those problems as notices, with the piece of each where the words are."""
    numbers = [row.id for row, _ in kept]
    if not numbers:
        return []
    cards: dict[int, tuple[Card, str]] = {}
    for *columns, faces, piece in await work.fetch(_cards(wanted.shape), **wanted.values(), numbers=numbers):
        cards[columns[0]] = Card(ProblemRow(*columns), faces), piece if "\u0002" in piece else ""
    return [Found(*cards[row.id], reasons(match, wanted.each_word, row.tags)) for row, match in kept if row.id in cards]


async def _spelled_alike(work: Work, wanted: Search) -> dict[int, float]:
    """Problems where each word, of three letters or more, is nearly in the title, the tags or the whereabouts.

    Not in the whole story: comparing long texts by their letters took seconds at 100,000 problems.
    """
    asked = [word for word in wanted.words.split()[:6] if len(word) >= 3]
    if not asked:
        return {}
    values = {f"near_{nth}": word for nth, word in enumerate(asked)}
    return {
        number: float(how)
        for number, how in await work.fetch(_alike(wanted.shape, len(asked)), **wanted.values(), **values)
    }


@cache
def _alike(shape: Shape, count: int) -> Statement:
    words = (func.civic_fold(bindparam(f"near_{nth}", type_=Text)) for nth in range(count))
    folded = [select(word).scalar_subquery() for word in words]
    alike = (
        select(Problem.id, Problem.search_text, Problem.moved_at)
        .where(*(word.op("<%")(Problem.search_text) for word in folded), *shape.of_problem())
        .limit(so_many(MOST_ALIKE))
        .subquery()
    )
    likeness = sum((func.word_similarity(word, alike.c.search_text) for word in folded), literal(0.0)) / count
    return Statement(
        select(alike.c.id, likeness).order_by(likeness.desc(), alike.c.moved_at.desc()).limit(so_many(MOST_FOUND))
    )
