"""Load over plain sockets: so little work for each request that the server is what is measured."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any


class Refused(RuntimeError):
    """The server answered, and not with what was expected."""


@dataclass
class Answers:
    """What came back: seconds for each request, and the last response's body."""

    seconds: list[float] = field(default_factory=list)
    body: bytes = b""
    head: bytes = b""

    @property
    def p50(self) -> float:
        return sorted(self.seconds)[len(self.seconds) // 2]


class _Talk(asyncio.Protocol):
    """One kept-alive connection: a request out, a response in."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.buffer = bytearray()
        self.wanted = -1
        self.answer: asyncio.Future[tuple[bytes, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.wanted < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.buffer[:end]).lower()
            length = head.partition(b"content-length:")[2].split(b"\r\n", 1)[0].strip()
            self.end, self.wanted = end + 4, end + 4 + int(length or 0)
        if len(self.buffer) >= self.wanted and self.answer is not None and not self.answer.done():
            head, body = bytes(self.buffer[: self.end]), bytes(self.buffer[self.end : self.wanted])
            self.buffer.clear()
            self.wanted = -1
            self.answer.set_result((head, body))

    def connection_lost(self, error: Exception | None) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(error or ConnectionError("The server hung up."))

    def ask(self, request: bytes) -> asyncio.Future[tuple[bytes, bytes]]:
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.answer


def get(path: str, *, port: int, headers: dict[str, str] | None = None) -> bytes:
    return _request("GET", path, port, headers or {}, b"")


def post(path: str, body: bytes, *, port: int, headers: dict[str, str] | None = None) -> bytes:
    form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return _request("POST", path, port, {**form, **(headers or {})}, body)


def _request(method: str, path: str, port: int, headers: dict[str, str], body: bytes) -> bytes:
    usual = {
        "Host": f"127.0.0.1:{port}",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Accept": "text/html,application/xhtml+xml",
        "Accept-Language": "en-GB,en;q=0.5",
    }
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**usual, **headers}.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def load(port: int, requests: list[bytes], *, expect: int = 200, connections: int = 4) -> Answers:
    """Send every request once, over a few connections. Raises Refused at the first other status."""
    loop = asyncio.get_running_loop()
    answers, left = Answers(), iter(requests)
    status = str(expect).encode()

    async def talk() -> None:
        transport, protocol = await loop.create_connection(_Talk, "127.0.0.1", port)
        try:
            for request in left:
                began = time.perf_counter()
                head, body = await asyncio.wait_for(protocol.ask(request), 30)
                answers.seconds.append(time.perf_counter() - began)
                if head[9:12] != status:
                    raise Refused(f"{request[:80]!r} was answered {head[:300]!r} {body[:300]!r}")
                answers.head, answers.body = head, body
        finally:
            transport.close()

    await asyncio.gather(*(talk() for _ in range(min(connections, len(requests)))))
    return answers
