"""The board: every problem as a notice."""

from __future__ import annotations

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.board.queries import PAGE, SORTS, Key, board_frame, cards_on, stage_names, suggested
from civicboard.board.routes.address import read_filter
from civicboard.board.routes.kept import Kind, kept_notice, kept_rows
from civicboard.kit import web
from civicboard.kit.web import page, reading
from civicboard.offers.models import NEED_KINDS
from civicboard.places.queries import PlaceRow, choices
from civicboard.posts.queries import latest_posts

#: How old the places and tags may be that the form above the board suggests.
FORM_SECONDS = 5.0

_SAID = Kind("posts/_said.html", "said", lambda said: said.key)


async def show_board(request: Request) -> Response:
    """Every problem as a notice, the newest movement first."""
    return await web.shared(request, lambda: _show_board(request))


async def _show_board(request: Request) -> Response:
    pages = web.kit(request).pages
    notices: dict[object, Markup] = {}

    def known(key: Key) -> bool:
        html = pages.found("board/_notice.html", key)
        if html is not None:
            notices[key[0]] = html
        return html is not None

    wanted = read_filter(request)
    async with reading(request) as work:
        cursor, said = await board_frame(work)
        found = await cards_on(work, wanted, known=known)
        latest = await kept_rows(request, _SAID, said, lambda: latest_posts(work))
    places, tags = await _suggestions(request)
    notices |= {card.problem.id: kept_notice(request, card) for card in found.cards}
    return page(
        request,
        "board/board.html",
        {
            "cursor": cursor,
            "notices": [notices[number] for number, *_ in found.keys if number in notices],
            "wanted": wanted,
            "next": found.next,
            "places": choices(places),
            "within": [place.slug for place in places if place.id in found.places],
            "place": next((place for place in places if place.slug == wanted.place), None),
            "tags": tags,
            "latest": latest,
            "stages": stage_names(),
            "needs": list(NEED_KINDS.items()),
            "sorts": list(SORTS.items()),
            "page_size": PAGE,
        },
    )


async def _suggestions(request: Request) -> tuple[list[PlaceRow], list[str]]:
    """The places and tags that the form offers, which change seldom."""

    async def read() -> tuple[list[PlaceRow], list[str]]:
        async with web.kit(request).desk.reading() as work:
            return await suggested(work)

    return await web.kit(request).desk.recent.get("suggestions", read, seconds=FORM_SECONDS)


ROUTES = [Route("/", show_board, name="show_board")]
