"""Answering: with a page, with the pieces that changed, or with where to look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from civicboard.kit import outbox
from civicboard.kit.forms import FormState
from civicboard.kit.links import safe_next
from civicboard.kit.partials import Fragment
from civicboard.kit.safety import csrf_token
from civicboard.kit.web.asking import by_htmx, kit, viewer
from civicboard.kit.web.browsers import browser, remember_browser
from civicboard.kit.work import Work

#: Short things a page says once after a redirect. They are named in the address, so nobody can make it say others.
FLASHES: dict[str, str] = {}


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
        "refused": False,
        "cursor": "",
        "origin": held.settings.origin,
    }


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
    invalid: tuple[str, FormState] | None = getattr(request.state, "invalid", None)
    full["refused"] = invalid is not None and bool(invalid[1].errors)
    response = HTMLResponse(kit(request).pages.render(template, full), status_code=status, headers=headers)
    if full["refused"] and status == 200:
        response.status_code = getattr(request.state, "refused_as", 422)
    response.headers.setdefault("Cache-Control", "private, no-cache")
    remember_browser(request, response)
    return response


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


def form_at(path: str, there: str, *, name: str) -> Route:
    """A door at the address that a refused form leaves in the browser: asked for by itself, it leads to the form.

    ``there`` may name parameters of ``path``, as in ``/problems/{number}/offers/new``.
    """

    async def show_form(request: Request) -> Response:
        return see(request, there.format(**request.path_params))

    show_form.__name__ = name
    return Route(path, show_form, name=name)


def show(request: Request, *fragments: Fragment, then: str, said: str = "", told: str = "") -> Response:
    """Answer a deed: the pieces that changed for a script, the page where they stand for everybody else.

    ``told`` is an event that the page is told of: what other features show there may look again (``hx-trigger``).
    """
    if not by_htmx(request):
        return see(request, then, said=said)
    html = "".join(kit(request).pages.envelope(fragment) for fragment in fragments)
    response = HTMLResponse(html, headers={"Cache-Control": "no-store"} | ({"HX-Trigger": told} if told else {}))
    remember_browser(request, response)
    return response


async def moment(work: Work) -> str:
    """The cursor that a live page carries. Take it before reading what the page shows."""
    ((epoch, snapshot),) = await work.fetch(outbox.PRESENT)
    return str(outbox.Cursor.of(epoch, snapshot))
