"""Reading about organisations."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.organisations.models import MANY
from civicboard.organisations.queries import (
    find_organisation,
    is_steward,
    organisations_all,
    organisations_within,
    people_of,
    requests_at,
)


async def show_organisations(request: Request) -> Response:
    """Every organisation on the board, by what it is."""
    async with web.reading(request) as work:
        found = await organisations_all(work)
    kinds = [(words, [one for one in found if one.kind == kind]) for kind, words in MANY.items()]
    return web.page(request, "organisations/organisations.html", {"kinds": [kind for kind in kinds if kind[1]]})


async def show_organisation(request: Request) -> Response:
    """One organisation: what it is, its people, what it is part of; for its stewards also who asks."""
    async with web.reading(request) as work:
        organisation = await find_organisation(work, request.path_params["slug"])
        people = await people_of(work, organisation.id)
        within = await organisations_within(work, organisation.id)
        stewards = await is_steward(work, organisation.id)
        requests = await requests_at(work, organisation.id)
    mine = web.viewer(request).id
    return web.page(
        request,
        "organisations/organisation.html",
        {
            "organisation": organisation,
            "people": people,
            "within": within,
            "stewards": stewards,
            "requests": requests,
            "belongs": any(one.person_id == mine for one in people),
        },
        has_form=stewards,
    )


ROUTES = [
    Route("/organisations", show_organisations, name="show_organisations"),
    Route("/organisations/{slug}", show_organisation, name="show_organisation"),
]
