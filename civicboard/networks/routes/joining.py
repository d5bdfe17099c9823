"""Stepping out of the people round a problem, and undoing it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.web import writing
from civicboard.networks import actions
from civicboard.networks.queries import find_part
from civicboard.networks.routes.address import HERE
from civicboard.problems.queries import find_problem

web.FLASHES["stepped-out"] = (
    "You have stepped out. What you said in the open stays, and offers of yours that were welcomed here have ended."
)
web.FLASHES["back"] = "You are in again. Offers that ended meanwhile stay ended: make a new one if you still can."
web.FLASHES["too-late"] = "That was too long ago to undo. Say something or offer help, and you are in again."


async def destroy_membership(request: Request) -> Response:
    """Step out."""
    number = request.path_params["number"]
    await _let_in(request, number)
    async with writing(request) as work:
        await actions.step_out(work, number)
    return web.see(request, f"/problems/{number}/network", said="stepped-out")


async def create_membership(request: Request) -> Response:
    """Undo that."""
    number = request.path_params["number"]
    await _let_in(request, number)
    async with writing(request) as work:
        part = await find_part(work, number)
        done = part is not None or await actions.come_back(work, number)
        await find_problem(work, number)
    return web.see(request, f"/problems/{number}/network", said="back" if done else "too-late")


async def _let_in(request: Request, number: int) -> None:
    web.require_account(request, next_path=f"/problems/{number}/network")
    await web.limit(request, "tap")


ROUTES = [
    web.form_at(f"{HERE}/membership", "/problems/{number}/network", name="show_membership_form"),
    Route(f"{HERE}/membership", create_membership, methods=["POST"], name="create_membership"),
    Route(f"{HERE}/membership", destroy_membership, methods=["DELETE"], name="destroy_membership"),
]
