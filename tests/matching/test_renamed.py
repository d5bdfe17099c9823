"""Asks were called pleas: the version that still runs while the board is brought up to date goes on as before."""

from __future__ import annotations

import json
import uuid
from typing import Any

import asyncpg
from sqlalchemy import select, text

from civicboard.kit import migrations
from civicboard.kit.database import Database
from civicboard.kit.embedded import EmbeddedPostgres
from civicboard.kit.outbox import Event
from civicboard.linking import make_desk
from civicboard.matching.events import PersonAsked
from civicboard.matching.models import Ask
from tests.conftest import connect_as_superuser
from tests.house.test_migrations import _difference, upgrade

BEFORE = """
INSERT INTO people (handle, name, joined_at) VALUES ('ada', 'Ada', now()), ('bo', 'Bo', now()), ('cy', 'Cy', now());
INSERT INTO problems (title, slug, story, poster_id, posted_at, moved_at) VALUES ('Wet', 'wet', '', 1, now(), now());
INSERT INTO needs (problem_id, by_id, kind, what, added_at) VALUES (1, 1, 'skill', 'Drains', now());
INSERT INTO pleas (need_id, person_id, by_id, ring, made_at, due_at, state) VALUES (1, 2, 1, 1, now(), now(), 'asked');
INSERT INTO notices (person_id, kind, once, made_at, about)
VALUES (2, 'asked', 'ask:1', now(), '{"problem_id": 1, "plea_id": 1}'), (2, 'joined', 'x', now(), '{"problem_id": 1}');
INSERT INTO events (kind, data) VALUES
  ('PersonAsked', '{"problem_id": 1, "need_id": 1, "plea_id": 1, "person_id": 2}'),
  ('NeedAdded', '{"problem_id": 1, "need_id": 1}');
"""
#: What the version before says to the database, as it says it.
PUT = """
INSERT INTO pleas (need_id, person_id, by_id, ring, made_at, due_at, why, words, contact, named)
VALUES ($1, $2, 1, 1, now(), now(), '{"You know."}', '', '', true) ON CONFLICT DO NOTHING RETURNING pleas.id
"""
LOCK = "SELECT pleas.id, pleas.state, pleas.why, pleas.asked_at FROM pleas WHERE pleas.id = $1 FOR UPDATE"
STANDING = """
SELECT pleas.id FROM pleas JOIN needs ON needs.id = pleas.need_id
WHERE needs.problem_id = $1 AND pleas.state IN ('waiting', 'asked') ORDER BY pleas.id FOR UPDATE OF pleas
"""
ANSWER = "UPDATE pleas SET state = $2, answered_at = now() WHERE pleas.id = $1"


async def test_the_version_before_goes_on_while_the_table_is_renamed(postgres: EmbeddedPostgres) -> None:
    name = f"renamed_{uuid.uuid4().hex[:12]}"
    database = Database(postgres.create_database(name), pool_size=1)
    try:
        async with database.engine.connect() as connection:
            await connection.run_sync(upgrade, "0009")
            await connection.commit()
        older = await connect_as_superuser(postgres, name)
        await older.execute(BEFORE)
        said = [await older.prepare(statement) for statement in (PUT, LOCK, STANDING, ANSWER)]
        for statement in said:
            await _say(statement)
        await migrations.migrate(database)
        put, lock, standing, answer = said
        # Said once more on the same connection, and for the first time on another.
        assert await put.fetchval(1, 2) is None, "asked already"
        made = await put.fetchval(1, 3)
        assert made > 1
        async with older.transaction():
            assert (await lock.fetchrow(made))["why"] == ["You know."]
            assert [row["id"] for row in await standing.fetch(1)] == [1, made]
        await answer.fetch(made, "not_now")
        again = await connect_as_superuser(postgres, name)
        assert (await again.fetchrow(LOCK, made))["state"] == "not_now"
        await again.close()
        await older.execute("DELETE FROM people WHERE handle = 'cy'")
        assert await older.fetchval("SELECT count(*) FROM pleas") == 1
        await _is_as_the_new_one_reads_it(older, database)
        await older.close()
    finally:
        await database.close()
        admin = await connect_as_superuser(postgres)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def _say(statement: Any) -> None:
    """So often that PostgreSQL keeps its plan for whatever it is given."""
    given = {PUT: [1, 2], LOCK: [1], STANDING: [1], ANSWER: [1, "asked"]}[statement.get_query()]
    for _ in range(7):
        await statement.fetch(*given)


async def _is_as_the_new_one_reads_it(older: asyncpg.Connection, database: Database) -> None:
    async with make_desk(database).reading() as work:
        (ask,) = await work.session.scalars(select(Ask))
        assert (ask.person_id, ask.state) == (2, "asked")
    about = [json.loads(row["about"]) for row in await older.fetch("SELECT about FROM notices ORDER BY id")]
    # By both words, so that either version finds it.
    assert about == [{"problem_id": 1, "plea_id": 1, "ask_id": 1}, {"problem_id": 1}]
    (kind, data), other = await older.fetch("SELECT kind, data FROM events ORDER BY id")
    assert Event.parse(kind, json.loads(data)) == PersonAsked(problem_id=1, need_id=1, ask_id=1, person_id=2)
    assert json.loads(other["data"]) == {"problem_id": 1, "need_id": 1}


async def test_the_rule_of_one_ask_is_made_again_when_it_was_cut_off(database: Database) -> None:
    """The wider rule is gone already by then."""
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0011'"))
        await connection.execute(text("DROP INDEX ix_asks_once"))
    async with database.engine.connect() as connection:
        await connection.run_sync(upgrade, "0012")
        await connection.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": migrations.newest()})
        await connection.commit()
        assert await connection.run_sync(_difference) == []
        rule = await connection.scalar(text("SELECT pg_get_indexdef('ix_asks_once'::regclass)"))
    assert "UNIQUE" in rule
    assert "state <> 'called_off'" in rule
