"""Who could help with a need, asking one of them, and whether the board asks round."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.work import Refused, Work
from civicboard.matching.actions.answering import withdraw_ask
from civicboard.matching.actions.asking import NOT_INVOLVED, ask_person, ask_somebody
from civicboard.matching.actions.rounds import call_round
from civicboard.matching.forms import NewAsk
from civicboard.matching.policy import asking
from civicboard.matching.policy.config import MatchingConfig, config_of
from civicboard.matching.queries.candidates import find_candidate
from civicboard.matching.queries.helping import help_for
from civicboard.matching.queries.needed import Needed, find_needed
from civicboard.matching.queries.standing import find_need_of_ask
from civicboard.networks.queries import find_part
from civicboard.offers.policy import welcomes_by_asking
from civicboard.offers.queries import last_contact_of
from civicboard.problems.queries import find_standing

web.FLASHES["asked"] = "They will be asked, when it suits them. You see here what they say."
web.FLASHES["asked-somebody"] = "If there is somebody, they will be asked. You hear of it when they say yes."
web.FLASHES["ask-withdrawn"] = "You have taken it back. They don’t have to answer any more."
web.FLASHES["round-on"] = "The board asks round for it, step by step."
web.FLASHES["round-off"] = "The board no longer asks round for it. You can still ask somebody yourself."


def config(request: Request) -> MatchingConfig:
    return config_of(web.kit(request).settings)


async def show_helpers(request: Request) -> Response:
    """Up to ten people who fit a need, each with the reason; for those who have to do with the problem."""
    need_id = request.path_params["id"]
    await web.limit(request, "matches")
    async with web.reading(request) as work:
        needed = await find_needed(work, need_id)
        web.require_account(request, next_path=needed.path)
        await _require_involved(work, needed)
        takes_asks = not (needed.is_over or needed.has_passed(work.now))
        helping = await help_for(work, [needed], config(request).weights) if takes_asks else None
    facts = {"by_id": needed.by_id, "poster_id": needed.poster_id}
    return web.page(
        request,
        "matching/helpers.html",
        {
            "need": needed,
            "helping": helping,
            "may_call_round": takes_asks and asking.may_call_round(web.viewer(request), **facts),
        },
        has_form=True,
        headers=_PRIVATE,
    )


async def show_new_ask(request: Request) -> Response:
    """The form to ask one person (``who``), or somebody who shows nobody what they can do."""
    need_id = request.path_params["id"]
    if request.method != "POST":  # one that is shown again was counted as an ask
        await web.limit(request, "matches")
    form = web.form_state(request, "ask", lambda: {"who": request.query_params.get("who", "")[:60]})
    async with web.reading(request) as work:
        needed = await find_needed(work, need_id)
        who = web.require_account(request, next_path=needed.path)
        await _require_involved(work, needed)
        weights = config(request).weights
        found = await find_candidate(work, needed, form["who"], weights) if form["who"] else None
        contact = await last_contact_of(work)
    if found is not None and not found.is_seen:
        found = None
    if "contact" not in form.values:
        form.values["contact"] = contact
    sides = {"poster_id": needed.poster_id, "convenor_id": needed.convenor_id}
    context = {"need": needed, "person": found, "form": form, "welcomes": welcomes_by_asking(who.id, **sides)}
    return web.page(request, "matching/new_ask.html", context, has_form=True, headers=_PRIVATE)


@web.otherwise(show_new_ask, form="ask", conflict=True)
async def create_ask(request: Request) -> Response:
    need_id = request.path_params["id"]
    web.require_account(request, next_path=f"/needs/{need_id}/people")
    form = await NewAsk.read(request)
    await web.limit(request, "asks")
    said: dict[str, Any] = {"config": config(request), "words": form.words, "contact": form.contact}
    async with web.writing(request) as work:
        if form.who:
            await ask_person(work, need_id, form.who, **said)
        else:
            await ask_somebody(work, need_id, **said)
    return web.see(request, f"/needs/{need_id}/people", said="asked" if form.who else "asked-somebody")


async def create_ask_withdrawal(request: Request) -> Response:
    ask_id = request.path_params["id"]
    web.require_account(request, next_path="/account/asks")
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await withdraw_ask(work, ask_id)
    async with web.reading(request) as work:
        need_id = await find_need_of_ask(work, ask_id)
    return web.see(request, f"/needs/{need_id}/people", said="ask-withdrawn")


async def create_round(request: Request) -> Response:
    """The board asks round for it."""
    return await _call_round(request, is_on=True)


async def destroy_round(request: Request) -> Response:
    """It doesn't."""
    return await _call_round(request, is_on=False)


async def _call_round(request: Request, *, is_on: bool) -> Response:
    need_id = request.path_params["id"]
    web.require_account(request, next_path=f"/needs/{need_id}/people")
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await call_round(work, need_id, is_on=is_on)
    return web.see(request, f"/needs/{need_id}/people", said="round-on" if is_on else "round-off")


async def _require_involved(work: Work, needed: Needed) -> None:
    """Who could help is for the people of the problem: who only passes by is told how to be one. Raises Refused."""
    standing = await find_standing(work, needed.problem_id)
    allowed = asking.may_see_helpers(
        work.viewer,
        poster_id=needed.poster_id,
        is_member=await find_part(work, needed.problem_id) is not None,
        affected=standing.affected,
        follows=standing.follows,
    )
    if not allowed:
        raise Refused(NOT_INVOLVED)


#: Who fits stays in no browser's store.
_PRIVATE = {"Cache-Control": "private, no-store"}

ROUTES = [
    Route("/needs/{id:int}/people", show_helpers, name="show_helpers"),
    Route("/needs/{id:int}/asks/new", show_new_ask, name="show_new_ask"),
    web.form_at("/needs/{id:int}/asks", "/needs/{id}/people", name="show_ask_form"),
    Route("/needs/{id:int}/asks", create_ask, methods=["POST"], name="create_ask"),
    Route("/needs/{id:int}/round", create_round, methods=["POST"], name="create_round"),
    Route("/needs/{id:int}/round", destroy_round, methods=["DELETE"], name="destroy_round"),
    Route("/asks/{id:int}/withdrawal", create_ask_withdrawal, methods=["POST"], name="create_ask_withdrawal"),
]
