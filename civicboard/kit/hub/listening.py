"""Listening for NOTIFY, on a connection of its own that is made anew when it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import structlog

from civicboard.kit import outbox
from civicboard.kit.database import Database

log = structlog.get_logger()


class Listener:
    """Calls ``wake`` whenever somebody notifies, and each time it begins to listen."""

    def __init__(self, database: Database, wake: Callable[[], None]) -> None:
        self.database = database
        self.wake = wake
        self.listening = False

    async def listen_forever(self) -> None:
        reach = self.database.driver_arguments()
        wait = 0.2
        while True:
            connection: asyncpg.Connection[Any] | None = None
            try:
                connection = await asyncpg.connect(**reach, timeout=5)
                lost = asyncio.Event()
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(outbox.CHANNEL, lambda *_: self.wake())
                self.listening = True
                wait = 0.2
                # What happened while nobody listened is read only now that somebody does.
                self.wake()
                await lost.wait()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("listener_lost", error=type(error).__name__)
            finally:
                self.listening = False
                if connection is not None and not connection.is_closed():
                    connection.terminate()
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5.0)
