"""Offering help."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.networks.queries import find_convenor
from civicboard.offers import fragments, policy
from civicboard.offers.actions import make_offer
from civicboard.offers.forms import NewOffer
from civicboard.offers.queries import find_offer, find_sent_offer, last_contact_of, needs_on
from civicboard.offers.routes.keeping import draft_of, forget_draft
from civicboard.problems.queries import find_problem

web.FLASHES["offered"] = "Thank you. Your offer is on the board, and you follow this problem from now on."
web.FLASHES["joined"] = "Thank you. You are one of this problem's people now, and you follow it."


async def show_new_offer(request: Request) -> Response:
    """The form for an offer, to the need in the address or to the problem, with what was typed before signing in."""
    number = request.path_params["number"]
    async with web.reading(request) as work:
        problem = await find_problem(work, number)
        needs = [need for need in await needs_on(work, number) if need.takes_offers]
        draft = await draft_of(request, work, f"offer:{number}")
        contact = await last_contact_of(work)
        convenor = await find_convenor(work, number)
    who = web.viewer(request)
    answerers = policy.answerers(poster_id=problem.poster_id, convenor_id=problem.convenor_id, helper_id=who.id)
    names = {problem.poster_id: problem.poster_name, problem.convenor_id: convenor.name if convenor else None}
    start = {"contact": contact, **draft}
    if chosen := next((need for need in needs if str(need.id) == request.query_params.get("need", "")), None):
        start["need"] = str(chosen.id)
    return web.page(
        request,
        "offers/new.html",
        {
            "problem": problem,
            "needs": needs,
            "chosen": chosen,
            "form": web.form_state(request, "offer", lambda: start),
            "answerers": " or ".join(filter(None, (names[one] for one in answerers))),
            "contact_for": answerers,
            "is_own": not policy.is_for_another(who, problem.poster_id),
        },
        has_form=True,
        headers={"Cache-Control": "private, no-store"} if contact else None,
    )


@web.otherwise(show_new_offer, form="offer")
async def create_offer(request: Request) -> Response:
    number = request.path_params["number"]
    form = await NewOffer.read(request)
    web.require_account(request, next_path=f"/problems/{number}/offers/new", draft=f"offer:{number}")
    async with web.reading(request) as work:
        before = await find_sent_offer(work, form.key)
    if before is None:
        await web.limit(request, "offers")
    async with web.writing(request) as work:
        offer_id = await make_offer(
            work,
            number,
            what=form.what,
            words=form.words,
            hours=form.hours,
            until=form.until,
            need_id=form.need,
            limits=form.limits,
            contact=form.contact,
            contact_named=form.contact_for,
            form_key=form.key,
        )
        await forget_draft(request, work, f"offer:{number}")
    async with web.reading(request) as work:
        offer = await find_offer(work, offer_id)
    said = "joined" if offer.joined_by_themselves else "offered"
    return web.show(request, fragments.offer(offer), then=f"{offer.problem_path}#offer-{offer.id}", said=said)


ROUTES = [
    Route("/problems/{number:int}/offers/new", show_new_offer, name="show_new_offer"),
    web.form_at("/problems/{number:int}/offers", "/problems/{number}/offers/new", name="show_offer_form"),
    Route("/problems/{number:int}/offers", create_offer, methods=["POST"], name="create_offer"),
]
