"""How long the database itself takes to search: the board's own statements, prepared, as EXPLAIN times them."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import event

from bench.data import Words
from bench.explained import Explained
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
    try:
        exact = [await statements(database, one) for one in asked]
        # Only what finds enough is searched by words alone; the rest goes on to the search that forgives.
        by_words = [sent for sent in exact if not forgives(sent)]
        slipped = [await statements(database, one) for one in slips]
        newest = [bare(one) for one, sent in zip(asked, exact, strict=True) if not forgives(sent)]
        found: dict[str, list[float]] = {"board": [], "newest": [], "typo": [], "p99": []}
        everything: list[float] = []
        async with Explained.on(database) as explained:
            for sent in (*by_words, *slipped, *newest):
                await explained.plan(sent)
            for _ in range(rounds):
                took = [await explained.time(sent) for sent in by_words]
                everything += took
                found["board"].append(statistics.median(took))
                found["newest"].append(statistics.median([await explained.time(sent) for sent in newest]))
                found["typo"].append(statistics.median([await explained.time(sent) for sent in slipped]))
        found["p99"] = [statistics.quantiles(everything, n=100)[98]]
        return found
    finally:
        await database.close()


def bare(words: str) -> list[tuple[str, Any]]:
    """The least that a search could be: the newest that have the words, without a title or a reason."""
    return [(_NEWEST, (words,))]


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
