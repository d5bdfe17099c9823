"""Watchers: many open sockets in this process, which only count what arrives."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

from bench.servers import Server


class Watching(asyncio.Protocol):
    """One socket that watches the board, and counts bytes."""

    def __init__(self, crowd: Crowd, port: int) -> None:
        self.crowd = crowd
        self.port = port
        self.open = False
        self.counted = 0
        self.gone = False
        self.begun = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        transport.write(
            b"GET /live?on=board HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" % (self.port, self.port)
        )

    def data_received(self, data: bytes) -> None:
        self.counted += len(data)
        if self.open:
            self._answer_pings(data)
        self.crowd.received(self, data)

    def _answer_pings(self, data: bytes) -> None:
        """Go from frame to frame, and answer what asks whether anybody is there; else the server hangs up."""
        data = self.begun + data
        while len(data) >= 10 or (len(data) >= 2 and data[1] < 126 and len(data) >= 2 + data[1]):
            head = {126: 4, 127: 10}.get(data[1], 2)
            size = int.from_bytes(data[2:head]) if head > 2 else data[1]
            if data[0] == 0x89:
                # A client's frames are masked; with a mask of nought the payload stays as it is.
                self.transport.write(bytes((0x8A, 0x80 | size, 0, 0, 0, 0)) + data[2 : 2 + size])
            if len(data) < head + size:
                break
            data = data[head + size :]
        self.begun = data

    def connection_lost(self, error: Exception | None) -> None:
        self.gone = True
        self.crowd.lost(self)


class Crowd:
    """All the watchers of one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.watchers: list[Watching] = []
        self.bytes = 0
        self.per_watcher = 0
        self.arrived: list[float] = []
        self.waiting: set[Watching] = set()
        self.done = asyncio.Event()

    async def open(self, count: int) -> None:
        """Connect ``count`` more watchers, a few at a time, and wait until all of them are seated and it is quiet."""
        loop = asyncio.get_running_loop()
        port = self.server.port

        async def connect() -> None:
            _, watcher = await loop.create_connection(lambda: Watching(self, port), "127.0.0.1", port)
            self.watchers.append(watcher)
            until = time.monotonic() + 30
            while not watcher.open:
                if watcher.gone or time.monotonic() > until:
                    raise RuntimeError("A socket was refused.")
                await asyncio.sleep(0.01)

        for start in range(0, count, 50):
            await asyncio.gather(*(connect() for _ in range(min(50, count - start))))
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until nothing has arrived for a while."""
        while True:
            before = self.bytes
            await asyncio.sleep(0.4)
            if before == self.bytes:
                return

    def received(self, watcher: Watching, data: bytes) -> None:
        self.bytes += len(data)
        if not watcher.open:
            watcher.open = data.startswith(b"HTTP/1.1 101")
            # What the server sent at once may have come along with its yes.
            watcher.begun = data.partition(b"\r\n\r\n")[2]
            return
        if watcher in self.waiting and watcher.counted >= self.per_watcher:
            self.waiting.discard(watcher)
            self.arrived.append(time.perf_counter() - self.began)
            if not self.waiting:
                self.done.set()

    def lost(self, watcher: Watching) -> None:
        """One that was hung up on is not waited for."""
        self.waiting.discard(watcher)
        if not self.waiting:
            self.done.set()

    async def one(self, size: int, *, but: Watching | None = None) -> list[float]:
        """Let the server broadcast one message of about ``size`` kilobytes. Seconds until each watcher had it."""
        self.arrived, self.done = [], asyncio.Event()
        self.waiting = {watcher for watcher in self.watchers if watcher is not but and not watcher.gone}
        for watcher in self.waiting:
            watcher.counted = 0
        self.per_watcher = size * 980
        self.began = time.perf_counter()
        self.server.tell(str(size))
        await asyncio.wait_for(self.done.wait(), 30)
        return self.arrived

    def stall(self) -> Watching:
        """Let one watcher stop reading, as a phone in a tunnel does."""
        watcher = self.watchers[0]
        connection = watcher.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        watcher.transport.pause_reading()
        return watcher

    async def close(self) -> None:
        for watcher in self.watchers:
            watcher.transport.abort()
        await asyncio.sleep(0.1)
