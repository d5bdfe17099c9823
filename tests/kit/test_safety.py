"""What never gets past the edge, and what every answer carries."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from civicboard.kit.addresses import address_key, client_address
from civicboard.kit.safety import (
    BadInput,
    BodyCap,
    MethodOverride,
    SameOrigin,
    SecurityHeaders,
    browser_cookie,
    csrf_token,
    new_browser,
)

ORIGIN = "https://board.example.org"
SECRET = "s" * 40
BROWSER = new_browser()
TOKEN = csrf_token(SECRET, BROWSER)


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, reason: str) -> None:
    await HTMLResponse(f"<h1>{reason}</h1>", status_code=status)(scope, receive, send)


async def echo(request: Request) -> Response:
    return JSONResponse({"method": request.method, "body": (await request.body()).decode("latin-1")})


async def page(request: Request) -> Response:
    return HTMLResponse("<p>x", headers={"Vary": "Accept-Language", "X-Frame-Options": "ALLOWALL"})


class Broken(Exception):
    """A mistake of ours."""


async def fail(request: Request) -> Response:
    raise Broken


async def hello(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


async def failed(request: Request, error: Exception) -> Response:
    return HTMLResponse("<h1>Something broke", status_code=500)


EVERY_METHOD = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"]


def board() -> Starlette:
    return Starlette(
        routes=[
            Route("/page", page),
            Route("/fail", fail),
            WebSocketRoute("/live", hello),
            Route("/{rest:path}", echo, methods=EVERY_METHOD),
        ],
        exception_handlers={Exception: failed},
    )


class Answer:
    """What an application sent for one request, taken from the raw ASGI messages."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages
        start = messages[0]
        self.status: int = start.get("status", 0)
        self.headers = {name.decode(): value.decode() for name, value in start.get("headers", [])}
        self.body = b"".join(message.get("body", b"") for message in messages[1:]).decode()


async def ask(
    app: object,
    method: str = "GET",
    path: str = "/",
    headers: dict[str, str] | list[tuple[bytes, bytes]] | None = None,
    chunks: list[bytes] | None = None,
    query: bytes = b"",
    raw_path: bytes | None = None,
    kind: str = "http",
) -> Answer:
    raw = headers if isinstance(headers, list) else [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
    scope: Scope = {
        "type": kind,
        "path": path,
        "raw_path": quote(path).encode() if raw_path is None else raw_path,
        "query_string": query,
        "headers": raw,
        "client": ("203.0.113.9", 1234),
        "server": ("board.example.org", 443),
        "scheme": "https",
        "http_version": "1.1",
        "subprotocols": [],
    }
    if kind == "http":
        scope["method"] = method
    left = list(chunks or [b""])
    sent: list[Message] = []

    async def receive() -> Message:
        if kind == "websocket":
            return {"type": "websocket.connect"}
        if not left:
            return {"type": "http.disconnect"}
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)  # type: ignore[operator]
    except Broken:  # Starlette answers, then raises for the log
        pass
    return Answer(sent)


# Headers


@pytest.mark.parametrize(("path", "status"), [("/page", 200), ("/fail", 500), ("/refused", 403), ("/x", 200)])
async def test_every_answer_carries_the_headers(path: str, status: int) -> None:
    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        await (refuse(scope, receive, send, 403, "no") if path == "/refused" else board()(scope, receive, send))

    answer = await ask(SecurityHeaders(refusing, hsts=True, origin=ORIGIN), path=path)
    assert answer.status == status
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self' wss://board.example.org",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "manifest-src": "'self'",
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "geolocation=(self)" in answer.headers["permissions-policy"]
    assert "camera=()" in answer.headers["permissions-policy"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    if answer.headers["content-type"].startswith("text/html"):
        assert {"HX-Request", "Cookie"} <= set(answer.headers["vary"].split(", "))


async def test_headers_that_a_page_set_are_kept_or_replaced() -> None:
    answer = await ask(SecurityHeaders(board(), hsts=False, img_src=("https://tiles.example",)), path="/page")
    assert answer.headers["vary"] == "Accept-Language, HX-Request, Cookie"
    assert "strict-transport-security" not in answer.headers
    assert "img-src 'self' https://tiles.example;" in answer.headers["content-security-policy"]
    assert "connect-src 'self';" in answer.headers["content-security-policy"]


async def test_a_socket_refused_with_an_answer_carries_them_too() -> None:
    async def denying(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.http.response.start", "status": 503, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})

    answer = await ask(SecurityHeaders(denying, hsts=False), kind="websocket")
    assert "content-security-policy" in answer.headers


# Same origin


def guarded(origin: str = ORIGIN) -> SameOrigin:
    return SameOrigin(
        board(), origin=origin, secret=SECRET, exempt=lambda path: path == "/logout/provider", refuse=refuse
    )


UNSAFE = ["POST", "PUT", "PATCH", "DELETE", "TRACE"]
FORM = {"content-type": "application/x-www-form-urlencoded"}
COOKIE = {"cookie": f"a=b; __Host-browser={BROWSER}"}


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize("path", ["/problems", "/login/demo", "/logout"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin", "origin": ORIGIN}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "none", "origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "https://a.example.org"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": ORIGIN}, 403),
        ({"sec-fetch-site": "cross-site", "x-csrf-token": TOKEN, **COOKIE}, 403),
        ({"sec-fetch-site": "Same-Origin"}, 403),
        ({"sec-fetch-site": ""}, 403),
        ({"origin": ORIGIN}, 200),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "http://board.example.org"}, 403),
        ({"origin": "https://board.example.org:8443"}, 403),
        ({"origin": "https://board.example.org.evil.example"}, 403),
        ({"origin": "https://evil.example", "x-csrf-token": TOKEN, **COOKIE}, 403),
        ({}, 403),
        ({"referer": ORIGIN + "/"}, 403),
        (COOKIE, 403),
        ({"x-csrf-token": TOKEN}, 403),
        ({"x-csrf-token": TOKEN, **COOKIE}, 200),
        ({"x-csrf-token": TOKEN + "x", **COOKIE}, 403),
        ({"x-csrf-token": "", **COOKIE}, 403),
        ({"x-csrf-token": TOKEN, "cookie": f"browser={BROWSER}"}, 403),
        ({"x-csrf-token": TOKEN, "cookie": f"__Host-browser={new_browser()}"}, 403),
        ({"x-csrf-token": csrf_token("other" * 9, BROWSER), **COOKIE}, 403),
        ({"x-csrf-token": csrf_token(SECRET, ""), "cookie": "__Host-browser="}, 403),
        ({"x-csrf-token": csrf_token(SECRET, "x"), "cookie": "__Host-browser=x"}, 403),
    ],
)
async def test_the_matrix(method: str, path: str, headers: dict[str, str], status: int) -> None:
    answer = await ask(guarded(), method, path, headers)
    assert answer.status == status
    if status == 403:
        assert "<h1>" in answer.body


async def test_doubled_headers_are_refused() -> None:
    for name, value in (("sec-fetch-site", "same-origin"), ("origin", ORIGIN)):
        answer = await ask(guarded(), "POST", headers=[(name.encode(), value.encode())] * 2)
        assert answer.status == 403
    doubled = [(b"x-csrf-token", TOKEN.encode())] * 2 + [(b"cookie", COOKIE["cookie"].encode())]
    assert (await ask(guarded(), "POST", headers=doubled)).status == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_reading_is_open_to_all(method: str) -> None:
    answer = await ask(guarded(), method, headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example"})
    assert answer.status == 200


async def test_other_servers_may_knock_at_their_own_door() -> None:
    assert (await ask(guarded(), "POST", "/logout/provider")).status == 200
    assert (await ask(guarded(), "POST", "/logout/provider/x")).status == 403


@pytest.mark.parametrize("size", [0, 10, 70_000, 200_000])
async def test_a_form_may_carry_the_token_and_arrives_whole(size: int) -> None:
    body = urlencode({"story": "é" * (size // 6), "csrf": TOKEN}).encode()
    pieces = [body[at : at + 65_536] for at in range(0, len(body), 65_536)]
    answer = await ask(guarded(), "POST", headers={**FORM, **COOKIE}, chunks=[*pieces, b""])
    assert answer.status == 200
    assert urlencode({"csrf": TOKEN}) in answer.body
    assert len(answer.body) >= len(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"csrf=",
        b"csrf=wrong",
        b"csrf=%ff%00",
        f"csrf={TOKEN}&csrf={TOKEN}".encode(),
        f"CSRF={TOKEN}".encode(),
        b"a=" + b"x" * 300_000 + f"&csrf={TOKEN}".encode(),
        b"&a=1" * 3000 + f"&csrf={TOKEN}".encode(),
    ],
    ids=["empty", "blank", "wrong", "bytes", "twice", "case", "past the end", "many fields"],
)
async def test_a_form_without_its_token_is_refused(body: bytes) -> None:
    pieces = [body[at : at + 65_536] for at in range(0, len(body), 65_536)] or [b""]
    assert (await ask(guarded(), "POST", headers={**FORM, **COOKIE}, chunks=pieces)).status == 403


async def test_a_token_in_another_kind_of_body_does_not_count() -> None:
    body = f"csrf={TOKEN}".encode()
    answer = await ask(guarded(), "POST", headers={"content-type": "text/plain", **COOKIE}, chunks=[body])
    assert answer.status == 403


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({"origin": ORIGIN}, True),
        ({"origin": ORIGIN, "sec-fetch-site": "same-origin"}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://board.example.org"}, False),
        ({"origin": "https://board.example.org:8443"}, False),
        ({"origin": "https://board.example.org.evil.example"}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"x-csrf-token": TOKEN, **COOKIE}, False),
    ],
)
async def test_the_handshake_matrix(headers: dict[str, str], accepted: bool) -> None:
    answer = await ask(guarded(), path="/live", headers=headers, kind="websocket")
    # Closing before accepting is what servers turn into a 403.
    assert answer.messages[0]["type"] == ("websocket.accept" if accepted else "websocket.close")


async def test_no_door_for_servers_opens_a_socket() -> None:
    answer = await ask(guarded(), path="/logout/provider", kind="websocket")
    assert answer.messages[0]["type"] == "websocket.close"


async def test_over_plain_http_the_cookie_is_named_so() -> None:
    assert browser_cookie("http://127.0.0.1:8000") == "browser"
    assert browser_cookie(ORIGIN) == "__Host-browser"
    headers = {"x-csrf-token": TOKEN, "cookie": f"browser={BROWSER}"}
    assert (await ask(guarded("http://127.0.0.1:8000"), "POST", headers=headers)).status == 200


def test_browsers_are_random_and_tokens_are_their_own() -> None:
    assert len({new_browser() for _ in range(100)}) == 100
    assert len(BROWSER) == 43
    assert csrf_token(SECRET, BROWSER) == TOKEN
    assert csrf_token(SECRET, new_browser()) != TOKEN


# Bad input

checked = BadInput(board(), refuse)


@pytest.mark.parametrize(
    ("raw_path", "query", "status"),
    [
        (b"/a%20b/%C5%82", b"q=caf%C3%A9+x&page=2", 200),
        (b"/100%", b"q=100%&x=%zz", 200),
        (b"/%00", b"", 400),
        (b"/a%00b", b"", 400),
        (b"/", b"q=%00", 400),
        (b"/", b"%00=1", 400),
        (b"/%ff", b"", 400),
        (b"/%c3", b"", 400),
        (b"/%ed%a0%80", b"", 400),
        (b"/", b"q=%ff", 400),
        (b"/", b"q=%ed%b0%80", 400),
        (b"/", b"q=\xff", 400),
        (b"/\xff", b"", 400),
        (b"/problems/" + b"9" * 18, b"", 200),
        (b"/problems/" + b"9" * 19, b"", 404),
        (b"/problems/-" + b"9" * 19 + b"/x", b"", 404),
        (b"/problems/9223372036854775808", b"", 404),
        (b"/problems/%39" + b"9" * 18, b"", 404),
        (b"/" + b"a" * 7998, b"", 200),
        (b"/" + b"a" * 4000, b"a" * 4000, 414),
        (b"/" + b"a" * 9000, b"", 414),
    ],
)
async def test_addresses_that_make_no_sense_are_refused(raw_path: bytes, query: bytes, status: int) -> None:
    answer = await ask(checked, raw_path=raw_path, query=query)
    assert answer.status == status
    socket_answer = await ask(checked, path="/live", raw_path=raw_path, query=query, kind="websocket")
    assert (socket_answer.messages[0]["type"] == "websocket.accept") == (status == 200)


@pytest.mark.parametrize("value", [b"a\x00b", b"a\rb", b"a\nSet-Cookie: x=y", b"\x1b", b"\x7f"])
async def test_headers_that_make_no_sense_are_refused(value: bytes) -> None:
    assert (await ask(checked, headers=[(b"user-agent", value)])).status == 400
    assert (await ask(checked, headers=[(b"x" + value, b"y")])).status == 400


async def test_headers_with_other_letters_or_tabs_are_fine() -> None:
    assert (await ask(checked, headers=[(b"user-agent", b"caf\xc3\xa9\tx")])).status == 200


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=30))
def test_no_bytes_are_an_error_of_ours(path: bytes, query: bytes, header: bytes) -> None:
    encoded = "/" + quote(path, safe="/%")
    answer = asyncio.run(ask(checked, raw_path=encoded.encode(), query=query, headers=[(b"x", header)]))
    assert answer.status in (200, 400, 404)


# Bodies


def capped(limit: int = 1000) -> BodyCap:
    return BodyCap(board(), lambda scope: 10 * limit if scope["path"] == "/photo" else limit, refuse)


@pytest.mark.parametrize(
    ("path", "chunks", "declared", "status"),
    [
        ("/x", [b"a" * 1000], None, 200),
        ("/x", [b"a" * 1000], "1000", 200),
        ("/x", [b"a" * 1001], "1001", 413),
        ("/x", [b"a" * 1001], None, 413),
        ("/x", [b"a" * 400] * 3, None, 413),
        ("/x", [b"a" * 400] * 3, "10", 413),
        ("/photo", [b"a" * 400] * 3, None, 200),
        ("/photo", [b"a" * 10_001], None, 413),
        ("/x", [b"a"], "abc", 400),
        ("/x", [b"a"], "-1", 400),
        ("/x", [b"a"], "9" * 30, 400),
        ("/x", [b"a"], "9" * 18, 413),
    ],
)
async def test_a_body_is_capped_by_where_it_goes(
    path: str, chunks: list[bytes], declared: str | None, status: int
) -> None:
    headers = {} if declared is None else {"content-length": declared}
    answer = await ask(capped(), "POST", path, headers, chunks=chunks)
    assert answer.status == status


async def test_a_refusal_is_a_page_also_where_middleware_read_the_body() -> None:
    body = b"a=" + b"x" * 5000
    app = BodyCap(guarded(), lambda scope: 1000, refuse)
    answer = await ask(app, "POST", headers={**FORM, **COOKIE}, chunks=[body])
    assert answer.status == 413
    assert answer.body.startswith("<h1>That is more")


SERVER = """
import sys
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from civicboard.kit.safety import BodyCap

async def refuse(scope, receive, send, status, reason):
    await PlainTextResponse(reason, status_code=status)(scope, receive, send)

async def read(request):
    return PlainTextResponse(str(len(await request.body())))

app = BodyCap(Starlette(routes=[Route("/", read, methods=["POST"])]), lambda scope: 256 * 1024, refuse)
uvicorn.run(app, fd=int(sys.argv[1]), log_level="error")
"""


@pytest.fixture
def server() -> Iterator[tuple[int, psutil.Process]]:
    listener = socket.create_server(("127.0.0.1", 0))
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SERVER), str(listener.fileno())],
        pass_fds=[listener.fileno()],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        yield listener.getsockname()[1], psutil.Process(child.pid)
    finally:
        listener.close()
        child.terminate()
        child.wait(20)


def post_in_chunks(port: int, megabytes: int) -> bytes:
    """Stream a chunked body for as long as the server takes it, and give the start of its answer."""
    piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(megabytes * 16):
                client.sendall(piece)
            client.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        return client.recv(65_536)


def test_a_hundred_megabytes_in_a_stream_are_refused_in_flat_memory(
    server: tuple[int, psutil.Process],
) -> None:
    port, process = server
    assert post_in_chunks(port, 0).startswith(b"HTTP/1.1 200")
    before = process.memory_info().rss
    assert post_in_chunks(port, 100).startswith(b"HTTP/1.1 413")
    assert process.memory_info().rss - before < 20_000_000


# Methods


@pytest.mark.parametrize(
    ("method", "query", "becomes"),
    [
        ("POST", b"_method=DELETE", "DELETE"),
        ("POST", b"a=1&_method=PUT", "PUT"),
        ("POST", b"_method=PATCH", "PATCH"),
        ("POST", b"_method=delete", "POST"),
        ("POST", b"_method=GET", "POST"),
        ("POST", b"_method=TRACE", "POST"),
        ("POST", b"_method=DELETE&_method=GET", "POST"),
        ("POST", b"x_method=DELETE", "POST"),
        ("POST", b"", "POST"),
        ("GET", b"_method=DELETE", "GET"),
        ("PUT", b"_method=DELETE", "PUT"),
    ],
)
async def test_a_form_can_say_what_it_means(method: str, query: bytes, becomes: str) -> None:
    answer = await ask(MethodOverride(board()), method, query=query)
    assert f'"method":"{becomes}"' in answer.body


# Addresses

PROXIES = ("10.0.0.0/8", "2001:db8:1::/48", "192.0.2.7")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.1", "", "198.51.100.1"),
        ("198.51.100.1", "1.1.1.1", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.3.4,192.0.2.7", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "1.1.1.1, rubbish", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:5555", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8:2::1]:5555", "2001:db8:2::1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "", "198.51.100.1"),
        ("2001:db8:1::1", "2001:db8:2::2", "2001:db8:2::2"),
        ("", "198.51.100.1", "unknown"),
        ("rubbish", "198.51.100.1", "unknown"),
    ],
)
def test_who_is_asking(peer: str, forwarded: str, client: str) -> None:
    headers = [(b"x-forwarded-for", part.encode()) for part in forwarded.split(";") if part]
    scope = {"type": "http", "client": (peer, 1) if peer else None, "headers": headers}
    assert client_address(scope, PROXIES) == client


def test_forwarding_headers_add_up_and_a_unix_socket_can_be_trusted() -> None:
    headers = [(b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", b"198.51.100.1, 10.0.0.9")]
    scope = {"type": "http", "client": ("10.0.0.1", 1), "headers": headers}
    assert client_address(scope, PROXIES) == "198.51.100.1"
    assert client_address({**scope, "client": None}, ("unix", *PROXIES)) == "198.51.100.1"
    assert client_address({**scope, "client": None, "headers": []}, ("unix",)) == "unknown"


def test_a_household_is_counted_as_one() -> None:
    assert address_key("198.51.100.1") == "198.51.100.1"
    assert address_key("::ffff:198.51.100.1") == "198.51.100.1"
    assert address_key("2001:db8:1:2:3:4:5:6") == address_key("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert address_key("2001:db8:1:3::1") != address_key("2001:db8:1:2::1")
    assert address_key("fe80::1%eth0") == "fe80::/64"
    assert address_key("rubbish") == "unknown"


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_address_is_an_error(peer: str, forwarded: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode("utf-8", "replace"))]
    client_address({"type": "http", "client": (peer, 1), "headers": headers}, PROXIES)
    address_key(peer)


def test_plain_answers_vary_by_nothing_of_a_person() -> None:
    async def plain_answer(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("ok")(scope, receive, send)

    answer = asyncio.run(ask(SecurityHeaders(plain_answer, hsts=False)))
    assert "vary" not in answer.headers
