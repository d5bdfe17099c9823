"""A person's own account: who they are, where they are signed in, and with what."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.forms import FormState
from civicboard.people import actions, queries
from civicboard.people.forms import EditProfile
from civicboard.people.fragments import identity_lines, session_lines
from civicboard.people.queries import Profile
from civicboard.people.routes.signing_in import IDENTITIES, gateway
from civicboard.places.queries import choices, find_place_chosen, places_all

SESSIONS = "/account#sessions"


async def show_account(request: Request) -> Response:
    """The account page of the person who asks."""
    who = web.require_account(request, next_path="/account")
    async with web.reading(request) as work:
        profile = await queries.find_profile(work)
        sessions = await queries.own_sessions(work)
        identities = await queries.own_identities(work)
        places = await places_all(work)
        blocks = await queries.own_blocks(work)
    providers = gateway(request).providers
    context = {
        "handle": profile.handle,
        "form": web.form_state(request, "profile", lambda: _values(profile)),
        "places": choices(places),
        "sessions": session_lines(sessions, who.session_id),
        "identities": identity_lines(identities, providers),
        "providers": list(providers.values()),
        "adding": FormState(),
        "blocks": blocks,
    }
    return web.page(request, "people/account.html", context, has_form=True)


def _values(profile: Profile) -> dict[str, Any]:
    return {**asdict(profile), "shows_presence": "yes" if profile.shows_presence else ""}


@web.otherwise(show_account, form="profile")
async def update_account(request: Request) -> Response:
    """Change the profile."""
    web.require_account(request, next_path="/account")
    form = await EditProfile.read(request)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await actions.update_profile(
            work,
            name=form.name,
            about=form.about,
            place_id=await find_place_chosen(work, form.place),
            shows_presence=form.shows_presence == "yes",
        )
    return web.see(request, "/account", said="profile-saved")


async def destroy_session(request: Request) -> Response:
    """Sign out of one browser."""
    web.require_account(request, next_path=SESSIONS)
    async with web.writing(request) as work:
        await actions.end_session(work, request.path_params["session"])
    return web.see(request, SESSIONS, said="session-ended")


async def destroy_other_sessions(request: Request) -> Response:
    """Sign out of every browser but this one."""
    web.require_account(request, next_path=SESSIONS)
    async with web.writing(request) as work:
        await actions.end_other_sessions(work)
    return web.see(request, SESSIONS, said="others-ended")


async def destroy_identity(request: Request) -> Response:
    """Remove one way to sign in."""
    web.require_account(request, next_path=IDENTITIES)
    async with web.writing(request) as work:
        await actions.remove_identity(work, request.path_params["identity"])
    return web.see(request, IDENTITIES, said="identity-removed")


ROUTES = [
    Route("/account", show_account, methods=["GET"], name="show_account"),
    Route("/account", update_account, methods=["POST"], name="update_account"),
    Route("/account/sessions/{session:int}", destroy_session, methods=["DELETE"], name="destroy_session"),
    Route("/account/sessions", destroy_other_sessions, methods=["DELETE"], name="destroy_other_sessions"),
    Route("/account/identities/{identity:int}", destroy_identity, methods=["DELETE"], name="destroy_identity"),
]
