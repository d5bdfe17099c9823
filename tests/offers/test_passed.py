"""A need whose last day has passed says so, is no longer counted, and its owners are asked what became of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from civicboard.kit.outbox import present, since
from civicboard.kit.work import Conflict, Unfit
from civicboard.offers.actions import dismiss_need, edit_need, offer_when_asked, reopen_need, settle_need
from civicboard.offers.events import NeedChanged
from civicboard.offers.jobs import mind_offers
from civicboard.offers.live import show_needs
from civicboard.offers.queries import find_need
from civicboard.progress.actions import set_stage
from tests.cast import a_need, a_post, a_welcome_offer, an_offer, problem_now

PASSED = "Its day has passed"


@pytest.fixture
async def late(desk, cast, clock):
    """Bo's need on Ada's problem, whose day was yesterday, everywhere; the clock has not struck yet."""
    clock.now = clock.now.replace(hour=13, minute=0)
    await a_post(desk, cast.bo, cast.problem)
    need_id = await a_need(desk, cast.bo, cast.problem, "A culvert key", by=clock.now.date())
    clock.turn(days=1)
    return need_id


async def need_now(desk, need_id):
    async with desk.reading() as work:
        return await find_need(work, need_id)


async def test_when_its_day_is_over_everywhere_it_is_no_longer_open(desk, cast, clock, client, late):
    clock.turn(hours=-1, minutes=-1)
    await mind_offers(desk)
    assert (await need_now(desk, late)).state == "open"
    assert (await problem_now(desk, cast.problem)).need_count == 1
    clock.turn(hours=1, minutes=1)
    await asyncio.gather(*(mind_offers(desk) for _ in range(3)))
    await mind_offers(desk)
    need, problem = await need_now(desk, late), await problem_now(desk, cast.problem)
    assert (need.state, need.state_words, need.takes_offers) == ("passed", PASSED, False)
    assert (problem.need_count, list(problem.need_words)) == (0, [])
    page = (await client.get(problem.path)).text
    assert PASSED in page
    assert "It was needed by" in page
    assert "I can help with this" not in page
    assert "A culvert key" not in (await client.get("/")).text
    assert "A culvert key" not in (await client.get(f"{problem.path.rsplit('/', 1)[0]}/network")).text


async def test_an_open_page_shows_it_by_itself(app, desk, cast, client, late):
    async with desk.reading() as work:
        before = await present(work.session)
    await mind_offers(desk)
    async with desk.reading() as work:
        happened = [one.event for one in await since(work.session, before)]
        assert NeedChanged(cast.problem, late) in happened
        shown = await show_needs(work, NeedChanged(cast.problem, late))
    html = app.state.kit.pages.render(shown.template, shown.context).strip()
    assert PASSED in html
    assert html in (await client.get((await problem_now(desk, cast.problem)).path)).text


async def test_its_owners_are_asked_once_what_became_of_it(desk, cast, late, ada_client, bo_client, dee_client):
    for _ in range(2):
        await mind_offers(desk)
    for owner in (ada_client, bo_client):
        told = (await owner.get("/notices")).text
        assert told.count("The day has passed by which this was needed: A culvert key") == 1
        assert "What became of it?" in told
        page = (await owner.get(f"/needs/{late}")).text
        assert "Was it there in time?" in page
        for words in ("It is met", "It is no longer needed", "It is still needed"):
            assert words in page
    assert "The day has passed" not in (await dee_client.get("/notices")).text
    assert "Was it there in time?" not in (await dee_client.get(f"/needs/{late}")).text
    await bo_client.post(f"/needs/{late}/settlement")
    assert (await need_now(desk, late)).state == "met"
    assert "What became of it?" not in (await ada_client.get("/notices")).text


@pytest.mark.parametrize(("deed", "state"), [(settle_need, "met"), (dismiss_need, "not_needed"), (reopen_need, "open")])
async def test_what_they_say_stands(desk, cast, clock, late, deed, state):
    await mind_offers(desk)
    async with desk.writing(cast.ada) as work:
        await deed(work, late)
    clock.turn(days=1)
    await mind_offers(desk)
    assert (await need_now(desk, late)).state == state
    assert (await problem_now(desk, cast.problem)).need_count == (state == "open")


async def test_with_a_later_day_it_is_needed_again_until_that(desk, cast, clock, late, bo_client):
    await mind_offers(desk)
    for words in ("A culvert key, or two", "A culvert key"):
        async with desk.writing(cast.bo) as work:
            day = (await need_now(desk, late)).by if "two" in words else clock.now.date() + timedelta(days=1)
            await edit_need(work, late, kind="thing", what=words, by=day)
        assert (await need_now(desk, late)).state == ("passed" if "two" in words else "open")
    assert (await problem_now(desk, cast.problem)).need_count == 1
    clock.turn(days=3)
    await mind_offers(desk)
    assert (await need_now(desk, late)).state == "passed"
    told = (await bo_client.get("/notices")).text
    assert told.count("The day has passed") == 2, "of the other day, too"


async def test_nobody_offers_to_it_any_more(desk, cast, late):
    await mind_offers(desk)
    with pytest.raises(Unfit):
        await an_offer(desk, cast.dee, cast.problem, need_id=late)
    with pytest.raises(Conflict):
        async with desk.writing(cast.dee) as work:
            await offer_when_asked(work, late, asked_by_id=cast.ada.id, what="A culvert key")


async def test_one_that_somebody_is_on_and_one_of_what_is_sorted_are_left_alone(desk, cast, clock, late):
    on_it = await a_need(desk, cast.ada, cast.problem, "A hall", kind="room", by=clock.now.date())
    await a_welcome_offer(desk, cast.dee, cast, need_id=on_it)
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="sorted", why="It is dry, as of today.")
    clock.turn(days=3)
    await mind_offers(desk)
    assert ((await need_now(desk, on_it)).state, (await need_now(desk, late)).state) == ("being_met", "open")
