"""The networks that stay together, and asking one along to another problem."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.web import page, reading, writing
from civicboard.kit.work import Missing, require
from civicboard.networks import actions, policy
from civicboard.networks.forms import Invitation
from civicboard.networks.queries import NetworkRow, find_network, invited_to, networks_staying
from civicboard.networks.routes.address import HERE
from civicboard.people.actions import drop_draft
from civicboard.people.queries import find_draft
from civicboard.problems.queries import ProblemRow, find_problem

web.FLASHES["invited"] = "They have been asked, in the thread of their members."


async def show_networks(request: Request) -> Response:
    """Networks that stay together. With ``for``, the poster of that problem may ask one of them along."""
    words = " ".join(request.query_params.get("q", "").split())[:200]
    number = web.number_in(request, "for")
    if words:
        await web.limit(request, "search")
    async with reading(request) as work:
        networks, has_more = await networks_staying(work, words=words, after=_after_in(request))
        problem = None
        if number is not None:
            with contextlib.suppress(Missing):
                problem = await find_problem(work, number)
        if problem is not None and not policy.may_invite(work.viewer, problem.poster_id):
            problem = None
        invited = await invited_to(work, problem.id) if problem is not None else set()
    context = {
        "words": words,
        "networks": networks,
        "problem": problem,
        "invited": invited,
        "next": _after(networks[-1]) if has_more else "",
    }
    return page(request, "networks/networks.html", context)


async def show_new_invitation(request: Request) -> Response:
    """The form to ask a network along, for the poster of the problem."""
    problem, network = await _find_to_invite(request)
    async with reading(request) as work:
        invited = network.problem_id in await invited_to(work, problem.id)
        draft = await find_draft(work, web.known_browser_hash(request), f"invitation:{network.problem_id}")
    return page(
        request,
        "networks/invitation.html",
        {
            "problem": problem,
            "network": network,
            "invited": invited,
            "form": web.form_state(request, "invitation", lambda: draft or {}),
        },
        has_form=True,
    )


@web.otherwise(show_new_invitation, form="invitation")
async def create_invitation(request: Request) -> Response:
    number, network_id = request.path_params["number"], request.path_params["id"]
    there = f"/problems/{number}/network/invitations/{network_id}"
    web.require_account(request, next_path=there, draft=f"invitation:{network_id}")
    form = await Invitation.read(request)
    await _find_to_invite(request)
    await web.limit(request, "invitations")
    async with writing(request) as work:
        await actions.invite_network(work, number, network_id, words=form.words)
        await drop_draft(work, browser_hash=web.known_browser_hash(request), name=f"invitation:{network_id}")
    return web.see(request, f"/networks?for={number}", said="invited")


async def _find_to_invite(request: Request) -> tuple[ProblemRow, NetworkRow]:
    async with reading(request) as work:
        problem = await find_problem(work, request.path_params["number"])
        require(policy.may_invite(work.viewer, problem.poster_id), actions.staying.NOT_POSTER)
        return problem, await find_network(work, request.path_params["id"])


def _after(network: NetworkRow) -> str:
    """Where the next page of the list starts, as its address says it."""
    assert network.changed_at is not None  # as of every one that stays
    return f"{round(network.changed_at.timestamp() * 1_000_000)}-{network.problem_id}"


def _after_in(request: Request) -> tuple[datetime, int] | None:
    found = re.fullmatch(r"([0-9]{1,16})-([0-9]{1,17})", request.query_params.get("after", ""), re.ASCII)
    if found is None:
        return None
    seconds, rest = divmod(int(found[1]), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), int(found[2])


ROUTES = [
    Route("/networks", show_networks, name="show_networks"),
    Route(f"{HERE}/invitations/{{id:int}}", show_new_invitation, name="show_new_invitation"),
    Route(f"{HERE}/invitations/{{id:int}}", create_invitation, methods=["POST"], name="create_invitation"),
]
