"""A person's own notices."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.notices.actions import mark_read
from civicboard.notices.queries import notices_of

web.FLASHES["marked"] = "All of it is marked as read."

ADDRESS = "/notices"


async def show_notices(request: Request) -> Response:
    """What I was told, the newest first."""
    web.require_account(request, next_path=ADDRESS)
    before = web.number_in(request, "before")
    async with web.reading(request) as work:
        cursor = await web.moment(work)
        found = await notices_of(work, before=before)
    return web.page(
        request,
        "notices/notices.html",
        {"cursor": cursor, "notices": found.notices, "older": found.older, "before": before},
    )


async def update_notices(request: Request) -> Response:
    """Mark as read what I was told up to the notice ``until``: what came after the page was made stays new."""
    web.require_account(request, next_path=ADDRESS)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await mark_read(work, until=web.number_in(request, "until"))
    return web.see(request, ADDRESS, said="marked")


ROUTES = [
    Route(ADDRESS, show_notices, methods=["GET"], name="show_notices"),
    Route(ADDRESS, update_notices, methods=["POST"], name="update_notices"),
]
