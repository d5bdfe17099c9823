"""Pages for strangers: one is made for all who ask for the same within a second."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from civicboard.kit import outbox
from civicboard.kit.web.asking import by_htmx, kit, viewer

#: How old a page for strangers may be.
SHARED_SECONDS = 1.0
#: So many events later at the latest, it has another tag.
EVENTS_A_TAG = 50


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
