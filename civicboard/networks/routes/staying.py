"""Saying that a network stays together."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.web import page, reading, writing
from civicboard.kit.work import require
from civicboard.networks import actions, policy
from civicboard.networks.forms import Together
from civicboard.networks.queries import find_agreed, find_part
from civicboard.networks.routes.address import HERE
from civicboard.people.actions import drop_draft
from civicboard.people.queries import find_draft
from civicboard.problems.queries import find_problem

web.FLASHES["together"] = "Thank you. It is on the list of networks that stay together."
web.FLASHES["apart"] = "It is no longer on the list of networks that stay together."


async def show_together(request: Request) -> Response:
    """The form in which a network says that it stays together."""
    number = request.path_params["number"]
    async with reading(request) as work:
        problem = await find_problem(work, number)
        part = await find_part(work, number)
        agreed = await find_agreed(work, number)
        draft = await find_draft(work, web.known_browser_hash(request), f"together:{number}")
    require(policy.may_speak_for(has_a_part=part is not None and part.has_a_part), actions.staying.NO_PART)
    start = {"name": agreed.name, "about": agreed.about} if agreed else {}
    return page(
        request,
        "networks/together.html",
        {
            "problem": problem,
            "agreed": agreed,
            "form": web.form_state(request, "together", lambda: {**start, **(draft or {})}),
        },
        has_form=True,
    )


@web.otherwise(show_together, form="together")
async def update_together(request: Request) -> Response:
    number = request.path_params["number"]
    await _let_in(request, number, draft=f"together:{number}")
    async with reading(request) as work:
        await find_problem(work, number)
        part = await find_part(work, number)
    require(policy.may_speak_for(has_a_part=part is not None and part.has_a_part), actions.staying.NO_PART)
    form = await Together.read(request)
    async with writing(request) as work:
        await actions.stay_together(work, number, name=form.name, about=form.about)
        await drop_draft(work, browser_hash=web.known_browser_hash(request), name=f"together:{number}")
    return web.see(request, f"/problems/{number}/network", said="together")


async def destroy_together(request: Request) -> Response:
    number = request.path_params["number"]
    await _let_in(request, number)
    async with writing(request) as work:
        await actions.part_ways(work, number)
    return web.see(request, f"/problems/{number}/network", said="apart")


async def _let_in(request: Request, number: int, *, draft: str = "") -> None:
    web.require_account(request, next_path=f"/problems/{number}/network/together", draft=draft)
    await web.limit(request, "tap")


ROUTES = [
    Route(f"{HERE}/together", show_together, name="show_together"),
    Route(f"{HERE}/together", update_together, methods=["POST"], name="update_together"),
    Route(f"{HERE}/together", destroy_together, methods=["DELETE"], name="destroy_together"),
]
