"""How who asks and who is asked can be reached: seen by those two alone, and only once both have said yes."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import time
from typing import Any

import httpx2
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from civicboard.app import RENDERERS
from civicboard.kit.hub.rendering import Renderers
from civicboard.kit.outbox import present, since
from civicboard.kit.work import Conflict, Missing, Refused, Unfit
from civicboard.matching.actions.answering import accept_ask, decline_ask, decline_for_another, withdraw_ask
from civicboard.matching.models import Ask
from civicboard.matching.policy.scoring import Weights
from civicboard.offers.actions import add_need, end_offer, settle_need, welcome_offer, withdraw_offer
from civicboard.offers.models import Contact, Offer
from civicboard.problems.actions import follow, post_problem
from tests.cast import Told
from tests.house.doors import World, open_world
from tests.matching.people import CONFIG, an_ask, can, delivered

ADA, BO, CY = "canary-of-ada 0456", "canary-of-bo 0123", "canary-of-cy 0789"
ROLES = ("stranger", "ada", "bo", "cy")
STEPS = ("yes", "yes silently", "not now", "not me", "take back", "deliver", "welcome", "withdraw", "end", "met")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(postgres, template, tmp_path_factory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("asks")
    async with open_world(postgres, template, f"asks_{uuid.uuid4().hex[:12]}", folder) as world:
        yield world


async def step(town: World, deed: str, ask_id: int, need: int, asker: Any) -> None:
    cast, desk = town.cast, town.desk
    if deed == "deliver":
        await delivered(desk, ask_id)
        return
    who = {"take back": asker, "welcome": cast.ada, "met": cast.ada}.get(deed, cast.bo)
    async with desk.reading() as work:
        offer = await work.session.scalar(select(Offer.id).where(Offer.need_id == need, Offer.helper_id == cast.bo.id))
    async with desk.writing(who) as work:
        match deed:
            case "yes":
                await accept_ask(work, ask_id, contact=BO)
            case "yes silently":
                await accept_ask(work, ask_id)
            case "not now":
                await decline_ask(work, ask_id)
            case "not me":
                await decline_for_another(work, ask_id, config=CONFIG, instead="dee")
            case "take back":
                await withdraw_ask(work, ask_id)
            case "met":
                await settle_need(work, need)
            case "welcome" if offer:
                await welcome_offer(work, offer, words="Gladly.")
            case "withdraw" if offer:
                await withdraw_offer(work, offer)
            case "end" if offer:
                await end_offer(work, offer)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=4), by_poster=st.booleans())
@example(steps=["deliver", "yes"], by_poster=True)
@example(steps=["deliver", "yes", "welcome"], by_poster=False)
async def test_contact_never_appears_before_both_said_yes(town: World, steps: list[str], by_poster: bool) -> None:
    """On no page and in nothing that is broadcast; after it, on the offer's own page, for those two."""
    cast, desk = town.cast, town.desk
    async with desk.reading() as work:
        before = await present(work.session)
    for who in (cast.bo, cast.dee):
        await can(desk, who, "drainage", visibility="public", quiet_from=time(3), quiet_until=time(3), asks_a_week=2)
    async with desk.writing(cast.ada) as work:
        number = (await post_problem(work, Told())).id
        need = await add_need(work, number, kind="skill", what="Somebody who knows drains", tags=["drainage"])
    async with desk.writing(cast.cy) as work:
        await follow(work, number)
    asker, contact = (cast.ada, ADA) if by_poster else (cast.cy, CY)
    ask_id = await an_ask(desk, asker, need, "bo", contact=contact)
    browsers = {role: await town.client(role) for role in ROLES}
    try:
        for deed in steps:
            try:
                await step(town, deed, ask_id, need, asker)
            except (Conflict, Refused, Unfit, Missing):
                continue
            await look(town, browsers, ask_id, [f"/asks/{ask_id}"])
        pages = [f"/problems/{number}/basements-on-brook-lane-flood", f"/problems/{number}/network", "/", "/for-you"]
        pages += [f"/needs/{need}", f"/needs/{need}/people", f"/needs/{need}/asks/new?who=dee"]
        pages += ["/account/asks", "/notices", "/people/bo", "/people/ada", "/people/cy", "/search?q=canary"]
        await look(town, browsers, ask_id, pages)
    finally:
        for browser in browsers.values():
            await browser.aclose()
    async with desk.reading() as work:
        happened = await since(work.session, before)
        assert "canary" not in str(happened)
        renderers = Renderers(RENDERERS, weights=Weights())
        people = [who.id for who in (cast.ada, cast.bo, cast.cy, cast.dee)]
        own = [f"{kind}:{one}" for one in people for kind in ("person", "for-you")]
        for topic in ("board", f"problem:{number}", f"network:{number}", *own):
            shown = await renderers.render(work, happened, topic)
            assert "canary" not in town.app.state.kit.pages.message(shown, "")


async def look(town: World, browsers: dict[str, httpx2.AsyncClient], ask_id: int, pages: list[str]) -> None:
    """What each of them sees on these pages at this moment, and on the offer that a yes is."""
    cast = town.cast
    async with town.desk.reading() as work:
        asked = await work.session.get_one(Ask, ask_id)
        offer = await work.session.get(Offer, asked.offer_id) if asked.offer_id else None
        kept = set(await work.session.scalars(select(Contact.person_id).where(Contact.offer_id == asked.offer_id)))
    both = offer is not None and offer.state in ("welcomed", "ended")
    own = {"ada": ADA, "bo": BO, "cy": CY}
    for role, browser in browsers.items():
        others = {whose: words for whose, words in own.items() if whose != role}
        for path in pages:
            shown = (await browser.get(path)).text
            assert not [words for words in others.values() if words in shown], (role, path)
        if offer is not None:
            shown = (await browser.get(f"/offers/{offer.id}")).text
            for whose, words in others.items():
                gave = {"ada": cast.ada.id in kept, "bo": cast.bo.id in kept}.get(whose, False)
                assert (words in shown) is (both and gave and role in ("ada", "bo")), (role, whose, offer.state)
