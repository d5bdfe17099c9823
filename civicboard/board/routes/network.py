"""The page of the people round one problem."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.board.queries import done_on
from civicboard.kit import web
from civicboard.networks import policy
from civicboard.networks.queries import (
    MOST_ON_PAGE,
    find_agreed,
    find_convenor,
    find_own_part,
    members_of,
    others_round,
    questions_for,
)
from civicboard.offers.queries import needs_standing
from civicboard.problems.queries import find_problem


async def show_network(request: Request) -> Response:
    """Who is on it, what each brings, what is still missing, and what they have done together."""
    number = request.path_params["number"]
    async with web.reading(request) as work:
        cursor = await web.moment(work)
        problem = await find_problem(work, number)
        members = await members_of(work, number, most=MOST_ON_PAGE)
        standing = await find_own_part(work, number)
        context = {
            "cursor": cursor,
            "problem": problem,
            "members": members,
            "others": others_round(problem, members),
            "needs": await needs_standing(work, number),
            "number": number,
            "done": await done_on(work, number),
            "convenor": await find_convenor(work, number),
            "questions": await questions_for(work, number),
            "agreed": await find_agreed(work, number),
            "standing": standing,
            "may_step_out": standing.part is not None and policy.may_step_out(work.viewer, problem.poster_id),
            "may_invite": policy.may_invite(work.viewer, problem.poster_id),
        }
    return web.page(request, "board/network.html", context)


ROUTES = [Route("/problems/{number:int}/network", show_network, name="show_network")]
