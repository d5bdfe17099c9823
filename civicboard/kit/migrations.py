"""Bringing the database's schema to the one this version needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from civicboard.kit.database import Database

# Alembic is imported only to migrate: it costs half a second, and a web process merely compares two names.
if TYPE_CHECKING:
    from alembic.config import Config

#: Names the lock under which one process migrates while the others wait.
_LOCK = 0x63697669


def folder() -> Path:
    """Where the migrations are: beside the package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder()))
    config.attributes["connection"] = connection
    return config


_REVISION = re.compile(r'^(revision|down_revision) = "(\w+)"', re.MULTILINE)


def newest() -> str:
    """The revision that this version of the code needs: the one that no other builds on."""
    named: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in (folder() / "versions").glob("*.py"):
        for what, revision in _REVISION.findall(file.read_text(encoding="utf-8")):
            named[what].add(revision)
    (head,) = named["revision"] - named["down_revision"]
    return head


async def current(database: Database) -> str | None:
    """The revision that the database is at; None for an empty one."""
    async with database.engine.connect() as connection:
        return await _current(connection)


async def _current(connection: AsyncConnection) -> str | None:
    if await connection.scalar(text("SELECT to_regclass('alembic_version') IS NULL")):
        return None
    found: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


async def migrate(database: Database) -> tuple[str | None, str]:
    """Apply what is pending, one process at a time. Returns the revision before and after."""
    if await current(database) == newest():
        return newest(), newest()
    from alembic import command

    async with database.engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        try:
            before = await _current(connection)
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
