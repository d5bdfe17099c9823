"""Boards on real sockets: uvicorn with the board's own configuration, and a database line that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy.engine import make_url

from civicboard.app import Board, create_app
from civicboard.kit.hub import Hub
from civicboard.serving import configuration
from civicboard.settings import Settings


@dataclass
class Served:
    """A board that answers at ``origin``, in a thread with a loop of its own."""

    app: Board
    origin: str

    @property
    def socket(self) -> str:
        return f"{self.origin.replace('http', 'ws', 1)}/live"

    @property
    def hub(self) -> Hub:
        found: Hub = self.app.state.kit.hub
        return found


@contextmanager
def served(database_url: str, folder: Path, **settings: Any) -> Iterator[Served]:
    """Serve the board on a free port as ``civicboard serve`` does."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    values: dict[str, Any] = {
        "environment": "test",
        "DATABASE_URL": database_url,
        "origin": f"http://127.0.0.1:{port}",
        "PORT": port,
        "secret": "a secret for tests, long enough to be one",
        "data": folder,
        "pool_size": 5,
    }
    app_settings = Settings(**(values | settings))
    config = configuration(app_settings)
    app = create_app(app_settings)
    config.app, config.factory = app, False
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 15
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        assert server.started
        yield Served(app, f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
        assert not thread.is_alive(), "the server didn't stop"


@dataclass
class Line:
    """A TCP address that leads to PostgreSQL's socket, until it is cut or stalled."""

    target: Path
    port: int = 0
    open_lines: set[asyncio.StreamWriter] = field(default_factory=set)
    is_cut: bool = False
    may_flow: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.close()
            return
        there, back = await asyncio.open_unix_connection(str(self.target))
        self.open_lines |= {writer, back}
        try:
            await asyncio.gather(self._carry(reader, back), self._carry(there, writer))
        finally:
            self.open_lines -= {writer, back}

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            while data := await reader.read(65536):
                await self.may_flow.wait()
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()

    def cut(self) -> None:
        """Drop what is open, and hang up on whoever calls."""
        self.is_cut = True
        for writer in list(self.open_lines):
            writer.transport.abort()

    def stall(self) -> None:
        """Take what comes, and let nothing through."""
        self.may_flow.clear()

    def mend(self) -> None:
        self.is_cut = False
        self.may_flow.set()


@asynccontextmanager
async def line_to(database_url: str) -> AsyncIterator[tuple[Line, str]]:
    """A line to the database of this address, and the address that leads over it."""
    url = make_url(database_url)
    host, port = str(url.query["host"]), str(url.query.get("port") or url.port or 5432)
    if ":" in host:
        host, port = host.rsplit(":", 1)
    line = Line(Path(host) / f".s.PGSQL.{port}")
    line.may_flow.set()
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    through = url.set(host="127.0.0.1", port=line.port, query={})
    try:
        yield line, through.render_as_string(hide_password=False)
    finally:
        line.mend()
        line.cut()
        server.close()
        await asyncio.sleep(0.05)
