"""Turning a request away before it reaches a handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import Receive, Scope, Send

#: Answers a request with a status and a plain sentence: ``await refuse(scope, receive, send, 403, "…")``.
Refuse = Callable[[Scope, Receive, Send, int, str], Awaitable[None]]


async def turn_away(refuse: Refuse, scope: Scope, receive: Receive, send: Send, status: int, reason: str) -> None:
    """Refuse a request with a page; a socket by closing it before it is accepted, which is seen as a 403."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
    else:
        await refuse(scope, receive, send, status, reason)
