"""Work for later: put into PgQueuer's table in the transaction of the deed, done by a worker after the commit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing for a worker to do. ``name`` says which job does it; ``payload`` is JSON, with ids only.

    It may be done twice (its worker died at the end of it), so doing it again must do no harm.
    """

    name: str
    payload: dict[str, Any]

    @classmethod
    def read(cls, raw: bytes | None) -> dict[str, Any]:
        """The payload as the worker gets it."""
        payload: dict[str, Any] = json.loads(raw or b"{}")
        return payload


async def put(session: AsyncSession, errands: Sequence[Errand]) -> None:
    """Enqueue within the session's transaction: a rollback takes the errands with it."""
    if not errands:
        return
    # Imported when it is first needed: it takes half a second, and a process that only reads never needs it.
    from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
    from pgqueuer.adapters.persistence.queries import Queries

    raw = await (await session.connection()).get_raw_connection()
    driver: asyncpg.Connection[Any] | None = raw.driver_connection
    assert driver is not None  # the session's transaction runs over it
    await Queries(AsyncpgDriver(driver)).enqueue(
        [errand.name for errand in errands],
        [json.dumps(errand.payload).encode() for errand in errands],
        [0] * len(errands),
    )
