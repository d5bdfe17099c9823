"""The demo: its neighbourhood, and where its sign-in listens beside the board."""

from __future__ import annotations

import contextlib
import socket
import time
from urllib.parse import urlsplit

from rich.progress import Progress

from civicboard.commands.console import console, fail, say
from civicboard.demo.filling import Neighbourhood, adopt_issuer, is_empty
from civicboard.kit.clock import wall_clock
from civicboard.kit.database import Database
from civicboard.settings import Settings


async def fill_demo(settings: Settings, issuer: str) -> None:
    """Fill an empty board with the demo neighbourhood, whose people sign in with ``issuer`` ("" for nowhere yet)."""
    database = Database(settings.database_url, pool_size=2)
    try:
        if await is_empty(database):
            with Progress(console=console, transient=True) as progress:
                task = progress.add_task("Filling the board with the demo neighbourhood", total=None)
                async for done, total in Neighbourhood(database, wall_clock()).fill():
                    progress.update(task, completed=done, total=total)
            say("[green]✓[/green] The demo neighbourhood has moved in.")
        if issuer:
            await adopt_issuer(database, issuer)
    finally:
        await database.close()


def free_port(wanted: int) -> int:
    """The port after the board's, or any free one."""
    for port in (wanted, 0):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = trial.getsockname()[1]
            return found
    raise fail("There is no free port for the demo's sign-in.")


def answers(origin: str, *, seconds: float) -> bool:
    """Whether something listens at this origin, waiting for it so long."""
    parts, until = urlsplit(origin), time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection((parts.hostname, parts.port), 1):
            return True
        time.sleep(0.05)
    return False
