"""The evaluation set put into the board's own tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from bench.data import driver_url
from bench.matching.judged import Judged
from bench.matching.model import MODEL_ID, Model, literal, said
from civicboard.kit.database import Database
from civicboard.kit.migrations import migrate
from civicboard.linking import make_desk
from civicboard.skills.actions import seed_words

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The number that each thing of the set has in the database, and back."""

    problems: dict[str, int]
    needs: dict[str, int]
    people: dict[str, int]

    def names(self, kind: str) -> dict[int, str]:
        return {number: name for name, number in getattr(self, kind).items()}


async def migrated(url: str) -> None:
    database = Database(url, pool_size=1)
    await migrate(database)
    async with make_desk(database, notify=False).writing() as work:
        await seed_words(work)
    await database.close()


async def fill(url: str, judged: Judged, model: Model) -> Numbers:
    """Migrate an empty database, put the set in it, and what it means. Nobody has a place: only words count."""
    await migrated(url)
    connection = await asyncpg.connect(**driver_url(url))
    try:
        numbers = Numbers(
            problems={one["id"]: number for number, one in enumerate(judged.problems, 1)},
            needs={one["id"]: number for number, one in enumerate(judged.needs, 1)},
            people={one["id"]: number for number, one in enumerate(judged.people, 1)},
        )
        await _rows(connection, "people", (_person(number, one) for number, one in enumerate(judged.people, 1)))
        await _rows(connection, "abilities", (_ability(numbers.people[one["id"]], one) for one in judged.people))
        await _rows(connection, "problems", (_problem(numbers.problems[one["id"]], one) for one in judged.problems))
        needs = ((numbers.problems[problem["id"]], need) for problem in judged.problems for need in problem["needs"])
        await _rows(connection, "needs", (_need(numbers.needs[need["id"]], number, need) for number, need in needs))
        await _mean(connection, "problem", {numbers.problems[one["id"]]: said(one) for one in judged.problems}, model)
        await _mean(connection, "need", {numbers.needs[one["id"]]: said(one) for one in judged.needs}, model)
        await _mean(connection, "person", {numbers.people[one["id"]]: said(one) for one in judged.people}, model)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
    return numbers


async def _rows(connection: asyncpg.Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    given = list(rows)
    await connection.copy_records_to_table(
        table, records=[tuple(row.values()) for row in given], columns=list(given[0])
    )


def _person(number: int, one: dict[str, Any]) -> dict[str, Any]:
    return {"id": number, "handle": one["id"], "name": f"Person {number}", "joined_at": NOW}


def _ability(number: int, one: dict[str, Any]) -> dict[str, Any]:
    listed = {name: one.get(name, []) for name in ("tags", "things", "rooms", "languages")}
    return {"person_id": number, "words": one["words"], **listed, "visibility": "public", "said_at": NOW}


def _problem(number: int, one: dict[str, Any]) -> dict[str, Any]:
    slug = re.sub(r"[^a-z0-9]+", "-", one["title"].lower()).strip("-")[:60]
    texts = {"title": one["title"], "slug": slug, "story": one["story"], "tags": one["tags"]}
    needs = {
        "need_count": len(one["needs"]),
        "need_kinds": sorted({need["kind"] for need in one["needs"]}),
        "need_words": [need["what"] for need in one["needs"]][:3],
    }
    return {"id": number, **texts, "posted_at": NOW, "moved_at": NOW, "poster_id": None, **needs}


def _need(number: int, problem: int, one: dict[str, Any]) -> dict[str, Any]:
    texts = {name: one[name] for name in ("kind", "what", "words", "tags")}
    return {"id": number, "problem_id": problem, **texts, "added_at": NOW, "ring_since": NOW}


async def _mean(connection: asyncpg.Connection, kind: str, texts: dict[int, str], model: Model) -> None:
    vectors = model.encode(list(texts.values()))
    rows = [(kind, number, MODEL_ID, "bench", NOW, literal(one)) for number, one in zip(texts, vectors, strict=True)]
    await connection.executemany(
        "INSERT INTO meanings (kind, subject_id, model, made_of, made_at, vector)"
        " VALUES ($1, $2, $3, $4, $5, $6::text::halfvec)",
        rows,
    )
