"""Writing to a socket: framed once, written straight to the transport where the server allows it.

One ready frame a transport costs a third of awaiting ``send_text`` for each reader (docs/bench.md), and nobody waits
behind a slow one. uvicorn doesn't hand its transport to the application, so ``SocketProtocol`` puts a writer
into the scope; under any other server ``Awaited`` does the same more slowly, with a queue and a task.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from typing import Any, Protocol

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import OPEN

EXTENSION = "civicboard.wire"
#: A reader who leaves this much unread is cut off; it comes back and catches up.
MOST_UNREAD_BYTES = 256 * 1024
MOST_UNREAD_MESSAGES = 64
SEND_SECONDS = 5.0


def frame_text(message: str) -> bytes:
    """One unmasked, final text frame (RFC 6455, section 5.2)."""
    payload = message.encode()
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x81, size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x81, 126, size)
    else:
        head = struct.pack("!BBQ", 0x81, 127, size)
    return head + payload


def _text_of(frame: bytes) -> str:
    start = {126: 4, 127: 10}.get(frame[1], 2)
    return frame[start:].decode()


class Wire(Protocol):
    def send(self, frame: bytes) -> bool:
        """Write a frame without waiting. False when the reader is gone or too slow, and has been cut off."""

    def close(self, code: int) -> None: ...


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, which also lends its transport to the application."""

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["extensions"][EXTENSION] = Direct(self)  # type: ignore[assignment]  # an extension of ours


class Direct:
    """Writes frames to uvicorn's transport."""

    __slots__ = ("protocol",)

    def __init__(self, protocol: SocketProtocol) -> None:
        self.protocol = protocol

    def send(self, frame: bytes) -> bool:
        protocol = self.protocol
        transport = protocol.transport
        if protocol.disconnected or protocol.close_sent or protocol.conn.state is not OPEN or transport.is_closing():
            return False
        # Who has read everything takes one frame of any size: what counts is what stays unread.
        unread = transport.get_write_buffer_size()
        if unread and unread + len(frame) > MOST_UNREAD_BYTES:
            transport.abort()
            return False
        transport.write(frame)
        return True

    def close(self, code: int) -> None:
        protocol = self.protocol
        if protocol.disconnected or protocol.close_sent or protocol.conn.state is not OPEN:
            return
        protocol.conn.send_close(code)
        protocol.close_sent = True
        for data in protocol.conn.data_to_send():
            protocol.transport.write(data)
        # The reader's own closing frame ends the connection; one that never answers is cut off.
        protocol.close_timer = protocol.loop.call_later(SEND_SECONDS, protocol.transport.close)
        protocol.queue.put_nowait({"type": "websocket.disconnect", "code": code})


class Awaited:
    """The slower way, for servers other than uvicorn: a short queue and a task that awaits each send."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.queue: asyncio.Queue[bytes | int] = asyncio.Queue(MOST_UNREAD_MESSAGES)
        self.task = asyncio.create_task(self._write())

    def send(self, frame: bytes) -> bool:
        if self.task.done():
            return False
        try:
            self.queue.put_nowait(frame)
        except asyncio.QueueFull:
            self.close(1013)
            return False
        return True

    def close(self, code: int) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(code)

    async def _write(self) -> None:
        with contextlib.suppress(Exception):
            while True:
                item = await self.queue.get()
                if isinstance(item, int):
                    await self.socket.close(item)
                    return
                await asyncio.wait_for(self.socket.send_text(_text_of(item)), SEND_SECONDS)


def wire_of(socket: WebSocket) -> Wire:
    """The fastest way to write to this socket. Call it after the socket was accepted."""
    direct = socket.scope.get("extensions", {}).get(EXTENSION)
    return direct if isinstance(direct, Direct) else Awaited(socket)
