"""Problems that have the words, or mean something like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, any_, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from civicboard.board.queries.cards import Card
from civicboard.board.queries.search.asked import (
    MOST_FOUND,
    MOST_RANKED,
    Findings,
    Search,
    candidates,
    headline,
    match_columns,
    match_of,
)
from civicboard.board.queries.search.ranking import Match, counted, kept_of, reasons
from civicboard.kit.work import Work
from civicboard.networks.queries import faces_on
from civicboard.offers.models import NEED_KINDS, Need
from civicboard.places.models import Place
from civicboard.problems.models import STAGES, Problem
from civicboard.problems.queries import as_rows, problem_rows

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
    conditions = asked.of_problem()

    def by_words(query: ColumnElement[Any]) -> Select[Any]:
        having = select(Problem.id.label("id")).where(Problem.search.op("@@")(query), *conditions)
        return having.order_by(Problem.moved_at.desc()).limit(MOST_RANKED)

    found = candidates(asked, "problem", by_words, conditions, Problem.id)
    rows = list((await work.session.execute(_about(asked).join(found, found.c.id == Problem.id), asked.values())).all())
    likeness: dict[int, float] = {}
    if not asked.exact and not any(row.said for row in rows) and _has_unknown_word([row.has for row in rows]):
        likeness = await _spelled_alike(work, asked)
        more = list(set(likeness) - {row.id for row in rows})
        if more:
            ask = _about(asked).where(Problem.id == any_(bindparam("more", type_=ARRAY(BigInteger))))
            rows += (await work.session.execute(ask, {**asked.values(), "more": more})).all()
    matches = [_match(row, likeness) for row in rows]
    order = kept_of(matches, least=asked.least, by_meaning=asked.by_meaning)
    kept = [(rows[position], matches[position]) for position in order]
    return FoundProblems(
        await _shown(work, asked, kept[:most]),
        len(kept),
        stages=[(stage, STAGES[stage], count) for stage, count in counted(row.stage for row, _ in kept)],
        places=[
            (slug, name, count)
            for (slug, name), count in counted((row.place_slug, row.place_name) for row, _ in kept if row.place_slug)
        ],
        tags=[(tag, tag, count) for tag, count in counted(tag for row, _ in kept for tag in row.tags)],
        needs=[
            (kind, NEED_KINDS[kind], count) for kind, count in counted(kind for row, _ in kept for kind in row.needs)
        ],
    )


def _has_unknown_word(had: Sequence[Sequence[bool | None]]) -> bool:
    """Whether some word is in nothing that was found: it may be a slip."""
    return not had or any(not any(column) and None not in column for column in zip(*had, strict=True))


def _about(wanted: Search) -> Any:
    """What is needed of each candidate to order and count it."""
    needs = select(Need.kind).distinct().where(Need.problem_id == Problem.id, Need.state == "open")
    return select(
        Problem.id,
        Problem.stage,
        Problem.tags,
        Place.slug.label("place_slug"),
        Place.name.label("place_name"),
        func.array(needs.scalar_subquery()).label("needs"),
        *match_columns(wanted, "problem", Problem.id, Problem.search),
    ).outerjoin(Place, Place.id == Problem.place_id)


def _match(row: Any, likeness: dict[int, float]) -> Match:
    match = match_of((row.similarity, row.has, row.said, row.phrase, row.rank))
    if row.id not in likeness:
        return match
    return Match(match.similarity, match.has, match.said, match.phrase, match.rank, likeness[row.id])


async def _shown(work: Work, wanted: Search, kept: Sequence[tuple[Any, Match]]) -> list[Found]:
    """Those problems as notices, with the piece of each where the words are."""
    numbers = [row.id for row, _ in kept]
    if not numbers:
        return []
    asked = problem_rows().where(Problem.id.in_(numbers))
    problems = {row.id: row for row in as_rows((await work.session.execute(asked)).mappings().all())}
    having = [row.id for row, match in kept if any(match.has)]
    pieces: dict[int, str] = {}
    if having:
        marked = select(Problem.id, headline(Problem.story, wanted)).where(Problem.id.in_(having))
        told = await work.session.execute(marked, wanted.values())
        pieces = {number: piece for number, piece in told if "\u0002" in piece}
    faces = await faces_on(work, numbers)
    return [
        Found(
            Card(problems[row.id], faces.get(row.id, [])),
            pieces.get(row.id, ""),
            reasons(match, wanted.each_word, row.tags),
        )
        for row, match in kept
        if row.id in problems
    ]


async def _spelled_alike(work: Work, wanted: Search) -> dict[int, float]:
    """Problems where each word, of three letters or more, is nearly in the title, the tags or the whereabouts.

    Not in the whole story: comparing long texts by their letters took seconds at 100,000 problems.
    """
    asked = [word for word in wanted.words.split()[:6] if len(word) >= 3]
    if not asked:
        return {}
    folded = [func.civic_fold(word) for word in asked]
    alike = (
        select(Problem.id, Problem.search_text, Problem.moved_at)
        .where(*(word.op("<%")(Problem.search_text) for word in folded), *wanted.of_problem())
        .limit(MOST_ALIKE)
        .subquery()
    )
    likeness = sum((func.word_similarity(word, alike.c.search_text) for word in folded), literal(0.0)) / len(asked)
    found = await work.session.execute(
        select(alike.c.id, likeness).order_by(likeness.desc(), alike.c.moved_at.desc()).limit(MOST_FOUND)
    )
    return {number: float(how) for number, how in found}
