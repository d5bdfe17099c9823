"""Who could help with a problem, as its page shows it: for one viewer, and anew while the page is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.work import Work
from civicboard.matching.policy.asking import may_see_helpers
from civicboard.matching.policy.config import config_of
from civicboard.matching.queries.helping import who_could_help
from civicboard.networks.queries import find_part
from civicboard.offers.queries import NeedRow, needs_on
from civicboard.problems.queries import ProblemRow, Standing, find_problem, find_standing


async def show_helping(request: Request) -> Response:
    """Who could help, as a piece for a page that is open; by itself it leads to the page.

    Every open page of somebody who is signed in asks for it, whenever it may have changed: so it reads little for those
    who are shown nothing.
    """
    number = request.path_params["number"]
    if web.by_htmx(request):
        await web.limit(request, "helping")
    async with web.reading(request) as work:
        problem = await find_problem(work, number)
        if not web.by_htmx(request):
            return web.see(request, f"{problem.path}#helping")
        shown = await helping_now(request, work, problem, await find_standing(work, number))
    shown["problem"] = problem
    headers = {"Cache-Control": "private, no-store"}
    return web.page(request, "board/_helping.html", shown, has_form=True, headers=headers)


async def helping_now(
    request: Request,
    work: Work,
    problem: ProblemRow,
    standing: Standing,
    needs: Sequence[NeedRow] | None = None,
) -> dict[str, Any]:
    """While it needs anything: for who posted it and its people. Who only follows it finds the list a tap away.

    ``needs`` are the problem's, where they have been read already.
    """
    who = work.viewer
    is_member = who.signed_in and await find_part(work, problem.id) is not None
    is_one = is_member or (who.signed_in and who.id == problem.poster_id)
    affected, follows = standing.affected, standing.follows
    if not may_see_helpers(who, poster_id=problem.poster_id, is_member=is_member, affected=affected, follows=follows):
        return {"may_ask": False, "could_ask": [], "helping": None}
    needs = await needs_on(work, problem.id) if needs is None else needs
    could_ask = [need for need in needs if need.state == "open" and need.takes_offers]
    weights = config_of(web.kit(request).settings).weights
    helping = await who_could_help(work, problem.id, weights) if could_ask and is_one else None
    return {"may_ask": True, "could_ask": could_ask, "helping": helping}


ROUTES = [Route("/problems/{number:int}/helping", show_helping, name="show_helping")]
