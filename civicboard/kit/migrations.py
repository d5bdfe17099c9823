"""Bringing the database's schema to the one this version needs."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from civicboard.kit.database import Database

#: Names the lock under which one process migrates while the others wait.
_LOCK = 0x63697669


def folder() -> Path:
    """Where the migrations are: beside the package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder()))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision that this version of the code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # there is at least the first migration
    return head


async def current(database: Database) -> str | None:
    """The revision that the database is at; None for an empty one."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())


async def migrate(database: Database) -> tuple[str | None, str]:
    """Apply what is pending, one process at a time. Returns the revision before and after."""
    async with database.engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        try:
            before = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
            await connection.commit()
            await connection.execute(text("SET lock_timeout = '2s'"))
            await connection.commit()
            await connection.run_sync(lambda c: command.upgrade(_config(c), "head"))
            await connection.commit()
        finally:
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            await connection.execute(text("RESET lock_timeout"))
            await connection.commit()
    return before, newest()
