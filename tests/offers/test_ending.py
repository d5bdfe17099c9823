"""How offers end: done, by their date, or unanswered; by people and by the clock."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from civicboard.kit.work import Conflict, Refused
from civicboard.offers.actions import decline_offer, end_offer, lapse_offer, settle_need, welcome_offer, withdraw_offer
from civicboard.offers.events import OfferEnded, OfferLapsed
from civicboard.offers.jobs import mind_offers
from civicboard.offers.queries import find_need, find_offer, fitting_alternative, own_hours
from civicboard.problems.actions import post_problem
from civicboard.progress.actions import set_stage
from tests.cast import Told, a_need, a_welcome_offer, an_imported_problem, an_offer, problem_now


async def state_of(desk, offer_id):
    async with desk.reading() as work:
        return (await find_offer(work, offer_id)).state


async def lapsed(desk, cast, clock, **said):
    offer = await an_offer(desk, cast.bo, cast.problem, **said)
    clock.turn(days=7)
    await mind_offers(desk)
    return offer


async def test_after_seven_days_without_an_answer_it_lapses(desk, cast, clock):
    offer = await an_offer(desk, cast.bo, cast.problem)
    clock.turn(days=7, seconds=-1)
    await mind_offers(desk)
    assert await state_of(desk, offer) == "waiting"
    clock.turn(seconds=1)
    await mind_offers(desk)
    assert await state_of(desk, offer) == "unanswered"
    assert (await problem_now(desk, cast.problem)).offer_count == 0


async def test_what_was_helped_with_is_needed_again_if_nobody_says_for_a_week_that_it_was_enough(desk, cast, clock):
    need = await a_need(desk, cast.ada, cast.problem)
    offer = await a_welcome_offer(desk, cast.bo, cast, need_id=need)
    async with desk.writing(cast.bo) as work:
        await end_offer(work, offer)

    async def state():
        async with desk.reading() as work:
            return (await find_need(work, need)).state

    clock.turn(days=7, seconds=-1)
    await mind_offers(desk)
    assert await state() == "being_met"
    clock.turn(seconds=1)
    await asyncio.gather(*(mind_offers(desk) for _ in range(3)))
    assert await state() == "open"
    assert (await problem_now(desk, cast.problem)).need_count == 1
    async with desk.reading() as work:
        told = await work.session.execute(text("SELECT count(*) FROM events WHERE kind = 'NeedChanged'"))
        before = told.scalar_one()
    await mind_offers(desk)
    async with desk.reading() as work:
        told = await work.session.execute(text("SELECT count(*) FROM events WHERE kind = 'NeedChanged'"))
        assert told.scalar_one() == before, "once"


@pytest.mark.parametrize("answer", ["met", "sorted", "another"])
async def test_what_somebody_has_answered_stays_as_it_is(desk, cast, clock, answer):
    need = await a_need(desk, cast.ada, cast.problem)
    offer = await a_welcome_offer(desk, cast.bo, cast, need_id=need)
    async with desk.writing(cast.bo) as work:
        await end_offer(work, offer)
    if answer == "another":
        await a_welcome_offer(desk, cast.cy, cast, need_id=need)
    async with desk.writing(cast.ada) as work:
        if answer == "met":
            await settle_need(work, need)
        elif answer == "sorted":
            await set_stage(work, cast.problem, to="sorted", why="It is dry.")
    clock.turn(days=8)
    await mind_offers(desk)
    async with desk.reading() as work:
        assert (await find_need(work, need)).state == ("met" if answer == "met" else "being_met")


async def test_it_lapses_once_however_often_and_at_once_the_clock_strikes(desk, cast, clock):
    need_id = await a_need(desk, cast.ada, cast.problem)
    offers = [await an_offer(desk, cast.bo, cast.problem, need_id=need_id) for _ in range(3)]
    clock.turn(days=8)
    await asyncio.gather(*(mind_offers(desk) for _ in range(3)))
    await mind_offers(desk)
    assert {await state_of(desk, offer) for offer in offers} == {"unanswered"}
    assert (await problem_now(desk, cast.problem)).offer_count == 0
    async with desk.reading() as work:
        need = await find_need(work, need_id)
        told = await work.session.execute(text("SELECT data FROM events WHERE kind = 'OfferLapsed'"))
        assert sorted(row["offer_id"] for (row,) in told) == sorted(offers)
    assert need.offer_count == 0


async def test_a_lapse_is_recorded_and_not_due_is_not_done(desk, cast, clock):
    offer = await an_offer(desk, cast.bo, cast.problem)
    async with desk.writing() as work:
        await lapse_offer(work, offer)
        assert work.events == []
    clock.turn(days=7)
    async with desk.writing() as work:
        await lapse_offer(work, offer)
        assert work.events == [OfferLapsed(cast.problem, offer)]


async def test_where_nobody_welcomes_an_offer_that_waited_joins_in_instead_of_an_apology(desk, cast, clock, bo_client):
    """As offers there did before they joined in at once."""
    number = await an_imported_problem(desk)
    offer = await an_offer(desk, cast.bo, number)
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE offers SET state = 'waiting'"))
        await work.session.execute(text("DELETE FROM members"))
        await work.session.execute(text("UPDATE problems SET member_count = 0"))
    clock.turn(minutes=1)
    await asyncio.gather(mind_offers(desk), mind_offers(desk))
    await mind_offers(desk)
    assert await state_of(desk, offer) == "welcomed"
    assert "That should not happen" not in (await bo_client.get("/notices")).text
    now = await problem_now(desk, number)
    assert (now.member_count, now.offer_count) == (1, 1)


async def test_whoever_helped_stays_one_of_them_and_what_they_brought_is_past(desk, cast, clock, client, bo_client):
    """Both when somebody says that it is done, and when its last day has passed."""
    done = await a_welcome_offer(desk, cast.bo, cast, "A van")
    await a_welcome_offer(desk, cast.bo, cast, "A ladder", until=clock.now.date())
    page = f"/problems/{cast.problem}/network"
    assert "helps, and brings: A van; A ladder" in (await client.get(page)).text
    async with desk.writing(cast.ada) as work:
        await end_offer(work, done)
    assert "helps, and brings: A ladder; brought: A van" in (await client.get(page)).text
    clock.turn(days=2)
    await mind_offers(desk)
    assert "helped, and brought: A van; A ladder" in (await client.get(page)).text
    assert (await bo_client.get(f"{page}/members")).status_code == 200
    again = await a_welcome_offer(desk, cast.bo, cast, "A pump")
    async with desk.writing(cast.bo) as work:
        await withdraw_offer(work, again)
    assert "helped, and brought: A van; A ladder" in (await client.get(page)).text


async def test_the_helper_reads_an_apology_and_the_poster_is_not_shamed(
    desk, cast, clock, bo_client, ada_client, client
):
    offer = await lapsed(desk, cast, clock)
    assert "We are sorry" in (await bo_client.get(f"/offers/{offer}")).text
    for browser in (ada_client, client):
        page = (await browser.get(f"/offers/{offer}")).text
        assert "Nobody answered in time" in page
        assert "sorry" not in page
    assert "Ada Kaur" not in page


async def test_what_lapsed_is_neither_welcomed_nor_withdrawn(desk, cast, clock):
    offer = await lapsed(desk, cast, clock)
    for who, deed in ((cast.ada, welcome_offer), (cast.bo, withdraw_offer)):
        with pytest.raises(Conflict):
            async with desk.writing(who) as work:
                await deed(work, offer)
    with pytest.raises(Conflict):
        async with desk.writing(cast.ada) as work:
            await decline_offer(work, offer, words="Sorry, no.")


async def elsewhere(desk, cast, need="", **told):
    async with desk.writing(cast.cy) as work:
        number = (await post_problem(work, Told(**{"tags": (), "help_wanted": "", **told}))).id
    return await a_need(desk, cast.cy, number, need) if need else number


async def test_the_alternative_is_a_need_elsewhere_that_fits(desk, cast, clock, bo_client):
    await elsewhere(desk, cast, "Somebody who bakes", title="The fair has no cakes")
    fits = await elsewhere(desk, cast, "A van for an afternoon", title="The hall wants chairs")
    own = await a_need(desk, cast.ada, cast.problem, "A van for us")
    offer = await lapsed(desk, cast, clock, need_id=own)
    async with desk.reading(cast.bo) as work:
        assert (await fitting_alternative(work, await find_offer(work, offer))).id == fits
    page = (await bo_client.get(f"/offers/{offer}")).text
    assert "A van for an afternoon" in page
    assert "The fair has no cakes" not in page


async def test_shared_tags_say_that_something_fits(desk, cast, clock):
    fits = await elsewhere(desk, cast, "Somebody patient", title="The ditch is full", tags=("drains",))
    await elsewhere(desk, cast, "Somebody for an evening of song", title="The choir is thin")
    offer = await lapsed(desk, cast, clock, what="An evening")
    async with desk.reading(cast.bo) as work:
        assert (await fitting_alternative(work, await find_offer(work, offer))).id == fits


async def test_without_a_need_it_is_a_problem_that_asks_and_without_one_nothing(desk, cast, clock, bo_client):
    offer = await lapsed(desk, cast, clock, what="Eleven concertinas")
    async with desk.reading(cast.bo) as work:
        assert await fitting_alternative(work, await find_offer(work, offer)) is None
    assert "see what needs help now" in (await bo_client.get(f"/offers/{offer}")).text
    number = await elsewhere(desk, cast, title="The band is short of players", help_wanted="a concertina or two")
    async with desk.reading(cast.bo) as work:
        assert (await fitting_alternative(work, await find_offer(work, offer))).id == number
    assert "a concertina or two" in (await bo_client.get(f"/offers/{offer}")).text


async def test_a_welcomed_offer_ends_after_its_last_day(desk, cast, clock):
    today = clock.now.date()
    need_id = await a_need(desk, cast.ada, cast.problem)
    offer = await a_welcome_offer(desk, cast.bo, cast, need_id=need_id, until=today + timedelta(days=2))
    clock.now = clock.now.replace(hour=13)
    clock.turn(days=2)
    await mind_offers(desk)
    assert await state_of(desk, offer) == "welcomed"
    clock.turn(days=1)
    await mind_offers(desk)
    await mind_offers(desk)
    assert await state_of(desk, offer) == "ended"
    async with desk.reading() as work:
        need = await find_need(work, need_id)
    assert (need.state, need.offer_count, need.asks_whether_met) == ("open", 0, False)
    assert (await problem_now(desk, cast.problem)).offer_count == 0


async def test_one_that_waited_past_its_last_day_is_unanswered(desk, cast, clock):
    offer = await an_offer(desk, cast.bo, cast.problem, until=clock.now.date())
    clock.turn(days=2)
    await mind_offers(desk)
    assert await state_of(desk, offer) == "unanswered"


@pytest.mark.parametrize("side", ["ada", "bo"])
async def test_either_side_says_that_it_is_done_and_both_are_asked_for_thanks(
    desk, cast, ada_client, bo_client, dee_client, side
):
    offer = await a_welcome_offer(desk, cast.bo, cast)
    clients = {"ada": ada_client, "bo": bo_client}
    answer = await clients[side].post(f"/offers/{offer}/ending", data={"hours_given": "1,5"})
    assert answer.status_code == 303
    thanks = f"/problems/{cast.problem}/basements-on-brook-lane-flood?thanks={offer}"
    for one, named in ((ada_client, "@bo"), (bo_client, "@ada")):
        assert f"{thanks}#composer" in (await one.get(f"/offers/{offer}")).text
        assert f"Thank you, {named}, for" in (await one.get(thanks)).text
        assert "A van on Saturdays. </textarea>" in (await one.get(thanks)).text
    assert "Say thanks</a>" not in (await dee_client.get(f"/offers/{offer}")).text
    assert "Thank you, @" not in (await dee_client.get(thanks)).text


async def test_only_the_two_end_it_and_only_what_was_welcomed(desk, cast):
    waiting = await an_offer(desk, cast.bo, cast.problem)
    with pytest.raises(Conflict):
        async with desk.writing(cast.bo) as work:
            await end_offer(work, waiting)
    offer = await a_welcome_offer(desk, cast.bo, cast)
    with pytest.raises(Refused):
        async with desk.writing(cast.dee) as work:
            await end_offer(work, offer)
    async with desk.writing(cast.bo) as work:
        await end_offer(work, offer)
        assert OfferEnded(cast.problem, offer) in work.events
    async with desk.writing(cast.ada) as work:
        await end_offer(work, offer, hours_given=9)
        assert work.events == []
    async with desk.reading(cast.bo) as work:
        assert (await own_hours(work)).given == 0  # it was hers to say once, and is his now


async def test_hours_are_one_s_own(desk, cast, client, bo_client, ada_client):
    await a_welcome_offer(desk, cast.bo, cast, hours=2.5)
    await a_welcome_offer(desk, cast.bo, cast, "A ladder", hours=2)
    done = await a_welcome_offer(desk, cast.bo, cast, "A day", hours=8)
    await an_offer(desk, cast.bo, cast.problem, "A week", hours=40)
    async with desk.writing(cast.bo) as work:
        await end_offer(work, done, hours_given=6)
    own = (await bo_client.get("/account/offers")).text
    assert "4.5 hours" in own
    assert "6 hours" in own
    assert "Waiting for an answer" in own
    for browser in (client, ada_client):
        for page in ("/people/bo", f"/offers/{done}", f"/problems/{cast.problem}/network"):
            shown = (await browser.get(page)).text
            assert "4.5 hours" not in shown
            assert "6 hours" not in shown
    assert 'value="6"' in (await bo_client.get(f"/offers/{done}")).text
    assert 'value="6"' not in (await ada_client.get(f"/offers/{done}")).text
    assert "None so far" in (await ada_client.get("/account/offers")).text


async def test_bad_hours_come_back_beside_their_field(desk, cast, bo_client):
    offer = await a_welcome_offer(desk, cast.bo, cast)
    answer = await bo_client.post(f"/offers/{offer}/ending", data={"hours_given": "many"})
    assert answer.status_code == 422
    assert 'id="error-hours_given"' in answer.text
    assert await state_of(desk, offer) == "welcomed"
