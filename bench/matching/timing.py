"""How long the database takes to search and to match, among 10,000 people and 100,000 problems.

A few thousand texts are put together from phrases of the evaluation set and made into vectors; each vector is then used
many times, a little moved each time, so that the indexes have as many different points as in life.
"""

from __future__ import annotations

import re
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import numpy as np
import psutil
from pgvector import HalfVector
from pgvector.asyncpg import register_vector
from sqlalchemy import text

from bench import searching
from bench.data import driver_url
from bench.explained import Explained, is_planned
from bench.matching.filling import NOW, migrated
from bench.matching.judged import Judged
from bench.matching.model import DIMENSIONS, MODEL_ID, Model, Vectors, unit
from civicboard.board.queries import Search
from civicboard.board.queries.for_you import suggestions_for
from civicboard.kit.database import Database
from civicboard.kit.meaning import find_model
from civicboard.kit.work import Desk, Work
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.able import find_able
from civicboard.matching.queries.candidates import people_fitting
from civicboard.matching.queries.needed import needs_to_match

PEOPLE, PROBLEMS = 10_000, 100_000
#: One problem of so many has a need.
NEEDY = 3
#: How far a vector is moved, as a share of its length: two of one text then have a cosine of about .74.
MOVED = 0.6
CHUNK = 5_000
ASKED = 30  # needs and people; of the queries all
#: Made after the rows, which is several times faster than growing them.
_LATE = (
    *("ix_problems_words", "ix_problems_similar", "ix_problems_tags", "ix_needs_words", "ix_needs_tags"),
    *("ix_abilities_tags", "ix_abilities_said", "ix_meanings_problem", "ix_meanings_need", "ix_meanings_person"),
)


@dataclass
class Timed:
    """Milliseconds that the answers took, and CPU milliseconds of the database's process.

    One median a round, and p95 over all. They are the board's own statements on a connection like the board's,
    prepared, as they are after a few times. ``inside`` is what the database itself says that planning, answering and
    writing out the rows took; ``took`` has the way there and back and the driver's reading of the rows as well.
    """

    inside: list[float] = field(default_factory=list)
    #: What the database says of a bare search in the same round: the newest that have the words, and nothing else.
    bare: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    p95: float = 0.0
    #: The indexes that the plan reads.
    indexes: set[str] = field(default_factory=set)
    asked: int = 0


class Phrases:
    """Texts made of sentences of the set; the same seed makes the same ones."""

    def __init__(self, judged: Judged, seed: int = 5) -> None:
        self.draw = np.random.default_rng(seed)
        stories = [sentence for one in judged.problems for sentence in _sentences(one["story"])]
        words = [sentence for one in judged.people for sentence in _sentences(one["words"])]
        wanted = [need["what"] for need in judged.needs]
        self.titles = [one["title"] for one in judged.problems]
        self.of = {"problem": stories, "person": words, "need": wanted + [need["words"] for need in judged.needs]}

    def texts(self, kind: str, count: int) -> list[str]:
        return [" ".join(self.draw.choice(self.of[kind], 3)) for _ in range(count)]

    def moved(self, vectors: Vectors) -> Vectors:
        noise = self.draw.standard_normal(vectors.shape, dtype=np.float32) * (MOVED / DIMENSIONS**0.5)
        return unit(vectors + noise)


def _sentences(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"(?<=[.?!:])\s+", text) if len(one) > 10]


async def fill(url: str, judged: Judged, model: Model, *, share: float, told: Callable[[str], None]) -> None:
    """A town of so many people, problems and needs, all with meanings; ``share`` of the full size."""
    await migrated(url)
    phrases, problems, people = Phrases(judged), round(PROBLEMS * share), round(PEOPLE * share)
    needs, distinct = problems // NEEDY, max(300, round(2_000 * share))
    connection = await asyncpg.connect(**driver_url(url))
    try:
        await register_vector(connection)
        await connection.execute("SET synchronous_commit = off")
        await connection.execute("SET maintenance_work_mem = '512MB'")
        late = await connection.fetch("SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY($1)", _LATE)
        for index in late:
            await connection.execute(f'DROP INDEX "{index["indexname"]}"')
        made: dict[str, tuple[list[str], Vectors]] = {}
        for kind in ("problem", "need", "person"):
            told(f"Meanings of {distinct:,} texts: {kind}")
            texts = phrases.texts(kind, distinct)
            made[kind] = texts, model.encode(texts)
        told(f"{people:,} people, {problems:,} problems, {needs:,} needs")
        tags = sorted({tag for one in judged.people for tag in one.get("tags", ())})
        said = {kind: texts for kind, (texts, _) in made.items()}
        await _copy(
            connection,
            "people",
            ((n, f"p{n}", f"Person {n}", NOW) for n in range(1, people + 1)),
            "id handle name joined_at",
        )
        await _copy(
            connection,
            "abilities",
            (
                (n, [tags[n % len(tags)]] if n % 2 else [], said["person"][n % distinct], "public", NOW)
                for n in range(1, people + 1)
            ),
            "person_id tags words visibility said_at",
        )
        titles = phrases.titles
        await _copy(
            connection,
            "problems",
            (
                (n, titles[n % len(titles)], f"p-{n}", said["problem"][n % distinct], NOW, NOW)
                for n in range(1, problems + 1)
            ),
            "id title slug story posted_at moved_at",
        )
        await _copy(
            connection,
            "needs",
            (
                (n, n * NEEDY, "skill", said["need"][n % distinct][:200], [tags[n % len(tags)]] if n % 2 else [], NOW)
                for n in range(1, needs + 1)
            ),
            "id problem_id kind what tags added_at",
        )
        for kind, count in (("problem", problems), ("need", needs), ("person", people)):
            told(f"{count:,} meanings: {kind}")
            rows = _meanings(kind, count, made[kind][1], phrases)
            await _copy(connection, "meanings", rows, "kind subject_id model made_of made_at vector")
        for index in late:
            told(f"Index {index['indexname']}")
            await connection.execute(index["indexdef"])
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _meanings(kind: str, count: int, vectors: Vectors, phrases: Phrases) -> Iterator[tuple[Any, ...]]:
    for start in range(1, count + 1, CHUNK):
        numbers = range(start, min(start + CHUNK, count + 1))
        for number, vector in zip(numbers, phrases.moved(vectors[[n % len(vectors) for n in numbers]]), strict=True):
            yield kind, number, MODEL_ID, "bench", NOW, HalfVector(vector)


async def _copy(connection: asyncpg.Connection, table: str, rows: Iterator[tuple[Any, ...]], columns: str) -> None:
    await connection.copy_records_to_table(table, records=rows, columns=columns.split())


async def time_all(
    url: str, judged: Judged, model: Model, *, rounds: int, told: Callable[[str], None]
) -> dict[str, Timed]:
    """Each kind of question in turn, round after round, one after the other on one connection."""
    queries = [one["words"] for one in judged.queries]
    meanings = model.encode(queries)
    database = Database(url, pool_size=1)
    asked: dict[str, list[list[tuple[str, Any]]]] = await _matches(database)
    asked["words"] = [await searching.statements(database, text) for text in queries]
    # Those whose words are found, and those that go on to what is spelled nearly so.
    asked["found"] = [sent for sent in asked["words"] if not searching.forgives(sent)]
    asked["slips"] = [sent for sent in asked["words"] if searching.forgives(sent)]
    # The board's own search of problems, whatever statements it sends.
    minilm = find_model("minilm")
    meant = [
        Search(words=text, vector=list(map(float, one)), model=MODEL_ID, least=minilm.least, sure=minilm.sure)
        for text, one in zip(queries, meanings, strict=True)
    ]
    asked["search"] = [await searching.statements(database, one) for one in meant]
    await database.close()
    bare = [searching.bare(text) for text, sent in zip(queries, asked["words"], strict=True) if sent in asked["found"]]
    found = {
        name: Timed(asked=len(asked[name])) for name in ("found", "slips", "words", "search", "people", "problems")
    }
    everything: dict[str, list[float]] = {name: [] for name in found}
    prepared: Counter[str] = Counter()
    connection = await asyncpg.connect(**database.reader_arguments())
    process = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))
    try:
        async with Explained.on(database) as explained:
            for name, timed in found.items():
                told(f"{name}, which warms the database up")
                for sent in asked[name]:
                    timed.indexes |= await explained.indexes(sent)
                    await explained.plan(sent)
                    await _prepared(connection, sent)
                    while not is_planned(prepared, sent):
                        await _prepared(connection, sent)
            for sent in bare:
                await explained.plan(sent)
            for turn in range(rounds):
                for name, timed in found.items():
                    told(f"{name}, round {turn + 1} of {rounds}")
                    before = process.cpu_times()
                    took = [await _prepared(connection, sent) for sent in asked[name]]
                    after = process.cpu_times()
                    timed.took.append(statistics.median(took))
                    timed.inside.append(statistics.median([await explained.time(sent) for sent in asked[name]]))
                    if name == "found":
                        timed.bare.append(statistics.median([await explained.time(sent) for sent in bare]))
                    spent = after.user + after.system - before.user - before.system
                    timed.cpu.append(spent * 1000 / len(took))
                    everything[name] += took
    finally:
        await connection.close()
    for name, timed in found.items():
        timed.p95 = statistics.quantiles(everything[name], n=20)[18]
    return found


async def _matches(database: Database) -> dict[str, list[list[tuple[str, Any]]]]:
    """What the board sends to find people for a need, and problems for a person: some of each, from all over."""
    async with Desk(database).reading() as work:
        needing, able = [
            list(await work.session.scalars(text(f"SELECT {column} FROM {table} ORDER BY {column}")))
            for table, column in (("needs", "problem_id"), ("abilities", "person_id"))
        ]

    def those_for(number: int) -> Callable[[Work], Awaitable[object]]:
        async def ask(work: Work) -> object:
            return await people_fitting(work, await needs_to_match(work, number), Weights())

        return ask

    def problems_for(person_id: int) -> Callable[[Work], Awaitable[object]]:
        async def ask(work: Work) -> object:
            return await suggestions_for(work, await find_able(work, person_id), Weights())

        return ask

    return {
        "people": [await searching.sent_by(database, those_for(one)) for one in needing[7 :: len(needing) // ASKED]],
        "problems": [await searching.sent_by(database, problems_for(one)) for one in able[7 :: len(able) // ASKED]],
    }


async def _prepared(connection: asyncpg.Connection, sent: list[tuple[str, Any]]) -> float:
    """As the board asks: the driver keeps the statement, PostgreSQL its plan. With the way there and back."""
    began = time.perf_counter()
    for statement, given in sent:
        await connection.fetch(statement, *given)
    return (time.perf_counter() - began) * 1000
