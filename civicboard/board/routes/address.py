"""What an address asks a page for. What makes no sense there is left out, so that no address is an error."""

from __future__ import annotations

from starlette.requests import Request

from civicboard.board.queries import SORTS, Filter
from civicboard.kit import web
from civicboard.offers.models import NEED_KINDS
from civicboard.problems.models import STAGES


def read_filter(request: Request) -> Filter:
    """Which notices, and in what order."""
    given = request.query_params
    return Filter(
        place=one_line(given.get("place", ""), 80),
        stage=given.get("stage", "") if given.get("stage") in STAGES else "",
        tag=one_line(given.get("tag", ""), 30).lower(),
        needs=given.get("needs") == "1",
        need=given.get("need", "") if given.get("need") in NEED_KINDS else "",
        mine=given.get("mine") == "1" and web.viewer(request).signed_in,
        sort=given.get("sort", "moved") if given.get("sort") in SORTS else "moved",
        after=given.get("after", "")[:40],
    )


def one_line(text: str, most: int) -> str:
    """``text`` without line breaks and double spaces, cut off after ``most`` characters."""
    return " ".join(text.split())[:most]
