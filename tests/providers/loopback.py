"""What the providers for the tests stand on: a free loopback port, codes with PKCE, a browser of sorts."""

from __future__ import annotations

import base64
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2
import uvicorn


@contextmanager
def serving(make_app: Callable[[str], Any]) -> Iterator[str]:
    """Serve ``make_app(origin)`` on a free port, in a thread; gives the origin, as in http://127.0.0.1:4711."""
    listening = socket.create_server(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(make_app(origin), log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 10
        while not server.started and time.monotonic() < until:
            time.sleep(0.005)
        yield origin
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(10)
        listening.close()


@dataclass
class Codes:
    """Authorization codes: each is used once, by whoever knows the verifier."""

    kept: dict[str, dict[str, str]] = field(default_factory=dict)

    def make(self, asked: Mapping[str, str]) -> str:
        """A code for an authorization request. Raises AssertionError unless it came with PKCE."""
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.kept[code] = dict(asked)
        return code

    def take(self, form: Mapping[str, Any]) -> dict[str, str] | None:
        """The request that a code was made for, or None when anything about it is wrong."""
        asked = self.kept.pop(str(form.get("code")), None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return None
        hashed = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
        return asked if challenge == asked["code_challenge"] else None


@dataclass
class Form:
    """A form on a page: where it goes, its hidden fields, its buttons as (name, value, words)."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._in_button = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input" and self.forms and given.get("name"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button" and self.forms:
            self._in_button = True
            self.forms[-1].buttons.append((given.get("name", ""), given.get("value", ""), ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._in_button = False

    def handle_data(self, data: str) -> None:
        if self._in_button:
            name, value, words = self.forms[-1].buttons[-1]
            self.forms[-1].buttons[-1] = (name, value, " ".join(f"{words} {data}".split()))


class Browser:
    """Follows redirects as a browser would, with cookies of its own, and stops where the board begins."""

    def __init__(self, board: str) -> None:
        self.board = board
        self.http = httpx2.AsyncClient(timeout=10, trust_env=False, verify=False)  # nothing here has TLS
        self.page = ""
        self.status = 0
        self.at = ""
        #: The address on the board that the provider sent the browser to, with its query; "" before that.
        self.arrived = ""

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def open(self, url: str) -> dict[str, str]:
        """Go to ``url`` and on; gives the query that came to the board, or {} while on a provider's page."""
        return await self._go("GET", url)

    async def press(self, words: str = "", **fields: str) -> dict[str, str]:
        """Press the button that says ``words`` (the first one without), with ``fields`` typed in."""
        reader = _Reader()
        reader.feed(self.page)
        for form in reader.forms:
            for name, value, said in form.buttons or [("", "", "")]:
                if words in said:
                    filled = {**form.fields, **fields, **({name: value} if name else {})}
                    return await self._go("POST", urljoin(self.at, form.action), filled)
        raise AssertionError(f"no button says {words!r} on {self.at}")

    async def _go(self, method: str, url: str, form: dict[str, str] | None = None) -> dict[str, str]:
        for _ in range(12):
            if url.startswith(self.board):
                self.arrived = url
                return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
            parts = urlsplit(url)
            headers = {"origin": f"{parts.scheme}://{parts.netloc}"} if method == "POST" else {}
            answer = await self.http.request(method, url, data=form, headers=headers)
            self.at, self.status = url, answer.status_code
            if not answer.has_redirect_location:
                self.page = answer.text
                return {}
            url = urljoin(url, answer.headers["location"])
            method, form = "GET", None
        raise AssertionError("redirects without end")


class Detour(httpx2.AsyncBaseTransport):
    """Reaches ``https://{name}`` at a loopback origin, for a server that a person types."""

    def __init__(self, name: str, origin: str) -> None:
        self._name, self._origin = name, httpx2.URL(origin)
        self._inner = httpx2.AsyncHTTPTransport(verify=False)  # nothing here has TLS

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if (request.url.scheme, request.url.host) != ("https", self._name):
            raise httpx2.ConnectError("there is no such server")
        request.url = request.url.copy_with(scheme="http", host=self._origin.host, port=self._origin.port)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()
