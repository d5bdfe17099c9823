"""What these doors ask first."""

from __future__ import annotations

from starlette.requests import Request

from civicboard.kit import web

HERE = "/problems/{number:int}/network"


async def let_in(request: Request, number: int, *, at: str = "", draft: str = "") -> None:
    web.require_account(request, next_path=f"/problems/{number}/network{at}", draft=draft)
    await web.limit(request, "tap")


def number_in(request: Request, name: str) -> int | None:
    given = request.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None
