"""What these doors read from addresses."""

from __future__ import annotations

from starlette.requests import Request

HERE = "/problems/{number:int}/network"


def number_in(request: Request, name: str) -> int | None:
    """A number in the query; None when there is none, or something else."""
    given = request.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None
