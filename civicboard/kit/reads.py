"""Reads on hot paths: a SELECT that is compiled once, and sent over the driver's own connection.

SQLAlchemy takes longer to build, look up and wrap a statement than PostgreSQL to answer it. A ``Statement`` is written
with SQLAlchemy as any other query, made into text once, and its rows come back as plain sequences. Everything else
about the database (pings, reconnecting, errors) stays with SQLAlchemy: when the driver fails, the statement is asked
again there, and fails or succeeds as any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, Executable, Select, SelectBase, func
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.sql import ClauseElement

#: How long a read waits for its turn when all connections are busy.
PATIENCE_SECONDS = 10.0
_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]  # it has no types


class Statement:
    """A statement with named parameters, which reads; ``sql`` and ``names`` are what the driver needs.

    Its values must be of types that the driver takes and gives as they are: numbers, text, times, and lists of them.
    What is compared with a list takes ``any_`` or ``all_`` of it: an ``in_`` is another text for each length.
    """

    def __init__(self, query: Executable) -> None:
        self.query = query
        self._made: tuple[str, tuple[str, ...], Mapping[str, Any]] | None = None

    def made(self) -> tuple[str, tuple[str, ...], Mapping[str, Any]]:
        """The text, the names of its parameters in their order, and the values that stand in it already."""
        if self._made is None:
            assert isinstance(self.query, ClauseElement)  # as every statement of SQLAlchemy is
            compiled = self.query.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
            names = tuple(getattr(compiled, "positiontup", None) or ())
            self._made = (str(compiled), names, compiled.params)
        return self._made

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What the columns of its rows are called, in their order."""
        assert isinstance(self.query, SelectBase)
        return tuple(self.query.selected_columns.keys())

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        _, names, fixed = self.made()
        return [given[name] if name in given else fixed[name] for name in names]


def rows_of(found: Select[*tuple[Any, ...]]) -> ColumnElement[Sequence[tuple[Any, ...]]]:
    """A whole SELECT as one column of another: its rows as a list of tuples, so that a page is one question."""
    each = found.order_by(None).with_only_columns(func.row(*found.selected_columns), maintain_column_froms=True)
    return func.array(each.order_by(*found._order_by_clauses).scalar_subquery())


class Lost(Exception):
    """The driver could not answer: ask again through SQLAlchemy, which knows what to do about it."""


class Readers:
    """A few of the driver's own connections, opened when they are needed and kept.

    ``reach`` gives the arguments of ``asyncpg.connect``. Each statement runs by itself, with no transaction round it,
    so nothing has to be tidied between two users of a connection.
    """

    def __init__(self, reach: Callable[[], dict[str, Any]], *, size: int) -> None:
        self._reach = reach
        self._idle: list[asyncpg.Connection[Any]] = []
        self._room = asyncio.Semaphore(size)
        self._closed = False

    async def fetch(self, statement: Statement, given: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """The rows. Raises Lost."""
        await self._enter()
        try:
            return await self._fetch(statement, given)
        finally:
            self._room.release()

    async def _enter(self) -> None:
        if not self._room.locked():
            await self._room.acquire()
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._room.acquire()
        except TimeoutError as error:
            raise Lost from error

    async def _fetch(self, statement: Statement, given: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        connection: asyncpg.Connection[Any] | None = None
        whole = False
        try:
            connection = self._idle.pop() if self._idle else await asyncpg.connect(**self._reach())
            found: Sequence[Sequence[Any]] = await connection.fetch(statement.made()[0], *statement.arguments(given))
            whole = True
            return found
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise Lost from error
        finally:
            # After an error, or given up in the middle, a connection is not worth knowing the state of.
            if connection is not None:
                if whole and not self._closed:
                    self._idle.append(connection)
                else:
                    connection.terminate()

    async def close(self) -> None:
        self._closed = True
        while self._idle:
            await self._idle.pop().close(timeout=2)
