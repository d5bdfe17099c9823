"""One's own offers, and the hours in them: a person's own to see."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.offers.queries import offers_by, own_hours


async def show_own_offers(request: Request) -> Response:
    """What I offer, what became of it, and the hours promised and given."""
    who = web.require_account(request, next_path="/account/offers")
    assert who.id is not None  # it has just said so
    async with web.reading(request) as work:
        offers = await offers_by(work, who.id)
        hours = await own_hours(work)
    groups = (
        ("Waiting for an answer", [one for one in offers if one.state == "waiting"]),
        ("Welcomed", [one for one in offers if one.state == "welcomed"]),
        ("Ended", [one for one in offers if one.state == "ended"]),
        ("Came to nothing", [one for one in offers if one.state in ("declined", "withdrawn", "unanswered")]),
    )
    return web.page(request, "offers/own.html", {"groups": groups, "hours": hours, "offers": offers})


ROUTES = [Route("/account/offers", show_own_offers, name="show_own_offers")]
