"""Saying what one can do, in three short steps: what, when and where, who sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.in_words import DAY_NAMES, HOURS
from civicboard.kit.work import Unfit, Work
from civicboard.people.actions import drop_draft
from civicboard.people.queries import find_draft
from civicboard.places.queries import choices, places_all
from civicboard.skills.actions import Said, say_ability
from civicboard.skills.forms import LevelsForm, WhatForm, WhenForm, WhoForm
from civicboard.skills.forms.abilities import FREE, LEVEL, REACH, timezones
from civicboard.skills.models import LEVELS, VISIBILITIES
from civicboard.skills.policy import address_of
from civicboard.skills.queries import AbilityRow, find_ability, find_vocabulary

WHAT = "/account/abilities"
LEVELS_AT, WHEN, WHO, DONE = f"{WHAT}/levels", f"{WHAT}/when", f"{WHAT}/who", f"{WHAT}/done"
#: The draft of each step's form, by its address.
DRAFTS = {WHAT: "abilities", LEVELS_AT: "abilities-levels", WHEN: "abilities-when", WHO: "abilities-who"}
ASKS = [("0", "Never. I look for myself"), ("1", "Once a week at most"), ("2", "Twice a week at most")]


async def show_abilities(request: Request) -> Response:
    """The first step: what somebody can do and lend."""

    def values(said: AbilityRow) -> dict[str, str]:
        return {
            "tags": ", ".join(said.tags),
            "words": said.words,
            "things": "\n".join(said.things),
            "rooms": "\n".join(said.rooms),
            "languages": ", ".join(said.languages),
        }

    return await _show(request, WHAT, "skills/abilities.html", values)


@web.otherwise(show_abilities, form="abilities")
async def update_abilities(request: Request) -> Response:
    web.require_account(request, next_path=WHAT, draft=DRAFTS[WHAT])
    form = await WhatForm.read(request)
    await web.limit(request, "abilities")
    async with web.writing(request) as work:
        await _say(request, work, WHAT, **form.model_dump())
        renamed = (await find_vocabulary(work)).renamed(form.tags)
    if not form.tags:
        return web.see(request, WHEN)
    called = urlencode({"called": ",".join(word for word, _ in renamed)}) if renamed else ""
    return web.see(request, f"{LEVELS_AT}?{called}" if called else LEVELS_AT)


async def show_ability_levels(request: Request) -> Response:
    """How well, for each tag; and what the board calls by another word than the person did."""
    web.require_account(request, next_path=LEVELS_AT, draft=_draft(request, LEVELS_AT))
    async with web.reading(request) as work:
        said = await find_ability(work)
        vocabulary = await find_vocabulary(work)
    if not said.tags:
        return web.see(request, WHAT)
    called = request.query_params.get("called", "")[:400].split(",")
    own = {
        "tags": [(LEVEL + address_of(tag), tag) for tag in said.tags],
        "levels": [("", "I’d rather not say"), *LEVELS.items()],
        "renamed": [(word, tag) for word, tag in vocabulary.renamed(called) if tag in said.tags],
    }

    def values(said: AbilityRow) -> dict[str, str]:
        return {LEVEL + address_of(tag): level for tag, level in said.levels.items()}

    return await _show(request, LEVELS_AT, "skills/levels.html", values, own)


@web.otherwise(show_ability_levels, form="abilities-levels")
async def update_ability_levels(request: Request) -> Response:
    web.require_account(request, next_path=LEVELS_AT, draft=DRAFTS[LEVELS_AT])
    form = await LevelsForm.read(request)
    await web.limit(request, "abilities")
    async with web.writing(request) as work:
        tags = {address_of(tag): tag for tag in (await find_ability(work)).tags}
        levels = {tags[address]: level for address, level in form.levels.items() if address in tags}
        await _say(request, work, LEVELS_AT, levels=levels)
    return web.see(request, WHEN)


async def show_ability_times(request: Request) -> Response:
    """The second step: when and where."""
    async with web.reading(request) as work:
        places = choices(await places_all(work))
    board = web.kit(request).settings.timezone
    own = {
        "places": [(REACH + slug, name) for slug, name in places],
        "days": [(name, [(f"{FREE}{day}-{hour}", hour) for hour in HOURS]) for day, name in DAY_NAMES.items()],
        "hours": HOURS,
        "zones": [("", f"The board’s: {board}"), *((zone, zone.replace("_", " ")) for zone in timezones())],
    }

    def values(said: AbilityRow) -> dict[str, str]:
        return {
            "online_only": "yes" if said.online_only else "",
            **{REACH + slug: "yes" for slug in said.reach},
            **{FREE + one: "yes" for one in said.free},
            "hours_a_week": "" if said.hours_a_week is None else f"{said.hours_a_week:g}",
            "quiet_from": f"{said.quiet_from:%H:%M}",
            "quiet_until": f"{said.quiet_until:%H:%M}",
            "timezone": said.timezone,
        }

    return await _show(request, WHEN, "skills/when.html", values, own)


@web.otherwise(show_ability_times, form="abilities-when")
async def update_ability_times(request: Request) -> Response:
    web.require_account(request, next_path=WHEN, draft=DRAFTS[WHEN])
    form = await WhenForm.read(request)
    await web.limit(request, "abilities")
    async with web.writing(request) as work:
        known = {place.slug: place.id for place in await places_all(work)}
        if strange := sorted(form.reach - known.keys()):
            raise Unfit("reach", f"We don’t know the place {strange[0][:60]}. Please choose from the list.")
        await _say(
            request,
            work,
            WHEN,
            online_only=form.online_only == "yes",
            reach_ids=sorted(known[slug] for slug in form.reach),
            free=form.times,
            hours_a_week=form.hours_a_week,
            quiet_from=form.quiet_from,
            quiet_until=form.quiet_until,
            timezone=form.timezone,
        )
    return web.see(request, WHO)


async def show_ability_audience(request: Request) -> Response:
    """The third step: who sees it, and how often one may be asked."""

    def values(said: AbilityRow) -> dict[str, str]:
        return {"visibility": said.visibility, "asks_a_week": str(said.asks_a_week)}

    own = {"visibilities": list(VISIBILITIES.items()), "asks": ASKS}
    return await _show(request, WHO, "skills/who.html", values, own)


@web.otherwise(show_ability_audience, form="abilities-who")
async def update_ability_audience(request: Request) -> Response:
    web.require_account(request, next_path=WHO, draft=DRAFTS[WHO])
    form = await WhoForm.read(request)
    await web.limit(request, "abilities")
    async with web.writing(request) as work:
        await _say(request, work, WHO, visibility=form.visibility, asks_a_week=form.asks_a_week)
    return web.see(request, DONE)


async def show_abilities_said(request: Request) -> Response:
    """The end of the steps: what happens next."""
    who = web.require_account(request, next_path=DONE)
    async with web.reading(request) as work:
        said = await find_ability(work)
    return web.page(request, "skills/done.html", {"said": said, "handle": who.handle})


async def _show(
    request: Request,
    at: str,
    template: str,
    values: Callable[[AbilityRow], Mapping[str, str]],
    own: Mapping[str, Any] | None = None,
) -> Response:
    """A step, filled in as it was left, or with what the person has said before."""
    web.require_account(request, next_path=at, draft=_draft(request, at))
    async with web.reading(request) as work:
        said = await find_ability(work)
        draft = await find_draft(work, web.known_browser_hash(request), DRAFTS[at])
    form = web.form_state(request, DRAFTS[at], lambda: draft or values(said))
    context = {"form": form, "first": said.said_at is None, "hidden": said.visibility == "matching", **(own or {})}
    return web.page(request, template, context, has_form=True)


def _draft(request: Request, at: str) -> str:
    return DRAFTS[at] if request.method == "POST" else ""


async def _say(request: Request, work: Work, at: str, **said: Any) -> None:
    """Keep what one step says, and let its draft go."""
    new: Said = said  # type: ignore[assignment]  # each step says some of it
    await say_ability(work, **new)
    await drop_draft(work, browser_hash=web.known_browser_hash(request), name=DRAFTS[at])


ROUTES = [
    Route(WHAT, show_abilities, methods=["GET"], name="show_abilities"),
    Route(WHAT, update_abilities, methods=["POST"], name="update_abilities"),
    Route(LEVELS_AT, show_ability_levels, methods=["GET"], name="show_ability_levels"),
    Route(LEVELS_AT, update_ability_levels, methods=["POST"], name="update_ability_levels"),
    Route(WHEN, show_ability_times, methods=["GET"], name="show_ability_times"),
    Route(WHEN, update_ability_times, methods=["POST"], name="update_ability_times"),
    Route(WHO, show_ability_audience, methods=["GET"], name="show_ability_audience"),
    Route(WHO, update_ability_audience, methods=["POST"], name="update_ability_audience"),
    Route(DONE, show_abilities_said, methods=["GET"], name="show_abilities_said"),
]
