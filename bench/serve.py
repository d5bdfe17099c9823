"""What a measured server process runs: ``python -m bench.serve board``, or one of the bare variants."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import uvicorn
import uvloop
import websockets
from starlette.applications import Starlette
from websockets.asyncio.server import ServerConnection, serve

from bench import bare
from civicboard.kit.wire import frame_text
from civicboard.serving import configuration, make_app
from civicboard.settings import load

#: A message as long as a notice's.
MESSAGE = '{"content": "' + "n" * 980 + '", "cursor": "1-1.1:1:", "keys": [], "say": []}'
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def make_bare() -> bare.Bare:
    return bare.make(os.environ["BENCH_KIND"], load())


def make_board() -> Starlette:
    """The board itself, which also broadcasts when a line comes in: ``send`` and a number of bytes."""
    app = make_app()
    hub = app.state.kit.hub
    lifespan = app.router.lifespan_context

    @contextlib.asynccontextmanager
    async def listening(running: Starlette) -> AsyncIterator[Any]:
        async with lifespan(running) as state:
            await obey(lambda message: hub.broadcast("board", message))
            yield state

    app.router.lifespan_context = listening
    return app


async def obey(broadcast: Callable[[str], None]) -> None:
    """Broadcast a message of so many kilobytes for each line of the input."""

    async def forever(reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            broadcast(MESSAGE if line == b"1\n" else MESSAGE.replace("n", "n" * int(line), 980))

    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    obey.task = asyncio.create_task(forever(reader))  # type: ignore[attr-defined]  # kept from being collected


async def websockets_broadcast(port: int) -> None:
    """The ``websockets`` library's own server and its own broadcast."""
    connections: set[ServerConnection] = set()

    async def stay(connection: ServerConnection) -> None:
        connections.add(connection)
        try:
            await connection.wait_closed()
        finally:
            connections.discard(connection)

    await obey(lambda message: websockets.broadcast(connections, message))
    async with serve(stay, "127.0.0.1", port, compression=None, ping_interval=None) as server:
        await server.serve_forever()


class Raw(asyncio.Protocol):
    """A handshake, and then bytes written to the transport."""

    open: set[asyncio.Transport] = set()  # noqa: RUF012  # all of them share it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        if b"ec-WebSocket-Key: " in data:
            key = data.split(b"ec-WebSocket-Key: ")[1].split(b"\r\n")[0]
            accept = base64.b64encode(hashlib.sha1(key + _MAGIC).digest())
            self.transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            self.open.add(self.transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.open.discard(self.transport)


async def raw(port: int) -> None:
    def broadcast(message: str) -> None:
        frame = frame_text(message)
        for transport in Raw.open:
            transport.write(frame)

    await obey(broadcast)
    server = await asyncio.get_running_loop().create_server(Raw, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


def main(kind: str) -> None:
    settings = load()
    if kind == "websockets":
        uvloop.run(websockets_broadcast(settings.port))
    elif kind == "raw":
        uvloop.run(raw(settings.port))
    else:
        config = configuration(settings)
        if kind == "hub":
            config.app = "bench.serve:make_board"
        elif kind != "board":
            os.environ["BENCH_KIND"] = kind
            config.app, config.lifespan = "bench.serve:make_bare", "on"
        uvicorn.Server(config).run()


if __name__ == "__main__":
    main(sys.argv[1])
