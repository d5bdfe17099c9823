"""Who could help with a problem, as its page shows it: for one viewer, and anew while the page is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.work import Work
from civicboard.matching.policy.asking import may_ask
from civicboard.matching.policy.customs import customs_of
from civicboard.matching.queries.helping import who_could_help
from civicboard.networks.queries import MemberRow, members_of
from civicboard.offers.queries import NeedRow, needs_on
from civicboard.problems.queries import ProblemRow, Standing, find_problem, find_standing


async def show_helping(request: Request) -> Response:
    """Who could help, as a piece for a page that is open; by itself it leads to the page.

    Every open page of somebody who is signed in asks for it, whenever it may have changed: so it reads little for those
    who are shown nothing.
    """
    number = request.path_params["number"]
    async with web.reading(request) as work:
        problem = await find_problem(work, number)
        if not web.by_htmx(request):
            return web.see(request, f"{problem.path}#helping")
        standing, needs = await find_standing(work, number), await needs_on(work, number)
        members = await members_of(work, number) if needs else []
        shown = await helping_now(request, work, problem, needs, members, standing)
    headers = {"Cache-Control": "private, no-store"}
    return web.page(request, "board/_helping.html", shown, has_form=True, headers=headers)


async def helping_now(
    request: Request,
    work: Work,
    problem: ProblemRow,
    needs: Sequence[NeedRow],
    members: Sequence[MemberRow],
    standing: Standing,
) -> dict[str, Any]:
    """While it needs anything: for who posted it and its people. Who only follows it finds the list a tap away."""
    who = work.viewer
    is_one = who.id == problem.poster_id or any(member.person_id == who.id for member in members)
    open_needs = [need for need in needs if need.state == "open" and need.takes_offers]
    if not open_needs or not may_ask(who, involved=is_one or standing.affected or standing.follows):
        return {"could_ask": [], "helping": None}
    weights = customs_of(web.kit(request).settings).weights
    return {"could_ask": open_needs, "helping": await who_could_help(work, problem.id, weights) if is_one else None}


ROUTES = [Route("/problems/{number:int}/helping", show_helping, name="show_helping")]
