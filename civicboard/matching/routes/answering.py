"""What one is asked: reading it, and answering in one tap."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.matching.actions.answering import accept_ask, decline_ask, decline_for_another
from civicboard.matching.forms import Answer
from civicboard.matching.policy.config import config_of
from civicboard.matching.queries.asks import find_ask, own_asks, own_asks_a_week
from civicboard.offers.queries import last_contact_of

web.FLASHES["answered-yes"] = "Thank you. This is your offer now, and this page is where it goes on."
web.FLASHES["answered-not_now"] = "That is fine. Nobody will ask you for this again."
web.FLASHES["answered-not_me"] = "Thank you for saying so. Nobody will ask you for this again."
web.FLASHES["answered-instead"] = "Thank you. If they can be asked, they will be."


async def show_ask(request: Request) -> Response:
    """Why you, who asks, how long it takes; and the three answers. For the person who is asked and nobody else."""
    ask_id = request.path_params["id"]
    web.require_account(request, next_path=f"/asks/{ask_id}")
    async with web.reading(request) as work:
        ask = await find_ask(work, ask_id)
        contact = await last_contact_of(work)
    form = web.form_state(request, "answer", lambda: {"contact": contact})
    # What is asked of somebody, and how they may be reached, stays in no browser's store.
    headers = {"Cache-Control": "private, no-store"}
    return web.page(request, "matching/ask.html", {"ask": ask, "form": form}, has_form=True, headers=headers)


@web.otherwise(show_ask, form="answer", conflict=True)
async def create_answer(request: Request) -> Response:
    ask_id = request.path_params["id"]
    web.require_account(request, next_path=f"/asks/{ask_id}")
    form = await Answer.read(request)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        if form.answer == "yes":
            offer_id = await accept_ask(
                work, ask_id, words=form.words, contact=form.contact, contact_named=form.contact_for
            )
            return web.see(request, f"/offers/{offer_id}", said="answered-yes")
        if form.answer == "not_now":
            await decline_ask(work, ask_id)
        else:
            config = config_of(web.kit(request).settings)
            await decline_for_another(work, ask_id, config=config, instead=form.instead)
    said = "instead" if form.answer == "not_me" and form.instead else form.answer
    return web.see(request, f"/asks/{ask_id}", said=f"answered-{said}")


async def show_own_asks(request: Request) -> Response:
    """What I was asked, and what I said."""
    web.require_account(request, next_path="/account/asks")
    async with web.reading(request) as work:
        shown = {"asks": await own_asks(work), "a_week": await own_asks_a_week(work)}
    return web.page(request, "matching/own.html", shown, headers={"Cache-Control": "private, no-store"})


ROUTES = [
    Route("/account/asks", show_own_asks, name="show_own_asks"),
    Route("/asks/{id:int}", show_ask, name="show_ask"),
    web.form_at("/asks/{id:int}/answer", "/asks/{id}", name="show_answer_form"),
    Route("/asks/{id:int}/answer", create_answer, methods=["POST"], name="create_answer"),
]
