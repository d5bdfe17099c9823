"""What comes in: addresses and headers that can be read, bodies of a size, and methods that a form can't say."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from civicboard.kit.safety.refusing import Refuse, turn_away

LONGEST_URL = 8000

_STRANGE = "This address has characters in it that can't be read."
_NO_PAGE = "There is no page at this address."
_TOO_BIG = "That is more than this page can take in. Try something smaller."


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
                return await turn_away(self.refuse, scope, receive, send, *wrong)
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
            asked = fields(scope["query_string"], "_method")
            if asked in (["DELETE"], ["PUT"], ["PATCH"]):
                scope = {**scope, "method": asked[0]}
        await self.app(scope, receive, send)


def fields(encoded: bytes, name: str) -> list[str]:
    """Every value of a field in a URL-encoded query or body; none when that is too much to read."""
    try:
        pairs = parse_qsl(encoded.decode("latin-1"), keep_blank_values=True, max_num_fields=2000)
    except ValueError:
        return []
    return [value for key, value in pairs if key == name]
