"""Who and what is found, in which order: by words, and by meaning."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from bench.data import driver_url
from bench.matching.curves import nonsense
from bench.matching.filling import Numbers
from bench.matching.judged import DIRECTIONS, Judged
from bench.matching.model import MODEL_ID, Model, literal, said
from bench.matching.own import match_all, read_as_the_board_does
from bench.matching.scores import Scores, above, score
from civicboard.board.queries import Search, prepared, search_problems
from civicboard.kit.database import Database
from civicboard.kit.meaning import find_model
from civicboard.kit.work import Desk

#: Any word of a text: all of them together are in no other text.
_ANY_WORD = (
    "(SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery FROM unnest(to_tsvector('civic', $1)) AS w(lexeme))"
)
_PEOPLE_BY_WORDS = f"""
SELECT person_id FROM (
  SELECT person_id, setweight(to_tsvector('civic', civic_join(tags)), 'A')
    || to_tsvector('civic', words || ' ' || civic_join(things) || ' ' || civic_join(rooms)) AS says
  FROM abilities
) AS people WHERE says @@ {_ANY_WORD} ORDER BY ts_rank(says, {_ANY_WORD}) DESC, person_id
"""
_PROBLEMS_BY_WORDS = f"""
SELECT id FROM problems WHERE search @@ {_ANY_WORD} ORDER BY ts_rank(search, {_ANY_WORD}) DESC, id
"""
# The whole of a small set is compared, so that the index can't miss anything: only the model is judged.
_BY_MEANING = (
    "SELECT subject_id FROM meanings WHERE kind = '{}' ORDER BY 1 - (vector <=> $1::text::halfvec) DESC, subject_id"
)
_BY_NEED_OR_PROBLEM = """
SELECT problem_id FROM (
  SELECT subject_id AS problem_id, vector FROM meanings WHERE kind = 'problem'
  UNION ALL
  SELECT needs.problem_id, vector FROM meanings JOIN needs ON needs.id = subject_id WHERE meanings.kind = 'need'
) AS said GROUP BY problem_id ORDER BY min(vector <=> $1::text::halfvec), problem_id
"""

Ranked = dict[str, list[str]]


@dataclass
class Quality:
    """Scores by direction and by way of finding, and the rankings that they are of."""

    scores: dict[str, dict[str, Scores]] = field(default_factory=lambda: {one: {} for one in DIRECTIONS})
    ranked: dict[str, dict[str, Ranked]] = field(default_factory=lambda: {one: {} for one in DIRECTIONS})
    #: Of the pairs that only look alike, how many stand above everything that is just right.
    fooled: dict[str, dict[str, int]] = field(default_factory=lambda: {one: {} for one in DIRECTIONS})

    #: Of queries that ask for nothing a town has, how many the board's own search finds something for, and of how many.
    nonsense: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, judged: Judged, direction: str, way: str, ranked: Ranked) -> None:
        self.ranked[direction][way] = ranked
        self.scores[direction][way] = score(ranked, judged.grades[direction])
        pairs = judged.lookalikes[direction]
        grades = judged.grades[direction]
        self.fooled[direction][way] = sum(above(other, ranked[asked], grades[asked]) for asked, other in pairs)


async def rank_all(url: str, judged: Judged, numbers: Numbers, model: Model) -> Quality:
    """Each direction by each way, in one run over the same tables."""
    quality, people, problems = Quality(), numbers.names("people"), numbers.names("problems")
    needs = {one["id"]: said(one) for one in judged.needs}
    # A need alone seldom says what it is about: "Which way works, without killing everything else?"
    with_title = {
        need["id"]: f"{problem['title']}\n{said(need)}" for problem in judged.problems for need in problem["needs"]
    }
    abilities = {one["id"]: said(one) for one in judged.people}
    queries = {one["id"]: one["words"] for one in judged.queries}
    connection = await asyncpg.connect(**driver_url(url))
    database = Database(url, pool_size=1)
    desk = Desk(database)

    async def board(words: str) -> list[int]:
        async with desk.reading() as work:
            return [found.card.problem.id for found in await search_problems(work, words)]

    async def blended(words: str) -> list[int]:
        vector = [float(number) for number in model.encode([words])[0]]
        minilm = find_model("minilm")
        asked = Search(words=words, vector=vector, model=MODEL_ID, least=minilm.least, sure=minilm.sure)
        async with desk.reading() as work:
            return [found.card.problem.id for found in await search_problems(work, await prepared(work, asked))]

    def words(statement: str) -> Callable[[str], Awaitable[list[int]]]:
        return lambda text: _numbers(connection, statement, text)

    def meaning(statement: str) -> Callable[[str], Awaitable[list[int]]]:
        return lambda text: _numbers(connection, statement, literal(model.encode([text])[0]))

    async def go(
        direction: str, way: str, asked: dict[str, str], names: dict[int, str], find: Callable[[str], Awaitable[Any]]
    ) -> None:
        ranked = {one: [names[number] for number in await find(text)] for one, text in asked.items()}
        quality.add(judged, direction, way, ranked)

    try:
        nearest = _BY_MEANING.format("problem")
        await go("need_people", "keywords", needs, people, words(_PEOPLE_BY_WORDS))
        await go("need_people", "meaning", needs, people, meaning(_BY_MEANING.format("person")))
        title_too = "the problem's title too"
        await go("need_people", f"keywords, {title_too}", with_title, people, words(_PEOPLE_BY_WORDS))
        await go("need_people", f"meaning, {title_too}", with_title, people, meaning(_BY_MEANING.format("person")))
        await go("person_problems", "keywords", abilities, problems, words(_PROBLEMS_BY_WORDS))
        await go("person_problems", "meaning", abilities, problems, meaning(nearest))
        await go("person_problems", "meaning, needs too", abilities, problems, meaning(_BY_NEED_OR_PROBLEM))
        await go("query_problems", "keywords", queries, problems, board)
        await go("query_problems", "any keyword", queries, problems, words(_PROBLEMS_BY_WORDS))
        await go("query_problems", "meaning", queries, problems, meaning(nearest))
        await go("query_problems", "the board's own search", queries, problems, blended)
        for name, asked in nonsense().items():
            quality.nonsense[name] = (sum([bool(await blended(one)) for one in asked]), len(asked))
        await go("query_problems", "meaning, needs too", queries, problems, meaning(_BY_NEED_OR_PROBLEM))
        # Last, since the board makes its meanings of texts of its own.
        for way, own_model in (("the board's own matching", model), ("the board's own, no model", None)):
            await read_as_the_board_does(desk, own_model)
            for direction, ranked in (await match_all(desk, numbers)).items():
                quality.add(judged, direction, way, ranked)
    finally:
        await connection.close()
        await database.close()
    return quality


async def _numbers(connection: asyncpg.Connection, statement: str, given: str) -> list[int]:
    return [row[0] for row in await connection.fetch(statement, given)]
