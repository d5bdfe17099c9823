"""What stands between the network and the application, as pure ASGI middleware, outermost first:

``SecurityHeaders(BadInput(BodyCap(MethodOverride(SameOrigin(Starlette(...))))))``

Wrap the whole application in it rather than passing it to ``Starlette(middleware=...)``: the page for a
server error is made outside of that list, and needs the headers most. A refusal goes through a ``Refuse``, so
that it is a readable page.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from civicboard.kit.addresses import address_key, client_address

__all__ = [
    "BadInput", "BodyCap", "MethodOverride", "Refuse", "SameOrigin", "SecurityHeaders", "address_key",
    "browser_cookie", "client_address", "csrf_token", "new_browser",
]  # fmt: skip

#: Answers a request with a status and a plain sentence: ``await refuse(scope, receive, send, 403, "…")``.
Refuse = Callable[[Scope, Receive, Send, int, str], Awaitable[None]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_URL = 8000
LONGEST_TOKEN_BODY = 256 * 1024

_STRANGE = "This address has characters in it that can't be read."
_NO_PAGE = "There is no page at this address."
_ELSEWHERE = "This came from another site, or from a page that was open for long. Go back, reload and try again."
_TOO_BIG = "That is more than this page can take in. Try something smaller."

_POWERS_OFF = (
    "accelerometer autoplay browsing-topics camera display-capture encrypted-media fullscreen gamepad"
    " gyroscope hid idle-detection local-fonts magnetometer microphone midi payment picture-in-picture"
    " publickey-credentials-create publickey-credentials-get screen-wake-lock serial storage-access usb"
    " window-management xr-spatial-tracking"
)


async def _turn_away(refuse: Refuse, scope: Scope, receive: Receive, send: Send, status: int, reason: str) -> None:
    """Refuse a request with a page; a socket by closing it before it is accepted, which is seen as a 403."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
    else:
        await refuse(scope, receive, send, status, reason)


class SecurityHeaders:
    """The headers that tell a browser what a page of this board may never do, on every response.

    ``img_src`` names more hosts for pictures (the tiles of a map). ``form_action`` names the origins that a
    form may end up at by a redirect. ``origin`` adds its ws:// or wss:// form to ``connect-src`` for browsers
    whose ``'self'`` leaves sockets out.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hsts: bool,
        img_src: tuple[str, ...] = (),
        form_action: tuple[str, ...] = (),
        origin: str = "",
    ) -> None:
        self.app = app
        socket = origin.replace("http", "ws", 1)
        policy = {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": " ".join(("'self'", *img_src)),
            "font-src": "'self'",
            "connect-src": f"'self' {socket}".strip(),
            "form-action": " ".join(("'self'", *form_action)),
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
            "manifest-src": "'self'",
        }
        self.headers = {
            "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": ", ".join([*(f"{name}=()" for name in _POWERS_OFF.split()), "geolocation=(self)"]),
        }
        if hsts:
            self.headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message.setdefault("headers", [])
                headers = MutableHeaders(raw=message["headers"])
                for name, value in self.headers.items():
                    headers[name] = value
                if headers.get("content-type", "").startswith("text/html"):
                    headers.add_vary_header("HX-Request")
                    headers.add_vary_header("Cookie")
                message["headers"] = headers.raw
            await send(message)

        await self.app(scope, receive, send_with_headers)


def new_browser() -> str:
    """A fresh value for the browser cookie: 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def browser_cookie(origin: str) -> str:
    """The name of the cookie that tells one browser from another; over https, no other host can set it."""
    return "__Host-browser" if origin.startswith("https://") else "browser"


def csrf_token(secret: str, browser: str) -> str:
    """The token that a form of this browser carries, for clients without Sec-Fetch-Site and Origin."""
    digest = hmac.digest(secret.encode(), b"csrf\0" + browser.encode("utf-8", "replace"), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class SameOrigin:
    """Refuses deeds and sockets that another site's page started.

    Sec-Fetch-Site decides, Origin next; a client that sends neither must carry ``csrf_token`` for its browser
    cookie, in the header ``X-CSRF-Token`` or a URL-encoded field ``csrf``. A socket must bring our very
    Origin. ``exempt`` takes a path; it is for doors that other servers knock at, and never for a socket.
    """

    def __init__(
        self, app: ASGIApp, *, origin: str, secret: str, exempt: Callable[[str], bool], refuse: Refuse
    ) -> None:
        self.app = app
        self.origin = origin.lower()  # as browsers write it
        self.secret = secret
        self.exempt = exempt
        self.refuse = refuse
        self.cookie = browser_cookie(origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            ours = Headers(scope=scope).getlist("origin") == [self.origin]
        elif scope["type"] != "http" or scope["method"] in SAFE_METHODS or self.exempt(scope["path"]):
            ours = True
        else:
            headers = Headers(scope=scope)
            sites, origins = headers.getlist("sec-fetch-site"), headers.getlist("origin")
            if sites:
                ours = sites in (["same-origin"], ["none"]) and origins in ([], [self.origin])
            elif origins:
                ours = origins == [self.origin]
            else:
                ours, receive = await self._has_token(headers, receive)
        if not ours:
            return await _turn_away(self.refuse, scope, receive, send, 403, _ELSEWHERE)
        await self.app(scope, receive, send)

    async def _has_token(self, headers: Headers, receive: Receive) -> tuple[bool, Receive]:
        """Whether the request has this browser's token, and a ``receive`` that gives its body once more."""
        browser = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}", browser):
            return False, receive
        tokens = headers.getlist("x-csrf-token")
        if not tokens and _is_form(headers):
            body, receive = await _peek(receive)
            tokens = _fields(body, "csrf")
        expected = csrf_token(self.secret, browser).encode()
        return len(tokens) == 1 and hmac.compare_digest(tokens[0].encode("utf-8", "replace"), expected), receive


def _is_form(headers: Headers) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/x-www-form-urlencoded"


async def _peek(receive: Receive) -> tuple[bytes, Receive]:
    """A body, empty when past 256 KB, and a ``receive`` that gives it from the beginning."""
    seen: list[Message] = []
    size, more = 0, True
    while more and size <= LONGEST_TOKEN_BODY:
        message = await receive()
        seen.append(message)
        size += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
    body = b"" if more or size > LONGEST_TOKEN_BODY else b"".join(message.get("body", b"") for message in seen)
    left = iter(seen)

    async def again() -> Message:
        return next(left, None) or await receive()

    return body, again


def _fields(encoded: bytes, name: str) -> list[str]:
    try:
        pairs = parse_qsl(encoded.decode("latin-1"), keep_blank_values=True, max_num_fields=2000)
    except ValueError:
        return []
    return [value for key, value in pairs if key == name]


class BadInput:
    """Refuses addresses and headers that no code could make sense of, before they become an error 500."""

    _HEADER = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
    _HUGE = re.compile(rb"(?:^|/)[+-]?[0-9]{19,}(?:[/.]|$)")

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            wrong = self._wrong(scope)
            if wrong:
                return await _turn_away(self.refuse, scope, receive, send, *wrong)
        await self.app(scope, receive, send)

    def _wrong(self, scope: Scope) -> tuple[int, str] | None:
        raw_path = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
        query = scope.get("query_string", b"")
        if len(raw_path) + len(query) >= LONGEST_URL:
            return 414, "This address is too long."
        path = unquote_to_bytes(raw_path)
        if not _readable(path) or not _readable(unquote_to_bytes(query)):
            return 400, _STRANGE
        if self._HUGE.search(path):
            return 404, _NO_PAGE
        if any(self._HEADER.search(name) or self._HEADER.search(value) for name, value in scope["headers"]):
            return 400, "This request has characters in it that can't be read."
        return None


def _readable(raw: bytes) -> bool:
    """UTF-8 without NUL. Encoded lone surrogates aren't UTF-8 either."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in raw


class BodyCap:
    """Refuses a body larger than ``limit_for(scope)`` bytes, whether declared or simply still coming.

    Starlette's middleware counts; this one chooses the limit by the request and makes the refusal a page.
    """

    def __init__(self, app: ASGIApp, limit_for: Callable[[Scope], int], refuse: Refuse) -> None:
        self.app = app
        self.limit_for = limit_for
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        limit = self.limit_for(scope)
        declared = Headers(scope=scope).get("content-length", "0")
        if not re.fullmatch(r"[0-9]{1,18}", declared):
            return await self.refuse(scope, receive, send, 400, "This request's length can't be read.")
        if int(declared) > limit:
            return await self.refuse(scope, receive, send, 413, _TOO_BIG)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            started = False

            async def noting_start(message: Message) -> None:
                nonlocal started
                started = started or message["type"] == "http.response.start"
                await send(message)

            try:
                await self.app(scope, receive, noting_start)
            except HTTPException as error:
                if error.status_code != 413 or started:
                    raise
                await self.refuse(scope, receive, send, 413, _TOO_BIG)

        await RequestBodyLimitMiddleware(app, limit)(scope, receive, send)


class MethodOverride:
    """Lets an HTML form, which can only POST, say ``?_method=DELETE``, ``PUT`` or ``PATCH``."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and b"_method=" in scope["query_string"]:
            asked = _fields(scope["query_string"], "_method")
            if asked in (["DELETE"], ["PUT"], ["PATCH"]):
                scope = {**scope, "method": asked[0]}
        await self.app(scope, receive, send)
