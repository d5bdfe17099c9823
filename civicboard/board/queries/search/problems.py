"""Problems that have the words, or mean something like them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, func, literal, select

from civicboard.board.queries.cards import Card
from civicboard.board.queries.search.criteria import MOST_FOUND, Findings, Search, Shape
from civicboard.board.queries.search.finding import (
    MOST_PARTLY,
    MOST_SAID,
    Asked,
    Source,
    beside_what_is_asked,
    candidate_columns,
    candidates,
    headline,
    is_one_of,
    query_of,
    so_many,
)
from civicboard.board.queries.search.kinds import Candidate, best_of, depth, find, is_cut, show
from civicboard.board.queries.search.pieces import piece_of
from civicboard.board.queries.search.ranking import counted, is_unseen, slips_in
from civicboard.kit.reads import Statement
from civicboard.kit.work import Work
from civicboard.networks.queries import faces_column
from civicboard.offers.models import NEED_KINDS
from civicboard.places.models import Place
from civicboard.problems.models import STAGES, Problem
from civicboard.problems.queries import ProblemRow, problem_rows

#: So many that are spelled alike are compared; more would say little, and take long.
MOST_ALIKE = 500
#: So much of a story its notice shows at least.
SHOWN_OF_STORY = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A problem that a search found.

    ``headline`` is a piece of the story with the matching words between U+0002 and U+0003, empty where the notice
    shows them.
    """

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

    Where none has all the words, and one of the words is in no problem, those that spell it nearly so are looked at
    too. Accents don't matter.
    """
    asked = Search(words=wanted) if isinstance(wanted, str) else wanted
    values = asked.values()
    deep = depth(most, least=MOST_SAID)
    found: Sequence[Candidate] = await find(work, _found(asked.shape, deep), values)
    if missed := slips_in(asked.words, [one.match for one in found]):
        # A rare word beside common ones may be in a text that was not looked at.
        having = await work.fetch(_having(asked.shape), **values, missed=" or ".join(missed))
        found = await _with_these(work, asked, found, [number for (number,) in having])
    if slips := slips_in(asked.words, [one.match for one in found]):
        found = await _with_alike(work, asked, found, slips)
    best = best_of(asked, found)
    kept = [_About(*one.about) for one in best]
    shown = await show(work, asked, _cards(), _made, best[:most], {})
    return FoundProblems(
        await _with_headlines(work, asked, shown, best),
        len(best),
        is_cut(found, deep),
        stages=[(stage, STAGES[stage], count) for stage, count in counted(one.stage for one in kept)],
        places=[
            (slug, name, count)
            for (slug, name), count in counted((one.place_slug, one.place_name or "") for one in kept if one.place_slug)
        ],
        tags=[(tag, tag, count) for tag, count in counted(tag for one in best for tag in one.tags)],
        needs=[(kind, NEED_KINDS[kind], count) for kind, count in counted(kind for one in kept for kind in one.needs)],
    )


async def _with_these(
    work: Work, wanted: Search, found: Sequence[Candidate], numbers: Iterable[int]
) -> Sequence[Candidate]:
    more = list(set(numbers) - {one.id for one in found})
    if not more:
        return found
    return [*found, *await find(work, _numbered(wanted.shape), {**wanted.values(), "numbers": more})]


class _About(NamedTuple):
    """What is counted of each, beside its tags."""

    stage: str
    needs: Sequence[str]
    place_slug: str | None
    place_name: str | None


_ABOUT = (Problem.stage, Problem.need_kinds, Place.slug, Place.name)


def _source(shape: Shape) -> Source:
    conditions = shape.of_problem()
    return Source("problem", Problem.id, Problem.search, Problem.moved_at, conditions, narrows=bool(conditions))


@cache
def _found(shape: Shape, deep: int) -> Statement:
    asked, source = Asked(shape), _source(shape)
    found = candidates(asked, source, most=deep)
    columns = candidate_columns(asked, source, Problem.search, tags=Problem.tags, found=found)
    rows = select(*columns, *_ABOUT).join(found, found.c.id == Problem.id)
    return Statement(beside_what_is_asked(rows.outerjoin(Place, Place.id == Problem.place_id), asked))


@cache
def _numbered(shape: Shape) -> Statement:
    asked = Asked(shape)
    columns = candidate_columns(asked, _source(shape), Problem.search, tags=Problem.tags)
    rows = select(*columns, *_ABOUT).outerjoin(Place, Place.id == Problem.place_id).where(is_one_of(Problem.id))
    return Statement(beside_what_is_asked(rows, asked))


@cache
def _having(shape: Shape) -> Statement:
    """The numbers of the newest that have one of the words that were missed."""
    return Statement(_source(shape).by_index(query_of("missed"), MOST_PARTLY))


@cache
def _cards() -> Statement:
    return Statement(problem_rows().add_columns(faces_column()).where(is_one_of(Problem.id)))


def _made(*row: Any, reasons: Sequence[str]) -> Found:
    return Found(Card(ProblemRow(*row[:-1]), row[-1]), "", reasons)


async def _with_headlines(
    work: Work, wanted: Search, shown: Sequence[Found], best: Sequence[Candidate]
) -> Sequence[Found]:
    """Where the notice doesn't show a word that the story has, the piece of the story where it stands."""
    matches = {one.id: one.match for one in best}
    pieces: dict[int, str] = {}
    for one in shown:
        problem, has = one.card.problem, matches[one.card.problem.id].has
        says = " ".join((problem.title, *problem.tags, problem.help_wanted, problem.story[:SHOWN_OF_STORY]))
        if is_unseen(wanted.each_word, has, says):
            there = [word for word, is_there in zip(wanted.each_word, has, strict=False) if is_there]
            pieces[problem.id] = piece_of(problem.story, there)
    if missed := [number for number, piece in pieces.items() if not piece]:
        found = await work.fetch(_pieces(wanted.shape), **wanted.values(), numbers=missed)
        pieces |= {number: piece for number, piece in found if "\u0002" in piece}
    return [replace(one, headline=pieces.get(one.card.problem.id, "")) for one in shown]


@cache
def _pieces(shape: Shape) -> Statement:
    return Statement(select(Problem.id, headline(shape, Problem.story)).where(is_one_of(Problem.id)))


async def _with_alike(
    work: Work, wanted: Search, found: Sequence[Candidate], slips: Sequence[str]
) -> Sequence[Candidate]:
    """The same and those that spell these words nearly so, in the title, the tags or the whereabouts.

    Not in the whole story: comparing long texts by their letters took seconds at 100,000 problems.
    """
    near = {f"near_{nth}": word for nth, word in enumerate(slips)}
    rest = " ".join(word for word in wanted.each_word if word not in slips)  # all of which it must have
    rows = await work.fetch(_alike(wanted.shape, len(slips), bool(rest)), **wanted.values(), **near, rest=rest)
    likeness = {number: float(how) for number, how in rows}
    found = await _with_these(work, wanted, found, likeness)
    return [
        one._replace(match=replace(one.match, likeness=likeness[one.id])) if one.id in likeness else one
        for one in found
    ]


@cache
def _alike(shape: Shape, count: int, rest: bool) -> Statement:
    """Those that have the ``rest`` of the words, and spell each of so many nearly as they were typed."""
    each = [bindparam(f"near_{nth}", type_=Text) for nth in range(count)]
    folded = [select(func.civic_fold(word)).scalar_subquery() for word in each]
    alike = select(Problem.id, Problem.search_text, Problem.moved_at)
    alike = alike.where(*(word.op("<%")(Problem.search_text) for word in folded), *shape.of_problem())
    if rest:
        alike = alike.where(Problem.search.op("@@")(query_of("rest")))
    near = alike.limit(so_many(MOST_ALIKE)).subquery()
    likeness = sum((func.word_similarity(word, near.c.search_text) for word in folded), literal(0.0)) / count
    return Statement(
        select(near.c.id, likeness).order_by(likeness.desc(), near.c.moved_at.desc()).limit(so_many(MOST_FOUND))
    )
