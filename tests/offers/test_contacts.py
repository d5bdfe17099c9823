"""How the two of an offer can be reached: seen by the two alone, and only once both have said yes."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from civicboard.app import RENDERERS
from civicboard.kit.hub.rendering import Renderers
from civicboard.kit.outbox import present, since
from civicboard.kit.work import Conflict, Refused
from civicboard.matching.policy.scoring import Weights
from civicboard.networks.actions import agree_to_convening, look_after, put_down
from civicboard.networks.queries import waiting_on
from civicboard.offers.actions import (
    decline_offer,
    end_by_date,
    end_offer,
    forget_contacts,
    lapse_offer,
    make_offer,
    say_contact,
    welcome_offer,
    withdraw_offer,
)
from civicboard.offers.jobs import mind_offers
from civicboard.offers.models import Contact, Offer
from civicboard.offers.queries import find_offer
from civicboard.people.models import Draft
from civicboard.problems.actions import follow, post_problem
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem
from tests.cast import Told, a_welcome_offer, an_imported_problem, an_offer
from tests.conftest import client_for
from tests.house.doors import World, open_world

BO, ADA = "canary-of-bo 0123", "canary-of-ada 0456"
CY, DEE = "canary-of-cy 0789", "canary-of-dee 0321"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(postgres, template, tmp_path_factory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("contacts")
    async with open_world(postgres, template, f"contacts_{uuid.uuid4().hex[:12]}", folder) as world:
        yield world


STEPS = (
    "welcome",
    "welcome silently",
    "decline",
    "withdraw",
    "end",
    "last day",
    "lapse",
    "30 days",
    "ada says",
    "bo says",
    "cy convenes",
    "cy welcomes",
    "cy declines",
    "cy says",
    "cy puts down",
    "dee convenes",
    "dee welcomes",
    "dee says",
)
ROLES = ("stranger", "ada", "bo", "cy", "dee")
SAID = {"ada": ADA, "bo": BO, "cy": CY, "dee": DEE}


async def convene(work, cast, number: int) -> None:
    """Whoever does it looks after the problem, with Ada's yes where it is hers."""
    await follow(work, number)
    await look_after(work, number)
    work.viewer = cast.ada
    for question in await waiting_on(work, number):
        await agree_to_convening(work, number, question.id)


async def step(work, cast, deed: str, offer: int) -> None:
    who = deed.split(maxsplit=1)[0]
    work.viewer = getattr(cast, who, cast.ada if who in ("welcome", "decline") else cast.bo)
    number = (await find_offer(work, offer)).problem_id
    match deed:
        case "cy convenes" | "dee convenes":
            await convene(work, cast, number)
        case "cy welcomes" | "dee welcomes":
            await welcome_offer(work, offer, words="Gladly.", contact=SAID[who])
        case "cy declines":
            await decline_offer(work, offer, words="Not now, thank you.")
        case "cy puts down":
            await put_down(work, number)
        case "cy says" | "dee says":
            await say_contact(work, offer, SAID[who])
        case "welcome":
            await welcome_offer(work, offer, words="Gladly.", contact=ADA)
        case "welcome silently":
            await welcome_offer(work, offer, words="Gladly.")
        case "decline":
            await decline_offer(work, offer, words="Not now, thank you.")
        case "withdraw":
            await withdraw_offer(work, offer)
        case "end":
            await end_offer(work, offer, hours_given=1)
        case "last day":
            work.now += timedelta(days=3)
            await end_by_date(work, offer)
        case "lapse":
            work.now += timedelta(days=8)
            await lapse_offer(work, offer)
        case "30 days":
            work.now += timedelta(days=40)
            await forget_contacts(work)
        case "ada says":
            await say_contact(work, offer, ADA)
        case "bo says":
            await say_contact(work, offer, BO)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(
    steps=st.lists(st.sampled_from(STEPS), max_size=5),
    given_at_first=st.booleans(),
    posted=st.booleans(),
    convened=st.booleans(),
)
@example(["cy convenes", "cy welcomes", "cy puts down", "dee convenes", "dee says"], True, True, False)
@example(["cy welcomes", "cy says", "cy puts down", "dee convenes"], True, False, True)
@example(["cy puts down", "dee convenes", "dee welcomes"], True, False, True)
@example(["cy puts down", "dee convenes", "dee welcomes", "bo says"], True, True, True)
@example(["cy convenes", "bo says", "cy welcomes"], True, True, False)
async def test_contact_never_appears_before_both_said_yes(
    town: World, steps: list[str], given_at_first: bool, posted: bool, convened: bool
) -> None:
    """On no page, in nothing that is broadcast; after it on the offer's own page, for the two, as far as given.

    The two are the helper and whoever welcomed them: the poster, or somebody who looked after the problem then.
    """
    cast, desk = town.cast, town.desk
    async with desk.reading() as work:
        before = await present(work.session)
    if posted:
        async with desk.writing(cast.ada) as work:
            number = (await post_problem(work, Told())).id
    else:
        number = await an_imported_problem(desk)
    if convened:
        async with desk.writing(cast.cy) as work:
            await convene(work, cast, number)
    async with desk.writing(cast.bo) as work:
        offer = await make_offer(
            work,
            number,
            what="An hour",
            contact=BO if given_at_first else "",
            until=work.now.date() + timedelta(days=1),
        )
    told = await who_may_see(desk, offer) if given_at_first else set()
    browsers = {role: await town.client(role) for role in ROLES}
    try:
        await look(town, browsers, number, offer, told, everywhere=not steps)
        for nth, deed in enumerate(steps, 1):
            try:
                async with desk.writing() as work:
                    await step(work, cast, deed, offer)
            except (Conflict, Refused):
                continue
            if deed == "bo says":
                told = await who_may_see(desk, offer)
            await look(town, browsers, number, offer, told, everywhere=nth == len(steps))
    finally:
        for browser in browsers.values():
            await browser.aclose()
    async with desk.reading() as work:
        happened = await since(work.session, before)
        assert "canary" not in str(happened)
        renderers = Renderers(RENDERERS, weights=Weights())
        for topic in ("board", f"problem:{number}", f"network:{number}"):
            shown = await renderers.render(work, happened, topic)
            assert shown
            assert "canary" not in town.app.state.kit.pages.message(shown, "")


async def who_may_see(desk, offer) -> set[int | None]:
    """Whom the form names for the helper at this moment: whoever welcomed the offer, or who may."""
    async with desk.reading() as work:
        found = await work.session.get_one(Offer, offer)
        problem = await work.session.get_one(Problem, found.problem_id)
        return {found.answered_by_id} if found.answered_by_id else {problem.poster_id, problem.convenor_id}


async def look(town, browsers, number, offer, told, *, everywhere: bool) -> None:
    """What each sees: the two of a welcomed offer what the other one gave, as long as it is kept; nobody else does.

    What the helper gave only if they are among those ``told``, whom the form named when it was given.
    """
    cast = town.cast
    async with town.desk.reading() as work:
        state = (await find_offer(work, offer)).state
        path = (await find_problem(work, number)).path
        kept = set(await work.session.scalars(select(Contact.person_id).where(Contact.offer_id == offer)))
        answered_by = await work.session.scalar(select(Offer.answered_by_id).where(Offer.id == offer))
    is_yes = state in ("welcomed", "ended") and answered_by is not None
    two = {"bo", *(who for who in SAID if is_yes and getattr(cast, who).id == answered_by)}
    for role, browser in browsers.items():
        page = (await browser.get(f"/offers/{offer}")).text
        for whose, words in SAID.items():
            if role == whose:
                continue  # one's own words come back in one's own forms
            wanted = two == {role, whose} and getattr(cast, whose).id in kept
            wanted = wanted and (whose != "bo" or getattr(cast, role).id in told)
            assert (words in page) is wanted, (role, whose, state, two, kept, told)
        if not everywhere:
            continue
        for at in (
            path,
            f"/problems/{number}/convenor",
            f"/problems/{number}/network",
            f"/problems/{number}/history",
            "/",
            "/people/bo",
            "/people/ada",
            "/search?q=0123+0456",
            f"/problems/{number}/stage",
        ):
            shown = (await browser.get(at)).text
            assert not [words for words in SAID.values() if words in shown], at
        new = (await browser.get(f"/problems/{number}/offers/new")).text
        assert not [words for whose, words in SAID.items() if whose != role and words in new]


async def test_each_sees_what_the_other_chose_once_it_is_welcomed(
    ada_client, bo_client, dee_client, client, desk, cast
):
    told = {"what": "A van", "contact": BO, "contact_for": str(cast.ada.id)}
    await bo_client.post(f"/problems/{cast.problem}/offers", data=told)
    assert BO not in (await ada_client.get("/offers/1")).text
    await ada_client.post("/offers/1/welcome", data={"words": "Gladly.", "contact": ADA})
    assert f"<b>{BO}</b>" in (await ada_client.get("/offers/1")).text
    assert f"<b>{ADA}</b>" in (await bo_client.get("/offers/1")).text
    for browser in (dee_client, client):
        assert "canary" not in (await browser.get("/offers/1")).text
    assert (await bo_client.get("/offers/1")).headers["cache-control"] == "private, no-store"
    await bo_client.post("/offers/1/contact", data={"contact": ""})
    page = (await ada_client.get("/offers/1")).text
    assert "Bo Adeyemi has not said how to be reached" in page


async def test_nobody_else_says_how_they_are_reached(dee_client, desk, cast):
    offer = await a_welcome_offer(desk, cast.bo, cast)
    assert (await dee_client.post(f"/offers/{offer}/contact", data={"contact": "x"})).status_code == 403


async def test_after_the_end_it_is_there_for_thirty_days_and_then_deleted(ada_client, desk, cast, clock):
    offer = await a_welcome_offer(desk, cast.bo, cast, contact=BO)
    async with desk.writing(cast.bo) as work:
        await end_offer(work, offer)
    clock.turn(days=29)
    await mind_offers(desk)
    assert BO in (await ada_client.get(f"/offers/{offer}")).text
    clock.turn(days=1)
    assert BO not in (await ada_client.get(f"/offers/{offer}")).text  # also before the job has come by
    await mind_offers(desk)
    async with desk.reading() as work:
        assert await work.session.scalar(select(func.count()).select_from(Contact)) == 0


@pytest.mark.parametrize("deed", ["decline", "withdraw", "lapse"])
async def test_what_came_to_nothing_keeps_no_contact(desk, cast, deed):
    offer = await an_offer(desk, cast.bo, cast.problem, contact=BO)
    async with desk.writing() as work:
        await step(work, cast, deed, offer)
    async with desk.reading() as work:
        assert await work.session.scalar(select(func.count()).select_from(Contact)) == 0


async def test_the_last_one_given_is_there_the_next_time(bo_client, dee_client, desk, cast):
    await an_offer(desk, cast.bo, cast.problem, contact=BO)
    assert f'value="{BO}"' in (await bo_client.get(f"/problems/{cast.problem}/offers/new")).text
    assert "canary" not in (await dee_client.get(f"/problems/{cast.problem}/offers/new")).text


async def test_it_is_in_no_draft(app, cast, desk):
    """A shared computer keeps drafts for whoever comes next to it."""
    async with client_for(app, token=cast.tokens["bo"]) as bo:
        await bo.get(f"/problems/{cast.problem}/offers/new")
        kept = await bo.put(f"/drafts/offer:{cast.problem}", data={"what": "A van", "contact": BO})
    assert kept.status_code == 204
    async with desk.reading() as work:
        (draft,) = await work.session.scalars(select(Draft.content))
    assert draft == {"what": "A van"}


async def test_who_is_signed_out_is_not_asked_for_it(client, cast):
    assert 'name="contact"' not in (await client.get(f"/problems/{cast.problem}/offers/new")).text
