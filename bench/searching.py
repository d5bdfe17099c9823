"""How long the database itself takes to search: the board's own statements, as EXPLAIN ANALYZE times them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from sqlalchemy import event

from bench.data import Words, driver_url
from civicboard.board.queries import Search, prepared, search_problems
from civicboard.kit.database import Database
from civicboard.kit.work import Desk, Work

_NEWEST = "SELECT id FROM problems WHERE search @@ websearch_to_tsquery('civic', $1) ORDER BY moved_at DESC LIMIT 30"
ASKED, SLIPS = 30, 3


async def database_time(url: str, *, rounds: int) -> dict[str, list[float]]:
    """Milliseconds: medians over what is asked, one a round, and ``p99`` over all of it."""
    words = Words(seed=11)
    draw = words.random
    asked = [draw.choice(words.words) for _ in range(ASKED // 2)]
    asked += [" ".join(draw.sample(words.words, 2)) for _ in range(ASKED // 2)]
    slips = [word[:3] + word[4:] for word in asked[:SLIPS]]
    database = Database(url, pool_size=1)
    connection = await asyncpg.connect(**driver_url(url))
    await connection.execute("SET pg_trgm.word_similarity_threshold = 0.38")
    try:
        exact = [await statements(database, one) for one in asked]
        # Only what finds enough is searched by words alone; the rest goes on to the search that forgives.
        by_words = [sent for sent in exact if not forgives(sent)]
        slipped = [await statements(database, one) for one in slips]
        found: dict[str, list[float]] = {"board": [], "newest": [], "typo": [], "p99": []}
        everything: list[float] = []
        for _ in range(rounds):
            took = [await _time(connection, sent) for sent in by_words]
            everything += took
            found["board"].append(statistics.median(took))
            found["newest"].append(statistics.median([await _time(connection, [(_NEWEST, (one,))]) for one in asked]))
            found["typo"].append(statistics.median([await _time(connection, sent) for sent in slipped]))
        found["p99"] = [statistics.quantiles(everything, n=100)[98]]
        return found
    finally:
        await connection.close()
        await database.close()


def forgives(sent: list[tuple[str, Any]]) -> bool:
    """Whether a search went on to what is spelled nearly like its words."""
    return any("word_similarity" in statement for statement, _ in sent)


async def statements(database: Database, words: str | Search) -> list[tuple[str, Any]]:
    """What the board sends to search for these words."""

    async def search(work: Work) -> None:
        asked = Search(words=words) if isinstance(words, str) else words
        await search_problems(work, await prepared(work, asked))

    return await sent_by(database, search)


async def sent_by(database: Database, ask: Callable[[Work], Awaitable[object]]) -> list[tuple[str, Any]]:
    """Whatever the board sends to be told something."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        async with Desk(database).reading() as work:
            work.readers = None  # so that each goes by the engine that is listened to
            await ask(work)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return [(statement, parameters) for statement, parameters in seen if statement.startswith(("SELECT", "WITH"))]


async def _time(connection: asyncpg.Connection, sent: list[tuple[str, Any]]) -> float:
    total = 0.0
    for statement, parameters in sent:
        plan = json.loads(
            await connection.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", *parameters)
        )
        total += plan[0]["Planning Time"] + plan[0]["Execution Time"]
    return total
