"""Saying what one can do and lend."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.people.actions import drop_draft
from civicboard.people.queries import find_draft
from civicboard.skills.actions import say_ability
from civicboard.skills.forms import AbilityForm
from civicboard.skills.queries import find_ability

web.FLASHES["abilities"] = "Thank you. What you can do is on your page now."

ADDRESS = "/account/abilities"
DRAFT = "abilities"


async def show_abilities(request: Request) -> Response:
    """The form, filled in with what the person has said before."""
    who = web.require_account(request, next_path=ADDRESS, draft=DRAFT if request.method == "POST" else "")
    assert who.id is not None  # somebody with an account has an id
    async with web.reading(request) as work:
        said = await find_ability(work, who.id)
        draft = await find_draft(work, web.known_browser_hash(request), DRAFT)
    values: Mapping[str, str] = draft or {
        "tags": ", ".join(said.tags),
        "words": said.words,
        "lends": said.lends,
    }
    return web.page(
        request,
        "skills/abilities.html",
        {"form": web.form_state(request, "abilities", lambda: values)},
        has_form=True,
    )


@web.otherwise(show_abilities, form="abilities")
async def update_abilities(request: Request) -> Response:
    form = await AbilityForm.read(request)
    who = web.require_account(request, next_path=ADDRESS, draft=DRAFT)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await say_ability(work, tags=form.tags, words=form.words, lends=form.lends)
        await drop_draft(work, browser_hash=web.known_browser_hash(request), name=DRAFT)
    return web.see(request, f"/people/{who.handle}", said="abilities")


ROUTES = [
    Route(ADDRESS, show_abilities, methods=["GET"], name="show_abilities"),
    Route(ADDRESS, update_abilities, methods=["POST"], name="update_abilities"),
]
