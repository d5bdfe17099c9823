"""What the two of an offer do about it once it is welcomed: how to be reached, and that it is done."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.offers.actions import end_offer, say_contact
from civicboard.offers.forms import Ending, NewContact
from civicboard.offers.routes.answering import show_offer

web.FLASHES["done"] = "It is done. Thank you."
web.FLASHES["contact-kept"] = "How you can be reached is kept as you wrote it."


@web.otherwise(show_offer, form="ending", conflict=True)
async def create_ending(request: Request) -> Response:
    """This is done."""
    offer_id = request.path_params["id"]
    form = await Ending.read(request)
    await _let_in(request, offer_id)
    async with web.writing(request) as work:
        await end_offer(work, offer_id, hours_given=form.hours_given)
    return web.see(request, f"/offers/{offer_id}", said="done")


@web.otherwise(show_offer, form="contact", conflict=True)
async def update_contact(request: Request) -> Response:
    """This is how I can be reached."""
    offer_id = request.path_params["id"]
    form = await NewContact.read(request)
    await _let_in(request, offer_id)
    async with web.writing(request) as work:
        await say_contact(work, offer_id, form.contact, named=form.contact_for)
    return web.see(request, f"/offers/{offer_id}", said="contact-kept")


async def _let_in(request: Request, offer_id: int) -> None:
    web.require_account(request, next_path=f"/offers/{offer_id}")
    await web.limit(request, "tap")


ROUTES = [
    web.form_at("/offers/{id:int}/ending", "/offers/{id}", name="show_ending_form"),
    Route("/offers/{id:int}/ending", create_ending, methods=["POST"], name="create_ending"),
    web.form_at("/offers/{id:int}/contact", "/offers/{id}", name="show_contact_form"),
    Route("/offers/{id:int}/contact", update_contact, methods=["POST"], name="update_contact"),
]
