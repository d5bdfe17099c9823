"""The database: one engine, two kinds of visit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

from civicboard.kit.reads import Readers


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """The tables of every feature. Constraint names are fixed, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads it off the class
        int: BigInteger,
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }


_CONNECTING: dict[str, Any] = {
    "server_settings": {
        "application_name": "civicboard",
        "timezone": "UTC",
        # How alike two words must be for the search that forgives typing errors.
        "pg_trgm.word_similarity_threshold": "0.45",
        # Whatever else narrows a search by meaning, it looks further until it has found enough.
        "hnsw.iterative_scan": "strict_order",
        "hnsw.ef_search": "100",
        # A search by meaning looks dear to the planner, which would compile it for longer than it takes.
        "jit": "off",
    },
    "timeout": 5,
}


class Database:
    """A pool of connections to one PostgreSQL.

    ``reads`` runs each statement by itself (no BEGIN, no ROLLBACK: two round trips less a page);
    ``writes`` makes the transaction of a deed. Both draw on one pool. ``readers`` are the driver's own connections
    beside it, for the statements of the hottest pages. A statement that takes longer than ``patience``, in seconds,
    is given up: a database that hangs must not hold every page.
    """

    def __init__(self, url: str, *, pool_size: int = 10, patience: float | None = None) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            # Without the ping, the first query after PostgreSQL restarted fails.
            pool_pre_ping=True,
            pool_timeout=10,
            # An error's text goes into the log, and people's words do not.
            hide_parameters=True,
            connect_args={**_CONNECTING, "command_timeout": patience},
        )
        self.reads = async_sessionmaker(
            self.engine.execution_options(isolation_level="AUTOCOMMIT"),
            class_=AsyncSession,
            expire_on_commit=False,
            autoflush=False,
        )
        self.writes = async_sessionmaker(self.engine, class_=AsyncSession, expire_on_commit=False)
        self.patience = patience
        self.readers = Readers(self.reader_arguments, size=pool_size)

    @property
    def heard(self) -> bool:
        """Whether somebody listens to the engine's statements, a tracer or a test: then they all go through it."""
        return bool(self.engine.sync_engine.dispatch.before_cursor_execute)

    def driver_arguments(self) -> dict[str, Any]:
        """What ``asyncpg.connect`` needs to reach this database by itself, beside the pool."""
        _, arguments = self.engine.dialect.create_connect_args(make_url(self.url))
        return dict(arguments)

    def reader_arguments(self) -> dict[str, Any]:
        """The same for one of the ``readers``, as the board sets them up.

        The driver would forget each statement after five minutes, and PostgreSQL with it the plan that it comes to only
        after five uses: most pages of a quiet board would pay for planning, which takes some as long as the answer.
        """
        kept = {"max_cached_statement_lifetime": 0, "command_timeout": self.patience}
        return {**self.driver_arguments(), **_CONNECTING, **kept}

    async def close(self) -> None:
        await self.readers.close()
        await self.engine.dispose()
