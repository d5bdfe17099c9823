"""Bringing the database's schema to the one this version needs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from civicboard.kit.database import Database

# Alembic is imported only to migrate: it costs half a second, and a web process merely compares two names.
if TYPE_CHECKING:
    from alembic.config import Config

#: Names the lock under which one process migrates while the others wait.
_LOCK = 0x63697669
_ASK_AGAIN_SECONDS = 0.2
#: So long a migration waits for a lock that others would then wait behind.
LOCK_TIMEOUT = "2s"


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


@contextmanager
def beside_everybody(op: Any) -> Iterator[None]:
    """For a migration: what is done in no transaction (an index made or dropped CONCURRENTLY, a constraint validated).

    It makes nobody wait, so it may itself wait as long as it takes for transactions that are open, such as a backup's.
    Cut off halfway, all of it is done again: what is there by then must stand that (``is_usable``).
    """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        yield
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


def is_usable(op: Any, index: str) -> bool:
    """Whether this index is there and whole; one that was cut off while it was made is there and not used."""
    asked = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:index)")
    return bool(op.get_bind().scalar(asked, {"index": index}))


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
        # Asked again and again, with nothing left open: an index that is made beside everybody waits for whatever was
        # open when it began, and would wait for us while we wait for it.
        while not await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
            await connection.commit()
            await asyncio.sleep(_ASK_AGAIN_SECONDS)
        try:
            before = await _current(connection)
            await connection.commit()
            await connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            await connection.commit()
            await connection.run_sync(lambda c: command.upgrade(_config(c), "head"))
            await connection.commit()
        finally:
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            await connection.execute(text("RESET lock_timeout"))
            await connection.commit()
    return before, newest()
