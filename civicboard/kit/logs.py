"""Logs: structured, one line a request, and nothing in them that opens a door."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import asyncpg
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from civicboard.kit.metrics import REQUEST_SECONDS, REQUESTS

#: Keys whose values never reach a log, and what looks like a credential within a value.
_SECRET_KEYS = re.compile(r"cookie|token|secret|password|authori[sz]ation|verifier|nonce|state|code", re.I)
_SECRET_TEXT = re.compile(
    r"(?i)\b(code|state|token|id_token|id_token_hint|access_token|client_secret|logout_token)=[^&\s\"']+|://[^/@\s]+@"
)


#: What a request may be counted as. Senders make methods up, and a label is kept for ever.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def hide_rows(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """PostgreSQL adds to its error the row that it refused, with what somebody wrote: that is left out."""
    given = entry.get("exc_info")
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    while isinstance(error, BaseException):
        if isinstance(error, asyncpg.PostgresError):
            error.detail = None
        error = error.__cause__ or error.__context__
    return entry


def hide_secrets(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in entry.items():
        if key != "status_code" and _SECRET_KEYS.search(key):
            entry[key] = "…"
        elif isinstance(value, str):
            entry[key] = _SECRET_TEXT.sub(lambda found: f"{found[1] or ''}=…" if found[1] else "://…@", value)
    return entry


def configure(*, json: bool, level: str) -> None:
    """Send everything, the libraries' own logs too, to standard error."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_rows,
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    render = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("uvicorn.access", "uvicorn.error", "httpx2", "httpcore2", "alembic", "asyncio", "markdown_it"):
        logging.getLogger(noisy).setLevel("WARNING")


class Ledger:
    """Counts and times each request by its route, and writes one line for it (not its query: that may hold secrets)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.log = structlog.get_logger("civicboard.request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status = time.perf_counter(), 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note)
        finally:
            seconds = time.perf_counter() - began
            route = getattr(scope.get("endpoint"), "__name__", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            REQUESTS.labels(method, route, str(status)).inc()
            REQUEST_SECONDS.labels(route).observe(seconds)
            if route not in ("none", "show_livez", "show_readyz", "show_metrics"):
                self.log.info(
                    "answered",
                    method=scope["method"],
                    path=scope["path"],
                    status_code=status,
                    ms=round(seconds * 1000, 1),
                )
