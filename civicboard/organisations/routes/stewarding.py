"""What the stewards of an organisation do: answer who asks, end an affiliation, name another steward."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.organisations import actions
from civicboard.organisations.forms import Confirmation, NotConfirmed
from civicboard.organisations.policy import may_steward
from civicboard.organisations.queries import find_request, is_steward

web.FLASHES["affiliation-confirmed"] = "You have confirmed them. It stands beside their name from now on."
web.FLASHES["affiliation-declined"] = "You have said no. They see your word on their account."
web.FLASHES["affiliation-ended"] = "They no longer belong here. It stands beside their name nowhere any more."
web.FLASHES["steward-named"] = "They look after this organisation’s people now, as you do."

PERSON = "/organisations/{slug}/people/{affiliation:int}"
REQUEST = "/organisations/{slug}/requests/{id:int}"


async def show_request(request: Request) -> Response:
    """What somebody asked: for them and the stewards, who find the forms to answer it."""
    web.require_account(request, next_path=_here(request))
    async with web.reading(request) as work:
        asked = await find_request(work, request.path_params["slug"], request.path_params["id"])
        stewards = await is_steward(work, asked.organisation_id)
    return web.page(
        request,
        "organisations/request.html",
        {
            "asked": asked,
            "may_answer": not asked.answer and may_steward(web.viewer(request), stewards),
            "confirmation": web.form_state(request, "confirmation"),
            "refusal": web.form_state(request, "refusal"),
        },
        has_form=True,
    )


@web.otherwise(show_request, form="confirmation", conflict=True)
async def create_request_confirmation(request: Request) -> Response:
    web.require_account(request, next_path=_here(request))
    form = await Confirmation.read(request)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await actions.confirm_request(work, *_named(request), words=form.words)
    return web.see(request, _organisation(request), said="affiliation-confirmed")


@web.otherwise(show_request, form="refusal", conflict=True)
async def create_request_refusal(request: Request) -> Response:
    web.require_account(request, next_path=_here(request))
    form = await NotConfirmed.read(request)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await actions.decline_request(work, *_named(request), words=form.reason)
    return web.see(request, _organisation(request), said="affiliation-declined")


async def destroy_membership(request: Request) -> Response:
    """End somebody's affiliation."""
    web.require_account(request, next_path=_organisation(request))
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await actions.end_affiliation(work, request.path_params["slug"], request.path_params["affiliation"])
    return web.see(request, _organisation(request), said="affiliation-ended")


async def create_steward(request: Request) -> Response:
    """Name another steward."""
    web.require_account(request, next_path=_organisation(request))
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await actions.name_steward(work, request.path_params["slug"], request.path_params["affiliation"])
    return web.see(request, _organisation(request), said="steward-named")


def _organisation(request: Request) -> str:
    return f"/organisations/{request.path_params['slug']}"


def _named(request: Request) -> tuple[str, int]:
    return request.path_params["slug"], request.path_params["id"]


def _here(request: Request) -> str:
    return f"{_organisation(request)}/requests/{request.path_params['id']}"


ROUTES = [
    Route(REQUEST, show_request, name="show_request"),
    web.form_at(f"{REQUEST}/confirmation", "/organisations/{slug}/requests/{id}", name="show_confirmation_form"),
    Route(
        f"{REQUEST}/confirmation",
        create_request_confirmation,
        methods=["POST"],
        name="create_request_confirmation",
    ),
    web.form_at(f"{REQUEST}/refusal", "/organisations/{slug}/requests/{id}", name="show_no_confirmation_form"),
    Route(f"{REQUEST}/refusal", create_request_refusal, methods=["POST"], name="create_request_refusal"),
    Route(PERSON, destroy_membership, methods=["DELETE"], name="destroy_membership"),
    Route(f"{PERSON}/steward", create_steward, methods=["POST"], name="create_steward"),
]
