"""The schema that migrations make is the one that the models describe."""

from __future__ import annotations

import ast
import asyncio
import re
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from civicboard import tables
from civicboard.kit import migrations
from civicboard.kit.database import Database
from civicboard.kit.outbox import Xid8

FOLDER = migrations.folder()
VERSIONS = sorted((FOLDER / "versions").glob("*.py"))
#: The job queue makes its tables by its own statements.
OTHERS = ("pgqueuer",)


def _difference(connection: Connection) -> list[object]:
    def ours(_: object, name: str | None, kind: str, *__: object) -> bool:
        return not (kind == "table" and (name or "").startswith(OTHERS))

    connection.dialect.ischema_names = {**connection.dialect.ischema_names, "xid8": Xid8}
    context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
    return list(compare_metadata(context, tables.metadata))


def upgrade(connection: Connection, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


async def test_the_schema_equals_the_models(database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_difference) == []


async def test_the_comparison_sees_a_difference(database: Database) -> None:
    async with database.engine.connect() as connection:
        await connection.execute(text("ALTER TABLE follows DROP COLUMN since"))
        await connection.execute(text("DROP INDEX ix_problems_needs_moved"))
        assert len(await connection.run_sync(_difference)) == 2
        await connection.rollback()


async def test_computed_columns_and_partial_indexes_are_as_the_models_say(database: Database) -> None:
    """Alembic doesn't compare these two, and the planner lives by them."""
    async with database.engine.connect() as connection:
        found = await connection.execute(
            text("SELECT table_name, column_name FROM information_schema.columns WHERE is_generated = 'ALWAYS'")
        )
        made = {(table, column) for table, column in found}
        needs = await connection.scalar(
            text(
                "SELECT pg_get_expr(indpred, indrelid) FROM pg_index"
                " WHERE indexrelid = 'ix_problems_needs_moved'::regclass"
            )
        )
        unlogged = await connection.execute(
            text("SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'")
        )
        names = {name for (name,) in unlogged}
    computed = {
        (table.name, column.name)
        for table in tables.metadata.tables.values()
        for column in table.columns
        if column.computed
    }
    assert made == computed
    assert "help_wanted" in needs
    assert "sorted" in needs
    assert names == {"presence", "rate_counters"}, "what a crash may forget, and nothing else"


def test_there_is_one_head_and_one_line() -> None:
    script = ScriptDirectory(str(FOLDER))
    assert script.get_heads() == [migrations.newest()]
    assert script.get_bases() == [VERSIONS[0].name[:4]]
    assert [found.revision for found in reversed(list(script.walk_revisions()))] == [path.name[:4] for path in VERSIONS]


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_says_in_one_sentence_what_it_does(path: Path) -> None:
    first, _, rest = (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")
    assert re.fullmatch(r"[A-Z].{10,110}\.", first), first
    assert rest.startswith("\nRevision ID: "), "then its number, and nothing between"
    assert len(re.findall(r"[.!?](?:\s|$)", first)) == 1
    assert "!" not in first


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert await migrations.migrate(database) == (migrations.newest(), migrations.newest())
    assert await migrations.current(database) == migrations.newest()


async def test_what_is_made_outside_a_transaction_can_be_cut_off_and_done_again(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0008'"))
        await connection.execute(text("DROP INDEX ix_offers_until"))
    async with database.engine.connect() as connection:
        await connection.run_sync(upgrade, "0009")
        await connection.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": migrations.newest()})
        await connection.commit()
        assert await connection.run_sync(_difference) == []


async def _before_0020(connection: AsyncConnection) -> None:
    """As it is when 0020 was cut off after its first table."""
    await connection.execute(text("UPDATE alembic_version SET version_num = '0019'"))
    for table in ("posts", "needs", "stage_changes"):
        words = "to_tsvector('civic', why)" if table == "stage_changes" else "search"
        await connection.execute(text(f"DROP INDEX ix_{table}_words"))
        await connection.execute(text(f"CREATE INDEX ix_{table}_search ON {table} USING gin (({words}))"))
    await connection.commit()


_OF_PROBLEMS = text("SELECT to_regclass('ix_problems_words')::oid")


async def test_an_index_that_is_made_already_is_kept_when_it_is_done_again(database: Database) -> None:
    """It is the only one there is by then: dropped, each search would read everything until it is made anew."""
    async with database.engine.connect() as connection:
        await _before_0020(connection)
        before = await connection.scalar(_OF_PROBLEMS)
        await connection.rollback()
        await connection.run_sync(upgrade, "0020")
        assert await connection.scalar(_OF_PROBLEMS) == before
        await connection.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": migrations.newest()})
        await connection.commit()
        assert await connection.run_sync(_difference) == []


async def test_two_at_once_and_a_backup_beside_them(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes that make nobody wait do wait themselves, for all that is open: for longer than for any lock."""
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "100ms")
    async with database.engine.connect() as connection, database.engine.connect() as backup:
        await _before_0020(connection)
        await backup.execute(text("BEGIN"))
        await backup.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        await backup.execute(text("SELECT count(*) FROM posts"))
        both = [asyncio.create_task(migrations.migrate(database)) for _ in range(2)]
        await asyncio.sleep(0.5)
        assert not any(one.done() for one in both)
        await backup.rollback()
        assert {after for _, after in await asyncio.gather(*both)} == {migrations.newest()}
