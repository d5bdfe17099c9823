"""What is for one person: problems that need what they can do, questions they could answer, and how others ended."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.board import fragments
from civicboard.board.actions import wave_away, wave_back
from civicboard.board.queries.for_you import (
    alike_elsewhere,
    nearby,
    questions_for,
    suggestions_for,
    waved_by,
)
from civicboard.kit import web
from civicboard.matching.policy.config import config_of
from civicboard.matching.queries.able import find_able
from civicboard.matching.queries.asks import asks_of

web.FLASHES["less"] = "You will see less like this here. You can undo it at the end of this page."
web.FLASHES["again"] = "It is among what can be for you again."

ADDRESS = "/for-you"


async def show_for_you(request: Request) -> Response:
    """My own page; for who isn't signed in, what it is."""
    who = web.viewer(request)
    if who.id is None:
        return web.page(request, "board/for_you_out.html", {})
    await web.limit(request, "matches")
    weights = config_of(web.kit(request).settings).weights
    async with web.reading(request) as work:
        cursor = await web.moment(work)
        able = await find_able(work, who.id)
        fits = await suggestions_for(work, able, weights)
        context = {
            "cursor": cursor,
            "able": able,
            "fits": fits,
            "asks": await asks_of(work, who.id),
            "questions": await questions_for(work, able, leave_out={one.problem_id for one in fits}, weights=weights),
            "alike": await alike_elsewhere(work, who.id),
            "waved": await waved_by(work, who.id),
            "nearby": [] if fits else await nearby(work, able),
        }
    return web.page(request, "board/for_you.html", context)


async def show_nearby(request: Request) -> Response:
    """What is new near me, as pieces for my page that is open; by itself it leads there."""
    who = web.viewer(request)
    if who.id is None or not web.by_htmx(request):
        return web.see(request, f"{ADDRESS}#nearby-title")
    await web.limit(request, "helping")
    async with web.reading(request) as work:
        rows = await nearby(work, await find_able(work, who.id))
    # As it comes in at the end, the newest last.
    return web.show(request, *(fragments.near(row) for row in reversed(rows)), then=ADDRESS)


async def create_less(request: Request) -> Response:
    """Less like this."""
    web.require_account(request, next_path=ADDRESS)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await wave_away(work, request.path_params["number"])
    return web.see(request, ADDRESS, said="less")


async def destroy_less(request: Request) -> Response:
    web.require_account(request, next_path=ADDRESS)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await wave_back(work, request.path_params["number"])
    return web.see(request, ADDRESS, said="again")


ROUTES = [
    Route(ADDRESS, show_for_you, name="show_for_you"),
    Route("/for-you/nearby", show_nearby, name="show_nearby"),
    Route("/for-you/less/{number:int}", create_less, methods=["POST"], name="create_less"),
    Route("/for-you/less/{number:int}", destroy_less, methods=["DELETE"], name="destroy_less"),
    web.form_at("/for-you/less/{number:int}", ADDRESS, name="show_less_form"),
]
