"""Whose request it is: the session cookie made into a viewer, before anything else looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from civicboard.kit import web
from civicboard.kit.safety import Refuse
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Work

FindViewer = Callable[[Work, str], Awaitable[Viewer | None]]
Touch = Callable[[Work, int], Awaitable[bool]]

#: Paths that are the same for everybody and need nobody's session.
FOR_EVERYBODY = ("/static/", "/livez", "/readyz", "/metrics", "/viewer/")


class Visitors:
    """Puts ``scope["viewer"]`` in place, and counts the page against its visitor's rate."""

    def __init__(self, app: ASGIApp, *, find_viewer: FindViewer, touch: Touch, refuse: Refuse) -> None:
        self.app = app
        self.find_viewer = find_viewer
        self.touch = touch
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(FOR_EVERYBODY):
            return await self.app(scope, receive, send)
        connection = HTTPConnection(scope)
        held = web.kit(connection)
        token = connection.cookies.get(web.cookie_name(held.settings, "session"), "")
        if token:
            async with held.desk.reading() as work:
                viewer = await self.find_viewer(work, web.hashed(token))
                if viewer is not None:
                    scope["viewer"] = viewer
                    if viewer.session_id is not None:
                        await self.touch(work, viewer.session_id)
        who = web.viewer(connection)
        if scope["type"] == "http":
            rule, key = (
                ("page_signed_in", f"person:{who.id}")
                if who.signed_in
                else ("page_anonymous", f"address:{web.address(connection)}")
            )
            verdict = held.rates.note(rule, key)
            if not verdict.allowed:
                scope.setdefault("state", {})["retry_after"] = verdict.retry_after
                words = "You have opened very many pages in a short time. Please wait a little."
                return await self.refuse(scope, receive, send, 429, words)
        await self.app(scope, receive, send)
