"""Signing out: here, at the provider, and because the provider says so."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.forms import typed
from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Refused
from civicboard.people import actions, queries
from civicboard.people.gateway import ProviderDown, SignInFailed
from civicboard.people.routes.signing_in import gateway, lead_to


async def create_sign_out(request: Request) -> Response:
    """Sign out of this browser, which forgets its drafts; then at the provider, where that can be done."""
    browser, held = web.known_browser_hash(request), gateway(request)
    async with web.writing(request) as work:
        by = await queries.find_signed_in_by(work)
        await actions.end_this_session(work)
        if browser and web.viewer(request).signed_in:
            await actions.drop_drafts(work, browser_hash=browser)
    url = None
    if by is not None and by.id_token:
        url = await held.logout_url(by.provider, id_token=by.id_token, back_to=f"{held.origin}/")
    request.scope["viewer"] = NOBODY
    if by is not None and url:
        response = lead_to(request, url, held.providers[by.provider].label, leaving=True)
    else:
        response = web.see(request, "/", said="signed-out")
    settings = web.kit(request).settings
    web.drop_cookie(response, settings, "session")
    # The next person at this computer gets a browser cookie of their own.
    web.drop_cookie(response, settings, "browser")
    return response


async def create_provider_sign_out(request: Request) -> Response:
    """A provider tells that somebody signed out there (OIDC Back-Channel Logout 1.0).

    200 when done, 400 for a token that proves nothing, 503 when that can't be found out now.
    """
    token = (await typed(request)).get("logout_token", "")
    status, words = 200, ""
    try:
        told = await gateway(request).read_logout_token(request.path_params["provider"], token)
        async with web.writing(request) as work:
            await actions.end_provider_sessions(
                work, issuer=told.issuer, subject=told.subject, sid=told.sid, jti=told.jti
            )
    except ProviderDown as error:
        status, words = 503, str(error)
    except SignInFailed as error:
        status, words = 400, str(error)
    except Refused as refused:
        status, words = 400, refused.words
    return PlainTextResponse(words, status_code=status, headers={"Cache-Control": "no-store"})


ROUTES = [
    Route("/logout", create_sign_out, methods=["POST"], name="create_sign_out"),
    Route(
        "/login/{provider}/logout",
        create_provider_sign_out,
        methods=["POST"],
        name="create_provider_sign_out",
    ),
]
