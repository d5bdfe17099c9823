"""Between a request and the house: whose request it is, beginning work, and answering with a page or a partial."""

from __future__ import annotations

import functools
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, ParamSpec
from urllib.parse import urlencode

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from civicboard.kit import outbox
from civicboard.kit.assets import Assets
from civicboard.kit.forms import FormState, Invalid, typed
from civicboard.kit.limits import Rates
from civicboard.kit.links import safe_next
from civicboard.kit.partials import Fragment, Pages
from civicboard.kit.safety import address_key, client_address, csrf_token
from civicboard.kit.text import render
from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.kit.work import Conflict, Desk, Unfit, Work
from civicboard.settings import Settings

P = ParamSpec("P")
Handler = Callable[[Request], Awaitable[Response]]

SESSION_DAYS = 60
#: How old a page for strangers may be.
SHARED_SECONDS = 1.0
#: So many events later at the latest, it has another tag.
EVENTS_A_TAG = 50


@dataclass
class Kit:
    """What the application holds for its whole life; it stands in ``app.state.kit``."""

    settings: Settings
    desk: Desk
    pages: Pages
    assets: Assets
    rates: Rates
    #: Objects of the features that live as long as the application, by name (the sign-in gateway, the hub).
    parts: dict[str, Any] = field(default_factory=dict)


class TooMany(Exception):
    """Somebody does a thing too often. ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class SignInFirst(Exception):
    """The deed needs an account. What was typed is kept as the draft ``draft``; ``next`` is where to come back to."""

    def __init__(self, next_path: str, *, draft: str = "") -> None:
        super().__init__(next_path)
        self.next = next_path
        self.draft = draft


def kit(connection: HTTPConnection) -> Kit:
    held: Kit = connection.app.state.kit
    return held


def viewer(connection: HTTPConnection) -> Viewer:
    """Whose request this is; NOBODY when signed out."""
    found: Viewer = connection.scope.get("viewer", NOBODY)
    return found


def reading(connection: HTTPConnection) -> AbstractAsyncContextManager[Work]:
    return kit(connection).desk.reading(viewer(connection))


def writing(connection: HTTPConnection) -> AbstractAsyncContextManager[Work]:
    return kit(connection).desk.writing(viewer(connection))


def require_account(request: Request, *, next_path: str, draft: str = "") -> Viewer:
    """The signed-in person. Raises SignInFirst, which keeps what was typed and comes back to ``next_path``."""
    who = viewer(request)
    if not who.signed_in:
        raise SignInFirst(next_path, draft=draft)
    return who


def by_htmx(request: Request) -> bool:
    """Whether a script asks for a piece of the page, and not a person for the whole of it."""
    return request.headers.get("HX-Request") == "true"


# The browser's own cookie: it binds drafts and a sign-in under way to one browser, before anybody has an account.


def cookie_name(settings: Settings, name: str) -> str:
    return f"__Host-{name}" if settings.secure else name


def hashed(token: str) -> str:
    """What the database keeps of a token that only its holder knows."""
    return hashlib.sha256(token.encode()).hexdigest()


def browser(connection: HTTPConnection) -> str:
    """The token of this browser, which it may be about to get with this response."""
    state = connection.state
    if not hasattr(state, "browser"):
        given = connection.cookies.get(cookie_name(kit(connection).settings, "browser"), "")
        state.browser = given if 32 <= len(given) <= 64 and given.isascii() else ""
    if not state.browser:
        state.browser = secrets.token_urlsafe(32)
        state.new_browser = True
    token: str = state.browser
    return token


def known_browser(connection: HTTPConnection) -> str | None:
    """The token of a browser that brought one; None for one that has nothing kept here."""
    token = connection.cookies.get(cookie_name(kit(connection).settings, "browser"), "")
    return token if 32 <= len(token) <= 64 and token.isascii() else None


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


# Answers


def base_context(request: Request) -> dict[str, Any]:
    """What every page's frame needs, and nothing that a partial may lean on."""
    held = kit(request)
    who = viewer(request)
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return {
        "viewer": who if who.signed_in else None,
        "board_name": held.settings.board_name,
        "path": path,
        "asset": held.assets.url,
        "csrf": csrf_token(held.settings.secret, browser(request)) if who.signed_in else "",
        "flash": FLASHES.get(request.query_params.get("said", "")),
        "cursor": "",
        "origin": held.settings.origin,
    }


#: Short things a page says once after a redirect. They are named in the address, so nobody can make it say others.
FLASHES: dict[str, str] = {}


def page(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    has_form: bool = False,
) -> HTMLResponse:
    """A whole page. ``has_form`` gives the browser its own cookie, so that what is typed can be kept for it."""
    full = base_context(request)
    if has_form and not full["csrf"]:
        full["csrf"] = csrf_token(kit(request).settings.secret, browser(request))
    full.update(context)
    request.state.cursor = full["cursor"]
    response = HTMLResponse(kit(request).pages.render(template, full), status_code=status, headers=headers)
    invalid: tuple[str, FormState] | None = getattr(request.state, "invalid", None)
    if invalid is not None and invalid[1].errors and status == 200:
        response.status_code = 409 if getattr(request.state, "conflict", False) else 422
    response.headers.setdefault("Cache-Control", "private, no-cache")
    remember_browser(request, response)
    return response


async def shared(request: Request, make: Callable[[], Awaitable[Response]]) -> Response:
    """A page for strangers, made for all who ask for the same address within a second.

    Whoever brings a cookie gets a page of their own: only then may it hold anything of theirs.
    """
    if request.method != "GET" or viewer(request).signed_in or by_htmx(request):
        return await make()
    if any(name == b"cookie" for name, _ in request.scope["headers"]):
        return await make()
    key = (request.scope["path"], request.scope["query_string"])
    recent = kit(request).desk.recent
    body, headers, tag = await recent.get(key, lambda: _to_share(request, make), seconds=SHARED_SECONDS)
    unchanged = request.headers.get("If-None-Match") == tag
    response = Response(status_code=304) if unchanged else Response(body)
    response.raw_headers = [*headers, (b"etag", tag.encode())]
    if not unchanged:
        response.raw_headers.append((b"content-length", str(len(body)).encode()))
    return response


async def _to_share(
    request: Request, make: Callable[[], Awaitable[Response]]
) -> tuple[bytes, list[tuple[bytes, bytes]], str]:
    """The page's body, headers and tag.

    The cursor changes with every transaction, and an older one only makes the page catch up. So the tag leaves it out,
    but changes long before there would be too much to catch up on: then the page fetches itself, and must not be told
    that nothing has changed.
    """
    async with kit(request).desk.reading() as work:
        ((newest,),) = await work.fetch(outbox.NEWEST)
    response = await make()
    # A page that is somebody's own has a cookie for them, and no business here.
    if response.status_code != 200 or "set-cookie" in response.headers:
        raise RuntimeError("A page for strangers must be a page, and nobody's own.")
    body = bytes(response.body)
    headers = [(name, value) for name, value in response.raw_headers if name != b"content-length"]
    cursor = str(request.state.cursor)
    same = body.replace(cursor.encode(), cursor.rpartition(".")[0].encode())
    mark = hashlib.blake2b(same, digest_size=12, salt=(newest // EVENTS_A_TAG % 2**32).to_bytes(4)).hexdigest()
    return body, headers, f'"{mark}"'


def remember_browser(request: Request, response: Response) -> None:
    if getattr(request.state, "new_browser", False):
        keep_cookie(response, kit(request).settings, "browser", request.state.browser)


def see(request: Request, path: str, *, said: str = "") -> Response:
    """Go and look at ``path`` (303), also for a script; ``said`` names a flash."""
    path = safe_next(path)
    if said:
        at, hash_mark, fragment = path.partition("#")
        path = f"{at}{'&' if '?' in at else '?'}{urlencode({'said': said})}{hash_mark}{fragment}"
    response: Response
    if by_htmx(request):
        response = Response(status_code=204, headers={"HX-Redirect": path})
        response.status_code = 200
    else:
        response = RedirectResponse(path, status_code=303)
    response.headers["Cache-Control"] = "no-store"
    remember_browser(request, response)
    return response


def show(request: Request, *fragments: Fragment, then: str, said: str = "") -> Response:
    """Answer a deed: the pieces that changed for a script, the page where they stand for everybody else."""
    if not by_htmx(request):
        return see(request, then, said=said)
    html = "".join(kit(request).pages.envelope(fragment) for fragment in fragments)
    response = HTMLResponse(html, headers={"Cache-Control": "no-store"})
    remember_browser(request, response)
    return response


def form_state(request: Request, name: str, values: Callable[[], Mapping[str, Any]] = dict) -> FormState:
    """The state that form ``name`` of this page starts with: what was just typed wrongly, or ``values``."""
    invalid: tuple[str, FormState] | None = getattr(request.state, "invalid", None)
    if invalid is not None and invalid[0] == name:
        return invalid[1]
    return FormState.of(values())


def otherwise(show_form: Handler, *, form: str, conflict: bool = False) -> Callable[[Handler], Handler]:
    """When what was typed can't be used, answer 422 with the page that has the form, filled in as it was.

    ``form`` names the form on that page, for ``form_state``. With ``conflict``, so it is with a Conflict: the answer is
    409, and ``request.state.conflict`` tells the page to show what is there now and to start from that.
    """

    def wrap(handler: Handler) -> Handler:
        @functools.wraps(handler)
        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except Invalid as invalid:
                state = invalid.state
            except Unfit as unfit:
                state = FormState(await typed(request), {unfit.field: unfit.words})
            except Conflict as changed:
                if not conflict:
                    raise
                state = FormState(await typed(request), {"": changed.words})
                request.state.conflict = True
            await uncount(request)
            request.state.invalid = (form, state)
            return await show_form(request)

        return answer

    return wrap


async def previews(request: Request, form: str, field: str) -> bool:
    """Whether the form was sent only to look at it; then its state, with the preview, is ready to be shown."""
    fields = await typed(request)
    if fields.get("do") != "preview":
        return False
    await limit(request, "preview")
    request.state.invalid = (form, FormState(fields))
    request.state.preview = render(fields.get(field, "")[:20_000])
    return True


async def limit(request: Request, rule: str) -> None:
    """Count a deed of this person, or of this address, against its rule. Raises TooMany."""
    held, who = kit(request), viewer(request)
    key = f"person:{who.id}" if who.signed_in else f"address:{address(request)}"
    verdict = await held.rates.hit(rule, key, new_account=who.is_new)
    if not verdict.allowed:
        raise TooMany(verdict.retry_after)
    request.state.counted = (rule, key)


async def uncount(request: Request) -> None:
    """Forget that a deed was counted, since it did not happen: the next try may."""
    counted: tuple[str, str] | None = getattr(request.state, "counted", None)
    if counted is not None:
        request.state.counted = None
        await kit(request).rates.forgive(*counted)


def address(connection: HTTPConnection) -> str:
    """The address that a request is counted under: whose it is behind the trusted proxies, as a /64 for IPv6."""
    return address_key(client_address(connection.scope, kit(connection).settings.proxies))


async def moment(work: Work) -> str:
    """The cursor that a live page carries. Take it before reading what the page shows."""
    ((epoch, xmin),) = await work.fetch(outbox.PRESENT)
    return str(outbox.Cursor(epoch, xmin))
