"""Health: alive (no I/O), ready (database, schema, disk), and figures."""

from __future__ import annotations

import asyncio
import shutil

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from civicboard.kit import migrations, web
from civicboard.kit.database import Database
from civicboard.kit.meaning import Understanding

LEAST_DISK_BYTES = 100 * 1024 * 1024
DATABASE_SECONDS = 1.0


async def show_livez(request: Request) -> Response:
    """The process answers. Nothing else is asked of it."""
    return PlainTextResponse("alive\n")


async def show_readyz(request: Request) -> Response:
    """Whether to send people here, within a second: 200 or 503, and each check by name."""
    held = web.kit(request)
    checks: dict[str, str] = {}
    looking = asyncio.create_task(_look_at_database(held.desk.database, held.schema))
    # Not asyncio.timeout: it would wait while a connection that hangs is being given up.
    done, _ = await asyncio.wait({looking}, timeout=DATABASE_SECONDS)
    if not done:
        looking.cancel()
        looking.add_done_callback(lambda given_up: given_up.cancelled() or given_up.exception())
        checks["database"] = "away: no answer"
    elif error := looking.exception():
        checks["database"] = f"away: {type(error).__name__}"
    else:
        checks |= looking.result()
    folder = held.settings.data if held.settings.data.exists() else "."
    checks["disk"] = "ok" if shutil.disk_usage(folder).free > LEAST_DISK_BYTES else "nearly full"
    ready = all(said == "ok" for said in checks.values()) and not held.leaving
    checks["live"] = "ok" if held.hub.listening or not held.settings.notify else "polling"
    checks["meaning"] = held.part(Understanding).state
    return JSONResponse({"ready": ready, **checks}, 200 if ready else 503, headers={"Cache-Control": "no-store"})


async def _look_at_database(database: Database, needed: str) -> dict[str, str]:
    async with database.engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    now = await migrations.current(database)
    return {"database": "ok", "schema": "ok" if now == needed else f"at {now}, needs {needed}"}


async def show_metrics(request: Request) -> Response:
    """Figures for Prometheus. They hold nothing about any person."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


ROUTES = [
    Route("/livez", show_livez, name="show_livez"),
    Route("/readyz", show_readyz, name="show_readyz"),
    Route("/metrics", show_metrics, name="show_metrics"),
]
