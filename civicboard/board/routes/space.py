"""What this place is, and what people here agree to."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit.web import page


async def show_space(request: Request) -> Response:
    return page(request, "board/space.html", {})


ROUTES = [Route("/about/space", show_space, name="show_space")]
