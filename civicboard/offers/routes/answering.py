"""One offer: answering it, and taking it back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.networks.queries import are_at_peace
from civicboard.offers import fragments, policy
from civicboard.offers.actions import decline_offer, welcome_offer, withdraw_offer
from civicboard.offers.forms import Refusal, Welcome
from civicboard.offers.queries import contacts_on, find_offer, fitting_alternative, hours_given_in, last_contact_of
from civicboard.offers.routes.keeping import draft_of, forget_draft

web.FLASHES["welcomed"] = "You have welcomed the offer. They are one of this problem's people now."
web.FLASHES["declined"] = "You have declined the offer. Your kind word stands beside it."
web.FLASHES["withdrawn"] = "You have withdrawn your offer. Thank you for having made it."


async def show_offer(request: Request) -> Response:
    """One offer, with the forms for those who may, and how the two can reach each other once both have said yes."""
    offer_id = request.path_params["id"]
    who = web.viewer(request)
    async with web.reading(request) as work:
        offer = await find_offer(work, offer_id)
        contacts = await contacts_on(work, offer)
        mine = contacts.mine or await last_contact_of(work)
        welcome = {"contact": mine, **await draft_of(request, work, f"welcome:{offer_id}")}
        refusal = await draft_of(request, work, f"refusal:{offer_id}")
        is_poster = who.signed_in and who.id == offer.poster_id
        is_helper = who.signed_in and who.id == offer.helper_id
        instead = await fitting_alternative(work, offer) if is_helper and offer.state == "unanswered" else None
        given = await hours_given_in(work, offer) if is_helper else ""
        sees_contact = policy.sees_contact(
            who,
            state=offer.state,
            ended_at=offer.ended_at,
            helper_id=offer.helper_id,
            welcomed_by_id=offer.welcomed_by_id,
            now=work.now,
        )
        is_apart = not await are_at_peace(work, who.id, [offer.helper_id])
    is_one_of_two = policy.is_one_of_two(who, helper_id=offer.helper_id, welcomed_by_id=offer.welcomed_by_id)
    sides = {"poster_id": offer.poster_id, "convenor_id": offer.convenor_id, "helper_id": offer.helper_id}
    may_answer = offer.is_waiting and policy.may_answer(who, **sides, is_apart=is_apart)
    keeps_contact = policy.keeps_contact(
        state=offer.state, welcomed_by_id=offer.welcomed_by_id, has_nobody=not offer.answerers
    )
    return web.page(
        request,
        "offers/offer.html",
        {
            "offer": offer,
            "may_answer": may_answer,
            "may_withdraw": offer.stands and policy.may_withdraw(who, offer.helper_id),
            "might_answer": offer.is_waiting and bool(offer.answerers) and not who.signed_in,
            "is_helper": is_helper,
            "is_one_of_two": is_one_of_two,
            "sees_contact": sees_contact,
            # How who welcomes it can be reached is asked for with the welcome.
            "may_say_contact": is_one_of_two and keeps_contact and offer.stands,
            "may_end": policy.may_end(who, **sides, welcomed_by_id=offer.welcomed_by_id),
            "may_thank": offer.welcomed_by_id is not None and (is_one_of_two or is_poster),
            "contacts": contacts,
            "instead": instead,
            "welcome": web.form_state(request, "welcome", lambda: welcome),
            "refusal": web.form_state(request, "refusal", lambda: refusal),
            "ending": web.form_state(request, "ending", lambda: {"hours_given": given}),
            "contact": web.form_state(request, "contact", lambda: {"contact": contacts.mine}),
        },
        has_form=True,
        # How somebody is reached stays in no browser's store.
        headers={"Cache-Control": "private, no-store"} if is_one_of_two or may_answer else None,
    )


@web.otherwise(show_offer, form="welcome", conflict=True)
async def create_welcome(request: Request) -> Response:
    offer_id = request.path_params["id"]
    form = await Welcome.read(request)
    await _let_in(request, offer_id, draft=f"welcome:{offer_id}")
    async with web.writing(request) as work:
        await welcome_offer(work, offer_id, words=form.words, contact=form.contact)
        await forget_draft(request, work, f"welcome:{offer_id}")
    return await _show_changed(request, offer_id, said="welcomed")


@web.otherwise(show_offer, form="refusal", conflict=True)
async def create_refusal(request: Request) -> Response:
    offer_id = request.path_params["id"]
    form = await Refusal.read(request)
    await _let_in(request, offer_id, draft=f"refusal:{offer_id}")
    async with web.writing(request) as work:
        await decline_offer(work, offer_id, words=form.reason)
        await forget_draft(request, work, f"refusal:{offer_id}")
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


ROUTES = [
    Route("/offers/{id:int}", show_offer, name="show_offer"),
    web.form_at("/offers/{id:int}/welcome", "/offers/{id}", name="show_welcome_form"),
    Route("/offers/{id:int}/welcome", create_welcome, methods=["POST"], name="create_welcome"),
    web.form_at("/offers/{id:int}/refusal", "/offers/{id}", name="show_refusal_form"),
    Route("/offers/{id:int}/refusal", create_refusal, methods=["POST"], name="create_refusal"),
    Route("/offers/{id:int}/withdrawal", create_withdrawal, methods=["POST"], name="create_withdrawal"),
]
