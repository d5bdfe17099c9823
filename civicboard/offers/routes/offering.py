"""Offering help, and answering an offer."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.work import Work
from civicboard.offers import fragments, policy
from civicboard.offers.actions import decline_offer, make_offer, welcome_offer, withdraw_offer
from civicboard.offers.forms import NewOffer, Refusal, Welcome
from civicboard.offers.queries import find_offer, find_sent_offer
from civicboard.people.actions import drop_draft
from civicboard.people.queries import find_draft
from civicboard.problems.queries import find_problem

web.FLASHES["offered"] = "Thank you. Your offer is on the board, and you follow this problem from now on."
web.FLASHES["welcomed"] = "You have welcomed the offer. They are one of this problem's people now."
web.FLASHES["declined"] = "You have declined the offer. Your kind word stands beside it."
web.FLASHES["withdrawn"] = "You have withdrawn your offer. Thank you for having made it."


async def show_new_offer(request: Request) -> Response:
    """The form for an offer, filled in with what was typed before signing in."""
    number = request.path_params["number"]
    async with web.reading(request) as work:
        problem = await find_problem(work, number)
        draft = await _draft(request, work, f"offer:{number}")
    return web.page(
        request,
        "offers/new.html",
        {
            "problem": problem,
            "form": web.form_state(request, "offer", lambda: draft),
            "is_own": not policy.is_for_another(web.viewer(request), problem.poster_id),
        },
        has_form=True,
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
            form_key=form.key,
        )
        await _forget_draft(request, work, f"offer:{number}")
    return await _show_changed(request, offer_id, said="offered")


async def show_offer(request: Request) -> Response:
    """One offer, with the forms that answer it or take it back for those who may."""
    offer_id = request.path_params["id"]
    who = web.viewer(request)
    async with web.reading(request) as work:
        offer = await find_offer(work, offer_id)
        welcome = await _draft(request, work, f"welcome:{offer_id}")
        refusal = await _draft(request, work, f"refusal:{offer_id}")
    return web.page(
        request,
        "offers/offer.html",
        {
            "offer": offer,
            "may_answer": offer.is_waiting and policy.may_answer(who, offer.poster_id),
            "may_withdraw": offer.stands and policy.may_withdraw(who, offer.helper_id),
            "might_answer": offer.is_waiting and offer.poster_id is not None and not who.signed_in,
            "welcome": web.form_state(request, "welcome", lambda: welcome),
            "refusal": web.form_state(request, "refusal", lambda: refusal),
        },
        has_form=True,
    )


@web.otherwise(show_offer, form="welcome", conflict=True)
async def create_welcome(request: Request) -> Response:
    offer_id = request.path_params["id"]
    form = await Welcome.read(request)
    await _let_in(request, offer_id, draft=f"welcome:{offer_id}")
    async with web.writing(request) as work:
        await welcome_offer(work, offer_id, words=form.words)
        await _forget_draft(request, work, f"welcome:{offer_id}")
    return await _show_changed(request, offer_id, said="welcomed")


@web.otherwise(show_offer, form="refusal", conflict=True)
async def create_refusal(request: Request) -> Response:
    offer_id = request.path_params["id"]
    form = await Refusal.read(request)
    await _let_in(request, offer_id, draft=f"refusal:{offer_id}")
    async with web.writing(request) as work:
        await decline_offer(work, offer_id, words=form.reason)
        await _forget_draft(request, work, f"refusal:{offer_id}")
    return await _show_changed(request, offer_id, said="declined")


async def create_withdrawal(request: Request) -> Response:
    offer_id = request.path_params["id"]
    await _let_in(request, offer_id)
    async with web.writing(request) as work:
        await withdraw_offer(work, offer_id)
    return await _show_changed(request, offer_id, said="withdrawn")


async def _show_changed(request: Request, offer_id: int, *, said: str) -> Response:
    async with web.reading(request) as work:
        offer = await find_offer(work, offer_id)
    return web.show(request, fragments.offer(offer), then=f"{offer.problem_path}#offer-{offer.id}", said=said)


async def _let_in(request: Request, offer_id: int, *, draft: str = "") -> None:
    web.require_account(request, next_path=f"/offers/{offer_id}", draft=draft)
    await web.limit(request, "tap")


async def _draft(request: Request, work: Work, name: str) -> Mapping[str, str]:
    """What was typed before, if anything."""
    return await find_draft(work, web.known_browser_hash(request), name) or {}


async def _forget_draft(request: Request, work: Work, name: str) -> None:
    await drop_draft(work, browser_hash=web.known_browser_hash(request), name=name)


ROUTES = [
    Route("/problems/{number:int}/offers/new", show_new_offer, name="show_new_offer"),
    web.form_at("/problems/{number:int}/offers", "/problems/{number}/offers/new", name="show_offer_form"),
    Route("/problems/{number:int}/offers", create_offer, methods=["POST"], name="create_offer"),
    Route("/offers/{id:int}", show_offer, name="show_offer"),
    web.form_at("/offers/{id:int}/welcome", "/offers/{id}", name="show_welcome_form"),
    Route("/offers/{id:int}/welcome", create_welcome, methods=["POST"], name="create_welcome"),
    web.form_at("/offers/{id:int}/refusal", "/offers/{id}", name="show_refusal_form"),
    Route("/offers/{id:int}/refusal", create_refusal, methods=["POST"], name="create_refusal"),
    Route("/offers/{id:int}/withdrawal", create_withdrawal, methods=["POST"], name="create_withdrawal"),
]
