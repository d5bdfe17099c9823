"""A made-up town for measuring: as many problems as asked for, written by COPY.

The words are sentences of the demo neighbourhood, shuffled, so that they are as long and as varied as people's own.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from civicboard.kit import web
from civicboard.kit.database import Database
from civicboard.kit.migrations import migrate
from civicboard.problems.models import STAGES

PEOPLE, PLACES, TAGS = 400, 30, 60
#: The problem whose page is measured, and how many posts it has.
SHOWN, POSTS_SHOWN = 1, 20
TOKEN = "the-session-of-somebody-who-measures-the-board"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CHUNK = 2_000
#: Indexes that are made after the rows, which is several times faster than growing them.
_LATE = ("ix_problems_words", "ix_problems_similar", "ix_problems_tags", "ix_posts_words")

Told = Callable[[int], None]


def driver_url(url: str) -> dict[str, Any]:
    """SQLAlchemy's address of a database as arguments of ``asyncpg.connect``."""
    parts = make_url(url)
    return {
        "host": parts.query.get("host") or parts.host,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        "database": parts.database,
    }


class Words:
    """Sentences to draw from; the same seed draws the same ones."""

    def __init__(self, seed: int = 7) -> None:
        told = Path(__file__).parent.parent / "civicboard" / "demo" / "neighbourhood" / "problems.json"
        problems = json.loads(told.read_text(encoding="utf-8"))
        self.titles = [problem["title"] for problem in problems]
        self.wanted = [problem["help_wanted"] for problem in problems if problem["help_wanted"]]
        texts = [problem["story"] for problem in problems]
        texts += [said["words"] for problem in problems for said in problem["timeline"] if said.get("words")]
        self.sentences = [
            sentence.strip()
            for text in texts
            for sentence in re.split(r"(?<=[.?!])\s+", re.sub(r"[#>*@`\[\]|-]|\n+", " ", text))
            if 20 < len(sentence) < 240
        ]
        self.words = sorted({word.lower() for text in texts for word in re.findall(r"[A-Za-z]{5,}", text)})
        self.random = random.Random(seed)

    def text(self, sentences: int) -> str:
        return " ".join(self.random.choices(self.sentences, k=sentences))

    def title(self) -> str:
        word, title = self.random.choice(self.words), self.random.choice(self.titles)
        return f"{title} ({word})"[:120]


async def fill(url: str, problems: int, told: Told = lambda _: None) -> None:
    """Migrate an empty database and put ``problems`` problems in it; ``told`` hears how many more there are."""
    database = Database(url, pool_size=1)
    await migrate(database)
    await database.close()
    connection = await asyncpg.connect(**driver_url(url))
    try:
        await connection.execute("SET maintenance_work_mem = '256MB'")
        await connection.execute("SET synchronous_commit = off")
        words = Words()
        await _people(connection)
        late = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY($1)", list(_LATE)
        )
        for index in late:
            await connection.execute(f'DROP INDEX "{index["indexname"]}"')
        await _copy(connection, "problems", _problems(words, problems), told)
        await _copy(connection, "posts", _posts(words, problems))
        await _copy(connection, "members", _members(words, problems))
        for index in late:
            await connection.execute(index["indexdef"])
        for table in ("problems", "posts"):
            await connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
        await connection.execute(
            "UPDATE problems SET post_count = said.n FROM"
            " (SELECT problem_id, count(*) AS n FROM posts GROUP BY problem_id) AS said WHERE id = said.problem_id"
        )
        await connection.execute(
            "UPDATE problems SET member_count = round.n FROM"
            " (SELECT problem_id, count(*) AS n FROM members GROUP BY problem_id) AS round WHERE id = round.problem_id"
        )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _copy(
    connection: asyncpg.Connection, table: str, rows: Iterator[dict[str, Any]], told: Told = lambda _: None
) -> None:
    chunk: list[dict[str, Any]] = []

    async def write() -> None:
        if chunk:
            columns = list(chunk[0])
            await connection.copy_records_to_table(
                table, records=[tuple(row.values()) for row in chunk], columns=columns
            )
            told(len(chunk))
            chunk.clear()

    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            await write()
    await write()


async def _people(connection: asyncpg.Connection) -> None:
    places = [(number, f"place-{number}", f"Street {number}", "street") for number in range(1, PLACES + 1)]
    await connection.copy_records_to_table("places", records=places, columns=["id", "slug", "name", "kind"])
    people = [
        (number, f"person-{number}", f"Person {chr(65 + number % 26)}{number}", NOW - timedelta(days=90))
        for number in range(1, PEOPLE + 1)
    ]
    await connection.copy_records_to_table("people", records=people, columns=["id", "handle", "name", "joined_at"])
    await connection.execute(
        "INSERT INTO identities (id, person_id, provider, issuer, subject, label, added_at)"
        " VALUES (1, 1, 'bench', 'https://bench.example', '1', 'Person 1', now())"
    )
    await connection.execute(
        "INSERT INTO sessions (person_id, identity_id, token_hash, started_at, seen_at, ends_at)"
        " VALUES (1, 1, $1, now(), now(), now() + interval '30 days')",
        web.hashed(TOKEN),
    )


def _problems(words: Words, count: int) -> Iterator[dict[str, Any]]:
    stages, draw = list(STAGES), words.random
    for number in range(1, count + 1):
        title = words.title()
        posted = NOW - timedelta(minutes=5 * number)
        yield {
            "id": number,
            "title": title,
            "slug": re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60],
            "story": words.text(5),
            "posted_at": posted,
            "moved_at": posted + timedelta(minutes=3),
            "poster_id": draw.randint(1, PEOPLE),
            "place_id": draw.randint(1, PLACES),
            "whereabouts": "By the bridge",
            "tags": [f"tag{draw.randint(1, TAGS)}", f"tag{draw.randint(1, TAGS)}"],
            "help_wanted": draw.choice(words.wanted) if draw.random() < 0.6 else "",
            "stage": draw.choice(stages),
            "affected_count": draw.randint(0, 40),
        }


def _posts(words: Words, problems: int) -> Iterator[dict[str, Any]]:
    wanted = [(SHOWN, POSTS_SHOWN)]
    wanted += [(number, words.random.randint(0, 4)) for number in range(2, min(problems, 5_000) + 1)]
    for problem, posts in wanted:
        for number in range(posts):
            yield {
                "problem_id": problem,
                "author_id": words.random.randint(2, PEOPLE),
                "kind": "reply",
                "capacity": "neighbour",
                "words": words.text(3),
                "posted_at": NOW - timedelta(minutes=5 * problem - 4) + timedelta(seconds=number),
            }


def _members(words: Words, problems: int) -> Iterator[dict[str, Any]]:
    for problem in range(1, min(problems, 5_000) + 1):
        for person in words.random.sample(range(1, PEOPLE + 1), words.random.randint(0, 5)):
            yield {
                "problem_id": problem,
                "person_id": person,
                "part": "talker",
                "joined_at": NOW - timedelta(minutes=problem),
            }
