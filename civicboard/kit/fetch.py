"""The only way out to an address that a person typed.

A name is resolved once, all its addresses are checked, and the connection goes to a checked one: there is no
second look-up that could answer otherwise. TLS and the Host header keep the name. Every hop of a redirect
comes through the same door.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import httpcore2
import httpx2

from civicboard.kit.addresses import is_loopback, is_public

#: All addresses of a host, as text: ``await resolve("example.org", 443)``. Raises OSError when there are
#: none.
Resolver = Callable[[str, int], Awaitable[list[str]]]

SECONDS = 10.0
MOST_BYTES = 1_000_000
MOST_REDIRECTS = 2
_ADDRESSES_TRIED = 4
_CONNECT_SECONDS = 4.0
_HOST = re.compile(rb"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


class Unfetched(httpx2.TransportError):
    """Nothing was fetched. ``reason`` is for the log: shown to whoever asked, it would map our network."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(Unfetched):
    """The board would not: the address is not one that it may call."""


class Failed(Unfetched):
    """The other side could not: no answer, too slow, too large, or not HTTP."""


async def look_up(host: str, port: int) -> list[str]:
    """The addresses that the system's resolver gives."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


@lru_cache(maxsize=1)
def _default_tls() -> ssl.SSLContext:
    """The machine's certificate authorities, read once: it takes tens of milliseconds."""
    return ssl.create_default_context()


class _CheckedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to names, and only where all of a name's addresses are allowed."""

    def __init__(self, resolver: Resolver, allow_loopback: bool) -> None:
        self._resolver = resolver
        self._allow_loopback = allow_loopback
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore2 calls it so
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            addresses = await self._resolver(host, port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise Failed(f"{host} has no address")
        for address in addresses:
            if not (is_public(address) or (self._allow_loopback and is_loopback(address))):
                raise Refused(f"{host} is at {address}, which is not on the public internet")
        last: Exception | None = None
        for address in addresses[:_ADDRESSES_TRIED]:
            try:
                return await self._network.connect_tcp(address, port, _CONNECT_SECONDS, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
        raise Failed(f"{host} can't be reached") from last

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore2 calls it so
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise Refused("no Unix sockets")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _GuardedTransport(httpx2.AsyncHTTPTransport):
    """One exchange, checked, timed from end to end, and read to its end within the size that is allowed."""

    def __init__(
        self, resolver: Resolver, allow_loopback: bool, seconds: float, most_bytes: int, tls: ssl.SSLContext
    ) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._allow_loopback = allow_loopback
        self._seconds = seconds
        self._most_bytes = most_bytes
        # httpx2 has no argument for the network that its pool connects by.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls,
            max_keepalive_connections=0,
            network_backend=_CheckedNetwork(resolver, allow_loopback),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises Refused or Failed, and nothing else of the network's."""
        self._check(request.url)
        request.headers.pop("cookie", None)
        # Whoever compresses all the same is inflated below with an end in sight.
        request.headers["accept-encoding"] = "identity"
        try:
            async with asyncio.timeout(self._seconds):
                response = await super().handle_async_request(request)
                try:
                    body = await self._read(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise Failed(f"{request.url.host} took longer than {self._seconds:g} seconds") from None
        except Unfetched:
            raise
        except (httpx2.HTTPError, httpcore2.UnsupportedProtocol, OSError, zlib.error) as error:
            raise Failed(f"{request.url.host}: {type(error).__name__} {error}") from error
        dropped = ("set-cookie", "content-encoding", "content-length", "transfer-encoding")
        headers = [(name, value) for name, value in response.headers.multi_items() if name.lower() not in dropped]
        return httpx2.Response(response.status_code, headers=headers, content=body, request=request)

    def _check(self, url: httpx2.URL) -> None:
        if url.scheme != "https" and not (self._allow_loopback and url.scheme == "http"):
            raise Refused(f"{url.scheme or 'no scheme'} is not https")
        if not _HOST.fullmatch(url.raw_host) or url.userinfo:
            raise Refused("an address needs the name of a host, and no password")
        if url.port not in (None, 443) and not self._allow_loopback:
            raise Refused(f"port {url.port} is not the web's")

    async def _read(self, response: httpx2.Response) -> bytes:
        """The body, inflated, which may not grow past the limit at any moment."""
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "", "gzip", "x-gzip", "deflate"):
            raise Failed(f"{encoding} was not asked for")
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 32) if encoding not in ("identity", "") else None
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += inflater.decompress(chunk, self._most_bytes - len(body) + 1) if inflater else chunk
            if len(body) > self._most_bytes:
                raise Failed(f"more than {self._most_bytes} bytes")
        if inflater and body and (not inflater.eof or inflater.unused_data):
            raise Failed("the compressed answer is damaged")
        return bytes(body)


def guarded_transport(
    *,
    resolver: Resolver = look_up,
    allow_loopback: bool = False,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
    tls: ssl.SSLContext | None = None,
) -> httpx2.AsyncBaseTransport:
    """The guard as a transport for another's client: ``AsyncOAuth2Client(transport=guarded_transport())``.

    With a transport given, an httpx2 client leaves proxies from the environment alone. Time and size hold for
    each exchange; answers come whole, without cookies.
    """
    return _GuardedTransport(resolver, allow_loopback, seconds, most_bytes, tls or _default_tls())


class Guarded:
    """Fetches https addresses on the public internet: 10 s, two redirects, 1 MB inflated, no cookies.

    ``allow_loopback`` also lets this machine itself through, by http too and on any port: for tests and
    development.
    """

    def __init__(
        self,
        resolver: Resolver = look_up,
        allow_loopback: bool = False,
        *,
        seconds: float = SECONDS,
        most_bytes: int = MOST_BYTES,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._resolver = resolver
        self._allow_loopback = allow_loopback
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._tls = tls or _default_tls()

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """Raises Refused or Failed. An answer of any status is an answer: look at ``status_code``."""
        return await self._request("GET", url, headers=headers)

    async def post(
        self,
        url: str,
        *,
        data: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Like ``get``; a redirect is not followed, so what is sent goes nowhere else."""
        return await self._request("POST", url, data=data, json=json, headers=headers)

    async def _request(self, method: str, url: str, **content: Any) -> httpx2.Response:
        transport = guarded_transport(
            resolver=self._resolver,
            allow_loopback=self._allow_loopback,
            seconds=self._seconds,
            most_bytes=self._most_bytes,
            tls=self._tls,
        )
        try:
            async with (
                asyncio.timeout(self._seconds),
                httpx2.AsyncClient(
                    transport=transport,
                    trust_env=False,
                    timeout=None,  # the time is kept around the whole, a slow drip included
                    max_redirects=MOST_REDIRECTS,
                ) as client,
            ):
                return await client.request(method, url, follow_redirects=method == "GET", **content)
        except TimeoutError:
            raise Failed(f"took longer than {self._seconds:g} seconds") from None
        except httpx2.TooManyRedirects:
            raise Refused(f"more than {MOST_REDIRECTS} redirects") from None
        except Unfetched:
            raise
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError, ValueError) as error:
            raise Refused(f"not an address that can be fetched: {error}") from error
