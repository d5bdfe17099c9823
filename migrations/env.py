"""How Alembic reaches the database: with the board's own engine and the board's own tables."""

from __future__ import annotations

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection

from civicboard import tables
from civicboard.kit.database import Database
from civicboard.settings import load

#: Tables that a package makes by its own statements.
OTHERS = ("pgqueuer",)


def ours(_: Any, name: str | None, kind: str, *__: Any) -> bool:
    return not (kind == "table" and name is not None and name.startswith(OTHERS))


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=tables.metadata,
        include_object=ours,
        transaction_per_migration=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect() -> None:
    database = Database(context.config.attributes.get("url") or load().database_url, pool_size=1)
    async with database.engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await database.close()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    asyncio.run(connect())
