"""The first sign-in: somebody has proved who they are, and says what to call them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.people import actions, queries
from civicboard.people.forms import NewAccount
from civicboard.people.routes.signing_in import new_token, signed_in
from civicboard.places.queries import choices, find_place_chosen, places_all


async def show_new_account(request: Request) -> Response:
    """Ask the newcomer for a name, a handle and a place, with suggestions from what the provider told."""
    browser = web.known_browser_hash(request)
    async with web.reading(request) as work:
        newcomer = await queries.find_newcomer(work, browser) if browser else None
        if newcomer is None:
            return web.see(request, "/account" if web.viewer(request).signed_in else "/login")
        proof = newcomer.proof
        handle = await queries.free_handle(work, proof.handle_hint or proof.name)
        places = await places_all(work)
    context = {
        "form": web.form_state(request, "new-account", lambda: {"name": proof.name[:80], "handle": handle}),
        "label": proof.label,
        "places": choices(places),
    }
    return web.page(request, "people/new_account.html", context, has_form=True)


@web.otherwise(show_new_account, form="new-account")
async def create_account(request: Request) -> Response:
    """Make the account and sign the browser in to it, in one deed."""
    await web.limit(request, "sign_in")
    form = await NewAccount.read(request)
    browser_hash, token = web.known_browser_hash(request) or "", new_token()
    async with web.writing(request) as work:
        newcomer = await queries.find_newcomer(work, browser_hash, lock=True)
        if newcomer is None:
            return web.see(request, "/login")
        await actions.join(
            work,
            newcomer,
            browser_hash=browser_hash,
            name=form.name,
            handle=form.handle,
            place_id=await find_place_chosen(work, form.place),
            token_hash=web.hashed(token),
            user_agent=request.headers.get("User-Agent", ""),
        )
    return signed_in(request, token, newcomer.next, said="welcome")


ROUTES = [
    Route("/account/new", show_new_account, methods=["GET"], name="show_new_account"),
    Route("/account/new", create_account, methods=["POST"], name="create_account"),
]
