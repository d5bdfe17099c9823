"""The browser's own cookie: it binds drafts and a sign-in under way to one browser, before anybody has an account.

The database knows a browser by the hash of its token. A door that finds what is kept asks for ``known_browser_hash``,
which gives no cookie to whoever brought none; a door that keeps something asks for ``browser_hash``, which does.
"""

from __future__ import annotations

import hashlib

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from civicboard.kit.safety import new_browser
from civicboard.kit.web.asking import kit
from civicboard.settings import Settings


def cookie_name(settings: Settings, name: str) -> str:
    return f"__Host-{name}" if settings.secure else name


def hashed(token: str) -> str:
    """What the database keeps of a token that only its holder knows."""
    return hashlib.sha256(token.encode()).hexdigest()


def browser(connection: HTTPConnection) -> str:
    """The token of this browser, which it may be about to get with this response."""
    state = connection.state
    if not hasattr(state, "browser"):
        state.browser = _brought(connection)
    if not state.browser:
        state.browser = new_browser()
        state.new_browser = True
    token: str = state.browser
    return token


def browser_hash(connection: HTTPConnection) -> str:
    """What the database knows this browser by, also one that gets its cookie only with this response."""
    return hashed(browser(connection))


def known_browser_hash(connection: HTTPConnection) -> str | None:
    """What the database knows this browser by; None for one that brought no cookie, and so has nothing kept here."""
    token = _brought(connection)
    return hashed(token) if token else None


def _brought(connection: HTTPConnection) -> str:
    token = connection.cookies.get(cookie_name(kit(connection).settings, "browser"), "")
    return token if 32 <= len(token) <= 64 and token.isascii() else ""


def remember_browser(request: Request, response: Response) -> None:
    if getattr(request.state, "new_browser", False):
        keep_cookie(response, kit(request).settings, "browser", request.state.browser)


def keep_cookie(response: Response, settings: Settings, name: str, value: str, *, days: int = 365) -> None:
    response.set_cookie(
        cookie_name(settings, name),
        value,
        max_age=days * 86400,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, settings: Settings, name: str) -> None:
    response.delete_cookie(cookie_name(settings, name), path="/", secure=settings.secure, httponly=True, samesite="lax")
