"""Errors as pages that a person can read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from civicboard.kit import web
from civicboard.kit.forms import Invalid
from civicboard.kit.work import Conflict, Missing, Refused, Unfit

log = structlog.get_logger()

TITLES: dict[int, tuple[str, str]] = {
    400: (
        "That could not be read",
        "Something in the request is not as it should be. Go back and try again.",
    ),
    403: ("That is not yours to do", "You can read everything here, but this deed belongs to somebody else."),
    404: ("There is nothing here", "It may never have been here, or the address may have a slip in it."),
    405: ("Not like this", "This address does something else. Go back and use the button on the page."),
    409: ("It has changed meanwhile", "Somebody, perhaps you in another tab, was faster."),
    413: ("That is too large", "Please send less at once."),
    422: (
        "Please look at this again",
        "Something could not be used as it is. Go back and have another look.",
    ),
    429: ("A little slower, please", "That was a lot in a short time."),
    500: ("Something broke on our side", "It was not your doing, and it has been noted. Please try again."),
    503: (
        "The board is catching its breath",
        "Please try again in a minute. What you posted before is safe.",
    ),
}


def error_page(request: Request, status: int, words: str = "", *, headers: dict[str, str] | None = None) -> Response:
    """A readable page for an error. A script that asked gets the same page, which htmx shows."""
    title, usual = TITLES.get(status, TITLES[400 if status < 500 else 500])
    next_step = [("/", "Go to the board"), ("/search", "Search")]
    try:
        response: Response = web.page(
            request,
            "kit/error.html",
            {"status": status, "title": title, "words": words or usual, "next_step": next_step},
            status=status,
            headers=headers,
        )
    except Exception as error:  # not even the page can be made: say it in words alone
        log.error("error_page_failed", error=repr(error))
        return PlainTextResponse(f"{title}. {words or usual}", status, headers=headers)
    response.headers["Cache-Control"] = "no-store"
    if web.by_htmx(request) and status != 422:
        # A script wanted a piece of a page; the whole error page in its place would be a page within a page.
        return HTMLResponse(
            web.kit(request).pages.render("kit/_refused.html", {"title": title, "words": words or usual}),
            status,
            headers={
                "Cache-Control": "no-store",
                "HX-Retarget": "#announcer",
                "HX-Reswap": "innerHTML",
                # The form's own hx-select looks for a piece that a refusal hasn't got.
                "HX-Reselect": ".flash",
                **(headers or {}),
            },
        )
    return response


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, words: str) -> None:
    """The same, for what is turned away before it reaches a handler."""
    request = Request(scope, receive)
    retry = scope.get("state", {}).get("retry_after")
    response = error_page(request, status, words, headers={"Retry-After": str(retry)} if retry else None)
    await response(scope, receive, send)


async def _refused(request: Request, error: Exception) -> Response:
    return error_page(request, 403, error.words if isinstance(error, Refused) else "")


async def _missing(request: Request, error: Exception) -> Response:
    return error_page(request, 404)


async def _conflict(request: Request, error: Exception) -> Response:
    return error_page(request, 409, error.words if isinstance(error, Conflict) else "")


async def _invalid(request: Request, error: Exception) -> Response:
    words = " ".join(error.state.errors.values()) if isinstance(error, Invalid) else ""
    words = error.words if isinstance(error, Unfit) else words
    return error_page(request, 422, words)


async def _too_many(request: Request, error: Exception) -> Response:
    assert isinstance(error, web.TooMany)  # it is registered for nothing else
    # A script has not let go of the form; everybody else finds it by going back.
    lost = request.method not in ("GET", "HEAD") and not web.by_htmx(request)
    words = f"{error.words} Go back, and what you wrote is there." if lost else error.words
    return error_page(request, 429, words, headers={"Retry-After": str(error.retry_after)})


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # it is registered for nothing else
    return error_page(request, error.status_code, headers=dict(error.headers or {}))


async def _database_away(request: Request, error: Exception) -> Response:
    log.error("database_away", error=type(error).__name__, detail=str(error)[:300])
    return error_page(request, 503, headers={"Retry-After": "5"})


#: What passes without anybody mending the board: it is full, starting, being restored, or somebody else was faster.
_PASSES = (
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TransactionRollbackError,
)


async def _database_refused(request: Request, error: Exception) -> Response:
    """The database couldn't do it: text it can't hold is the sender's, a full disk or a lost connection is ours."""
    raw = isinstance(error, asyncpg.PostgresError)
    cause = error if raw else getattr(getattr(error, "orig", None), "__cause__", None)
    # The driver says of a number past 64 bits, before it sends it, that it is a ValueError.
    if isinstance(cause, (asyncpg.DataError, ValueError)):
        return error_page(request, 400)
    if isinstance(error, (OperationalError, InterfaceError)) or isinstance(cause, _PASSES):
        return await _database_away(request, error)
    return await broken(request, error)


async def broken(request: Request, error: Exception) -> Response:
    log.error("unhandled", path=request.url.path, error=repr(error), exc_info=error)
    return error_page(request, 500)


HANDLERS: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    Refused: _refused,
    Missing: _missing,
    Conflict: _conflict,
    Invalid: _invalid,
    Unfit: _invalid,
    web.TooMany: _too_many,
    HTTPException: _http,
    PoolTimeout: _database_away,
    # No socket, no connection, no room on the disk.
    OSError: _database_away,
    DBAPIError: _database_refused,
    asyncpg.PostgresError: _database_refused,
    Exception: broken,
}
