"""Whose request it is: the session cookie made into a viewer, before anything else looks."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from civicboard.kit import web
from civicboard.kit.safety import Refuse
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Work

log = structlog.get_logger()

FindViewer = Callable[[Work, str], Awaitable[Viewer | None]]
Touch = Callable[[Work, int], Awaitable[bool]]

TOUCH_SECONDS = 300.0
MOST_REMEMBERED = 50_000
#: Paths that are the same for everybody and need nobody's session.
FOR_EVERYBODY = ("/static/", "/livez", "/readyz", "/metrics", "/viewer/")


class Visitors:
    """Puts ``scope["viewer"]`` in place, and counts the page against its visitor's rate."""

    def __init__(self, app: ASGIApp, *, find_viewer: FindViewer, touch: Touch, refuse: Refuse) -> None:
        self.app = app
        self.find_viewer = find_viewer
        self.touch = touch
        self.refuse = refuse
        #: When this process last noted each session as in use.
        self.touched: dict[int, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(FOR_EVERYBODY):
            return await self.app(scope, receive, send)
        connection = HTTPConnection(scope)
        held = web.kit(connection)
        token = connection.cookies.get(web.cookie_name(held.settings, "session"), "")
        if token:
            try:
                await self._recognise(scope, held, web.hashed(token))
            except (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                # Starlette's own handlers stand further in.
                log.error("database_away", error=type(error).__name__, detail=str(error)[:300])
                return await self._turn_away(scope, receive, send, 503, "", retry_after=5)
        who = web.viewer(connection)
        page = "page_signed_in" if who.signed_in else "page_anonymous"
        key = f"person:{who.id}" if who.signed_in else f"address:{web.address(connection)}"
        verdict = held.rates.note("live" if scope["type"] == "websocket" else page, key)
        if not verdict.allowed:
            words = "You have opened very many pages in a short time. Please wait a little."
            return await self._turn_away(scope, receive, send, 429, words, retry_after=verdict.retry_after)
        await self.app(scope, receive, send)

    async def _recognise(self, scope: Scope, held: web.Kit, token_hash: str) -> None:
        async with held.desk.reading() as work:
            viewer = await self.find_viewer(work, token_hash)
            if viewer is not None:
                scope["viewer"] = viewer
        if viewer is not None:
            await self._touch(held, viewer)

    async def _turn_away(
        self, scope: Scope, receive: Receive, send: Send, status: int, words: str, *, retry_after: int
    ) -> None:
        if scope["type"] == "websocket":
            await receive()
            return await send({"type": "websocket.close", "code": 1013, "reason": ""})
        scope.setdefault("state", {})["retry_after"] = retry_after
        await self.refuse(scope, receive, send, status, words)

    async def _touch(self, held: web.Kit, viewer: Viewer) -> None:
        """Note that a session is in use, but not with every page."""
        number, now = viewer.session_id, time.monotonic()
        if number is None or now - self.touched.get(number, -TOUCH_SECONDS) < TOUCH_SECONDS:
            return
        if len(self.touched) > MOST_REMEMBERED:
            self.touched.clear()
        self.touched[number] = now
        try:
            async with held.desk.writing() as work:
                await self.touch(work, number)
        except (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            # Reading goes on when nothing can be written: a full disk, or a database that only reads.
            log.warning("session_not_noted", error=type(error).__name__)
