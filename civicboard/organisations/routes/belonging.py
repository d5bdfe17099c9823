"""Where the person who asks belongs: joining, asking, leaving."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.organisations import actions
from civicboard.organisations.forms import Belonging
from civicboard.organisations.models import ROLES
from civicboard.organisations.policy import ROLES_IN
from civicboard.organisations.queries import affiliations_of, confirmable, find_organisation, own_requests
from civicboard.places.queries import choices, find_place_chosen, places_all

web.FLASHES["affiliation-joined"] = "You belong there now. It stands beside your name, wherever you write."
web.FLASHES["affiliation-changed"] = "Your title is saved."
web.FLASHES["affiliation-asked"] = "You have asked. Somebody there confirms it, or says why not, and you see it here."
web.FLASHES["affiliation-left"] = "You have left. It no longer stands beside your name anywhere."

ADDRESS = "/account/affiliations"


async def show_affiliations(request: Request) -> Response:
    """Where I belong, where I could say so at once, and what I have asked."""
    who = web.require_account(request, next_path=ADDRESS)
    assert who.id is not None  # somebody with an account has an id
    async with web.reading(request) as work:
        context = {
            "mine": await affiliations_of(work, who.id),
            "confirmable": await confirmable(work),
            "requests": await own_requests(work),
        }
    return web.page(request, "organisations/affiliations.html", context, has_form=True)


async def show_new_affiliation(request: Request) -> Response:
    """The form: what I am at this organisation, filled in with what I have said before."""
    who = web.require_account(request, next_path=request.url.path)
    assert who.id is not None  # somebody with an account has an id
    async with web.reading(request) as work:
        organisation = await find_organisation(work, request.path_params["slug"])
        mine = next((one for one in await affiliations_of(work, who.id) if one.slug == organisation.slug), None)
        asked = next((one for one in await own_requests(work) if one.slug == organisation.slug), None)
        at_once = next((one for one in await confirmable(work) if one.slug == organisation.slug), None)
        places = [place for place in await places_all(work) if place.kind == "ward"]
    roles = ROLES_IN[organisation.kind]
    known = mine or asked

    def values() -> dict[str, str]:
        if known is None:
            return {"role": roles[0]}
        return {"role": known.role, "place": known.ward_slug or "", "title": known.title}

    return web.page(
        request,
        "organisations/affiliation.html",
        {
            "organisation": organisation,
            "form": web.form_state(request, "affiliation", values),
            "roles": [(role, ROLES[role]) for role in roles],
            "wards": choices(places) if "councillor" in roles else [],
            "mine": mine,
            "at_once": at_once,
            "asked": asked if asked is not None and not asked.answer else None,
        },
        has_form=True,
    )


@web.otherwise(show_new_affiliation, form="affiliation")
async def create_affiliation(request: Request) -> Response:
    slug = request.path_params["slug"]
    web.require_account(request, next_path=f"/organisations/{slug}/affiliation")
    form = await Belonging.read(request)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        came = await actions.belong(
            work,
            slug,
            role=form.role,
            title=form.title,
            ward_id=await find_place_chosen(work, form.place),
            words=form.words,
        )
    return web.see(request, ADDRESS, said=f"affiliation-{came}")


async def destroy_affiliation(request: Request) -> Response:
    """Leave, or take back what one asked."""
    web.require_account(request, next_path=ADDRESS)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await actions.leave(work, request.path_params["slug"])
    return web.see(request, ADDRESS, said="affiliation-left")


ROUTES = [
    Route(ADDRESS, show_affiliations, name="show_affiliations"),
    Route("/organisations/{slug}/affiliation", show_new_affiliation, methods=["GET"], name="show_new_affiliation"),
    Route("/organisations/{slug}/affiliation", create_affiliation, methods=["POST"], name="create_affiliation"),
    Route("/organisations/{slug}/affiliation", destroy_affiliation, methods=["DELETE"], name="destroy_affiliation"),
]
