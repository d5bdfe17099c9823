"""Connections that rest between two tests instead of ending: making one costs as much as what most tests do with it.

PostgreSQL makes a process for each, which reads its catalogues anew; and each statement is made ready anew in it. So
the connections to the database that the tests of a process use one after the other are kept when they are closed,
reset as a pool would reset them, and given to whoever next asks for just such a one. Other databases, and other
event loops than that of the tests, know nothing of it. What was not closed but cut is gone.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Hashable
from typing import Any

import asyncpg
from sqlalchemy.dialects.postgresql import asyncpg as dialect

#: The database whose lines rest.
LASTING = "test_board"

connect_anew = asyncpg.connect
_resting: dict[Hashable, list[Line]] = defaultdict(list)
_going: set[asyncio.Task[None]] = set()
#: That of the tests; a web server in a thread has one of its own, which ends.
_loops: set[asyncio.AbstractEventLoop] = set()


class Line(asyncpg.Connection):
    """A connection, and what is ready in it. ``kind`` is None for one that will end."""

    kind: Hashable = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        #: The types that have a codec of their own; everybody of a kind sets the same.
        self.codecs: set[tuple[str, str]] = set()
        #: SQLAlchemy's statements.
        self.prepared: Any = None

    async def set_type_codec(self, typename: str, *, schema: str = "public", **how: Any) -> None:
        if (typename, schema) not in self.codecs:
            await super().set_type_codec(typename, schema=schema, **how)
            self.codecs.add((typename, schema))

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109  # as the driver has it
        if not self._may_rest():
            await super().close(timeout=timeout)
        elif self not in _resting[self.kind]:
            await self._rest()

    def terminate(self) -> None:
        """Cut a line at once. One that only listens is known to be whole, and may rest."""
        if self._listeners and self._may_rest():
            self._listeners.clear()
            self._call_termination_listeners()
            _going.add(task := self._loop.create_task(self._rest()))
            task.add_done_callback(_going.discard)
        else:
            super().terminate()

    def _may_rest(self) -> bool:
        return self.kind is not None and not self.is_closed() and self._loop in _loops and self._loop.is_running()

    async def _rest(self) -> None:
        try:
            await self.reset(timeout=2)
        except Exception:
            super().terminate()
        else:
            self._termination_listeners.clear()
            self._query_loggers.clear()
            _resting[self.kind].append(self)


async def resting() -> list[int]:
    """The numbers of the processes behind the lines that rest. From the first time on, those of this loop may."""
    _loops.add(asyncio.get_running_loop())
    while _going:
        await asyncio.wait(_going)
    return [line.get_server_pid() for lines in _resting.values() for line in lines if not line.is_closed()]


async def end() -> None:
    """No line rests any more."""
    while _going:
        await asyncio.wait(_going)
    _loops.clear()
    for line in [line for lines in _resting.values() for line in lines]:
        await line.close(timeout=2)
    _resting.clear()


async def connect(*given: Any, maker: str = "driver", **named: Any) -> Any:
    """As ``asyncpg.connect``."""
    here = asyncio.get_running_loop() in _loops and named.get("database") == LASTING
    if not here or given or "connection_class" in named:
        return await connect_anew(*given, **named)
    kind = (maker, repr(sorted(named.items())))
    while _resting[kind]:
        line = _resting[kind].pop()
        if not line.is_closed():
            return line
    line = await connect_anew(connection_class=Line, **named)
    line.kind = kind
    return line


def keep_lines() -> None:
    """Called once in each process of the tests."""
    asyncpg.connect = connect
    make, start = dialect.AsyncAdapt_asyncpg_dbapi.connect, dialect.AsyncAdapt_asyncpg_connection.__init__

    def connect_for_sqlalchemy(self: Any, *given: Any, **named: Any) -> Any:
        if "async_creator_fn" not in named:
            named["async_creator_fn"] = _for_sqlalchemy
        return make(self, *given, **named)

    def start_with_what_is_ready(self: Any, dbapi: Any, connection: Any, *given: Any, **named: Any) -> None:
        start(self, dbapi, connection, *given, **named)
        if type(connection) is Line:  # the driver says of every connection that it is an instance
            if connection.prepared is None:
                connection.prepared = self._prepared_statement_cache
            self._prepared_statement_cache = connection.prepared

    dialect.AsyncAdapt_asyncpg_dbapi.connect = connect_for_sqlalchemy  # type: ignore[method-assign]
    dialect.AsyncAdapt_asyncpg_connection.__init__ = start_with_what_is_ready  # type: ignore[method-assign]


async def _for_sqlalchemy(*given: Any, **named: Any) -> Any:
    return await connect(*given, maker="SQLAlchemy", **named)
