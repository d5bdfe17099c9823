"""A person's page: who they are, what they can do and lend, what they have offered and posted."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.offers.queries import offers_by
from civicboard.organisations.queries import affiliations_of
from civicboard.people.queries import find_block
from civicboard.problems.queries import problems_by
from civicboard.skills.queries import find_neighbour


async def show_person(request: Request) -> Response:
    async with web.reading(request) as work:
        person = await find_neighbour(work, request.path_params["handle"])
        offers = await offers_by(work, person.id)
        problems = await problems_by(work, person.id)
        affiliations = await affiliations_of(work, person.id)
        blocks = await find_block(work, person.id)
    return web.page(
        request,
        "board/person.html",
        {
            "person": person,
            "offers": offers,
            "problems": problems,
            "affiliations": affiliations,
            "is_own": web.viewer(request).id == person.id,
            "blocks": blocks,
        },
    )


ROUTES = [Route("/people/{handle}", show_person, name="show_person")]
