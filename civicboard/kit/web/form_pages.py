"""Pages with forms on them: as they were left, as a preview, and again when what was typed can't be used."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from civicboard.kit.forms import FormState, Invalid, typed
from civicboard.kit.text import render
from civicboard.kit.web.asking import Handler, by_htmx
from civicboard.kit.web.counting import TooMany, limit, uncount
from civicboard.kit.work import Conflict, SentAlready, Unfit

#: The longest words that a form takes, in letters.
MOST_WORDS = 10_000


def form_state(request: Request, name: str, values: Callable[[], Mapping[str, Any]] = dict) -> FormState:
    """The state that form ``name`` of this page starts with: what was just typed wrongly, or ``values``."""
    invalid: tuple[str, FormState] | None = getattr(request.state, "invalid", None)
    if invalid is not None and invalid[0] == name:
        return invalid[1]
    return FormState.of(values())


def otherwise(show_form: Handler, *, form: str, conflict: bool = False) -> Callable[[Handler], Handler]:
    """When what was typed can't be used, answer 422 with the page that has the form, filled in as it was.

    ``form`` names the form on that page, for ``form_state``. With ``conflict``, so it is with a Conflict: the answer is
    409, and ``request.state.conflict`` tells the page to show what is there now and to start from that. SentAlready is
    a 409 on any form, which is then shown with a fresh key. TooMany is a 429 on it; a script, which has not let go of
    the form, gets the words alone.
    """

    def wrap(handler: Handler) -> Handler:
        @functools.wraps(handler)
        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except TooMany as many:
                if by_htmx(request):
                    raise
                request.state.invalid = (form, FormState(await typed(request), {"": many.words}))
                request.state.refused_as = 429
                response = await show_form(request)
                response.headers["Retry-After"] = str(many.retry_after)
                response.headers["Cache-Control"] = "no-store"
                return response
            except Invalid as invalid:
                state = invalid.state
            except Unfit as unfit:
                state = FormState(await typed(request), {unfit.field: unfit.words})
            except SentAlready as sent:
                state = FormState({**await typed(request), "key": ""}, {"": sent.words})
                request.state.refused_as = 409
            except Conflict as changed:
                if not conflict:
                    raise
                state = FormState(await typed(request), {"": changed.words})
                request.state.conflict = True
                request.state.refused_as = 409
            await uncount(request)
            request.state.invalid = (form, state)
            return await show_form(request)

        return answer

    return wrap


async def preview_of(markdown: str) -> Markup:
    """What the words of a form will look like, rendered beside the event loop; no more of them than a form takes."""
    return await asyncio.to_thread(render, markdown[:MOST_WORDS]) if markdown else Markup("")


async def previews(request: Request, form: str, field: str) -> bool:
    """Whether the form was sent only to look at it; then its state, with the preview, is ready to be shown."""
    fields = await typed(request)
    if fields.get("do") != "preview":
        return False
    await limit(request, "preview")
    request.state.invalid = (form, FormState(fields))
    request.state.preview = await preview_of(fields.get(field, ""))
    return True
