"""What somebody is writing, kept for their browser: by itself, and when they have to sign in first."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from civicboard.kit import errors, web
from civicboard.kit.forms import typed
from civicboard.kit.safety import SAFE_METHODS
from civicboard.kit.work import Missing
from civicboard.people import actions, policy

MOST_BYTES = 64 * 1024
#: Fields that belong to the page rather than to what is written; and how one can be reached, which stays nowhere.
_NOT_WRITTEN = ("csrf", "_method", "key", "do", "of", "contact", "contact_for")


async def update_draft(request: Request) -> Response:
    """Keep what is in a form at this moment."""
    name = _name(request)
    await web.limit(request, "drafts")
    content = await _written(request)
    if _size(content) > MOST_BYTES:
        return PlainTextResponse("This is too long to be kept as a draft.", status_code=413)
    browser = web.known_browser_hash(request)
    if browser is None:
        # The page with the form gave it one, so it keeps none.
        return PlainTextResponse("Drafts can only be kept for a browser that keeps cookies.", status_code=403)
    async with web.writing(request) as work:
        await actions.keep_draft(work, browser_hash=browser, name=name, content=content)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


async def destroy_draft(request: Request) -> Response:
    """Forget what was kept of a form."""
    name, browser = _name(request), web.known_browser_hash(request)
    if browser is not None:
        async with web.writing(request) as work:
            await actions.drop_draft(work, browser_hash=browser, name=name)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


async def ask_to_sign_in(request: Request, first: Exception) -> Response:
    """The answer to SignInFirst: keep what was typed, and go and sign in."""
    assert isinstance(first, web.SignInFirst)  # it is registered for nothing else
    kept = False
    if policy.is_draft(first.draft) and request.method not in SAFE_METHODS:
        content = await _written(request)
        kept = bool(content) and _size(content) <= MOST_BYTES
        if kept:
            try:
                await web.limit(request, "drafts")
            except web.TooMany as many:
                # To lead on to the sign-in would lose the words; on the page before, they are still there.
                return await errors.HANDLERS[web.TooMany](request, many)
            async with web.writing(request) as work:
                browser = web.browser_hash(request)
                await actions.keep_draft(work, browser_hash=browser, name=first.draft, content=content)
    tapped = not first.draft and request.method not in SAFE_METHODS
    said = "draft-kept" if kept else "tapped" if tapped else ""
    return web.see(request, f"/login?{urlencode({'next': first.next})}", said=said)


async def _written(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await typed(request)).items() if name not in _NOT_WRITTEN}


def _size(content: dict[str, str]) -> int:
    return len("".join((*content, *content.values())).encode("utf-8", "replace"))


def _name(request: Request) -> str:
    name: str = request.path_params["name"]
    if not policy.is_draft(name):
        raise Missing
    return name


ROUTES = [
    Route("/drafts/{name}", update_draft, methods=["PUT"], name="update_draft"),
    Route("/drafts/{name}", destroy_draft, methods=["DELETE"], name="destroy_draft"),
]
