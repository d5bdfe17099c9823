"""Wanting nothing to do with somebody, and taking that back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.people import actions


async def create_block(request: Request) -> Response:
    handle = request.path_params["handle"]
    web.require_account(request, next_path=f"/people/{handle}")
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await actions.block_person(work, handle)
    return web.see(request, f"/people/{handle}", said="blocked")


async def destroy_block(request: Request) -> Response:
    handle = request.path_params["handle"]
    web.require_account(request, next_path=f"/people/{handle}")
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await actions.unblock_person(work, handle)
    return web.see(request, f"/people/{handle}", said="unblocked")


ROUTES = [
    Route("/people/{handle}/block", create_block, methods=["POST"], name="create_block"),
    Route("/people/{handle}/block", destroy_block, methods=["DELETE"], name="destroy_block"),
]
