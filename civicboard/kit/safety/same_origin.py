"""Deeds and sockets come from our own pages: told by what browsers say, or by a token of this browser."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from civicboard.kit.safety.input import fields
from civicboard.kit.safety.refusing import Refuse, turn_away

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_TOKEN_BODY = 256 * 1024

_ELSEWHERE = "This came from another site, or from a page that was open for long. Go back, reload and try again."


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
            return await turn_away(self.refuse, scope, receive, send, 403, _ELSEWHERE)
        await self.app(scope, receive, send)

    async def _has_token(self, headers: Headers, receive: Receive) -> tuple[bool, Receive]:
        """Whether the request has this browser's token, and a ``receive`` that gives its body once more."""
        browser = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}", browser):
            return False, receive
        tokens = headers.getlist("x-csrf-token")
        if not tokens and _is_form(headers):
            body, receive = await _peek(receive)
            tokens = fields(body, "csrf")
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
