"""How long PostgreSQL says that it takes for statements, prepared as the board's connections have them."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date
from typing import Any, Self

import asyncpg

from civicboard.kit.database import Database

#: A statement is asked so often before it is measured: after five times PostgreSQL keeps the plan that it has.
PLANNED = 6
#: How EXPLAIN runs what it is to time. Without TIMING it looks at the clock once, and not for each row; without BUFFERS
#: (which it counts by itself since version 18) it doesn't count at each row what that read.
_TIMED = "ANALYZE, TIMING OFF, BUFFERS OFF, SERIALIZE BINARY, "

#: A statement with its parameters in their order.
Sent = tuple[str, Sequence[Any]]


def is_planned(asked: Counter[str], sent: Sequence[Sent]) -> bool:
    """Count these as asked once more, and say whether each has been asked so often that its plan is kept."""
    asked.update(statement for statement, _ in sent)
    return all(asked[statement] >= PLANNED for statement, _ in sent)


class Explained:
    """What EXPLAIN says of statements, on a connection of its own: the driver keeps only a hundred texts on one."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self._connection = connection
        self._names: dict[str, str] = {}
        self._asked: Counter[str] = Counter()

    @classmethod
    @contextlib.asynccontextmanager
    async def on(cls, database: Database) -> AsyncIterator[Self]:
        """A connection that is set up as the board's are."""
        connection = await asyncpg.connect(**{**database.reader_arguments(), "statement_cache_size": 0})
        try:
            yield cls(connection)
        finally:
            await connection.close()

    async def plan(self, sent: Sequence[Sent]) -> None:
        """Ask until PostgreSQL plans none of these anew, and once at least: what they read is then at hand."""
        while True:
            await self.time(sent)
            if is_planned(self._asked, sent):
                return

    async def time(self, sent: Sequence[Sent]) -> float:
        """Milliseconds of planning, answering and writing out the rows, of all these together."""
        plans = [await self._explain(one, _TIMED) for one in sent]
        return sum(plan["Planning Time"] + plan["Execution Time"] for plan in plans)

    async def indexes(self, sent: Sequence[Sent]) -> set[str]:
        """Those that the plans read."""
        return {index for one in sent for index in _indexes((await self._explain(one))["Plan"])}

    async def _explain(self, sent: Sent, how: str = "") -> dict[str, Any]:
        statement, given = sent
        name = self._names.get(statement)
        if name is None:
            name = self._names[statement] = f"explained_{len(self._names)}"
            await self._connection.execute(f"PREPARE {name} AS {statement}")
        values = f"({', '.join(map(_literal, given))})" if given else ""
        told = await self._connection.fetchval(f"EXPLAIN ({how}FORMAT JSON) EXECUTE {name}{values}")
        (plan,) = json.loads(told)
        return dict(plan)


def _indexes(node: dict[str, Any]) -> Iterator[str]:
    if "Index Name" in node:
        yield node["Index Name"]
    for part in node.get("Plans", ()):
        yield from _indexes(part)


def _literal(value: Any) -> str:
    """A parameter as SQL has it: EXECUTE takes none of the driver's."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return f"ARRAY[{', '.join(map(_literal, value))}]" if value else "'{}'"
    if not isinstance(value, str | date):
        raise TypeError(f"No literal is known for {type(value).__name__}")
    return "'" + str(value).replace("'", "''") + "'"
