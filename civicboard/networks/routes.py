"""The page of the people round one problem."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.networks.queries import MOST_ON_PAGE, members_of, others_round
from civicboard.problems.queries import find_problem


async def show_network(request: Request) -> Response:
    """Who is on it, what each brings, and what is still wanted."""
    number = request.path_params["number"]
    async with web.reading(request) as work:
        cursor = await web.moment(work)
        problem = await find_problem(work, number)
        members = await members_of(work, number, most=MOST_ON_PAGE)
    return web.page(
        request,
        "networks/network.html",
        {"cursor": cursor, "problem": problem, "members": members, "others": others_round(problem, members)},
    )


ROUTES = [Route("/problems/{number:int}/network", show_network, name="show_network")]
