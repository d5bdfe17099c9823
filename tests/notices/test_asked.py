"""Who is asked reads it among their notices and answers there; who asked reads of a yes, and of nothing else."""

from __future__ import annotations

from datetime import time

import pytest
import pytest_asyncio
from sqlalchemy import text

from civicboard.matching.actions.answering import accept_ask, decline_ask, decline_for_another, withdraw_ask
from civicboard.notices.queries import count_unread, notices_of
from civicboard.people.models import Block, Person
from civicboard.places.actions import put_place
from civicboard.problems.actions import follow
from tests.conftest import client_for
from tests.matching.people import CONFIG, a_need, all_asks, an_ask, by_the_clock, can, delivered


async def told(desk, who):
    async with desk.reading(who) as work:
        return [notice.kind for notice in reversed((await notices_of(work)).notices)]


async def unread(desk, who):
    async with desk.reading(who) as work:
        return await count_unread(work, who.id)


@pytest_asyncio.fixture
async def ask_id(desk, cast):
    """Cy follows Ada's problem and asks Bo, who knows drains."""
    await can(desk, cast.bo, "drainage", visibility="public", quiet_from=time(3), quiet_until=time(3))
    need_id = await a_need(desk, cast)
    async with desk.writing(cast.cy) as work:
        await follow(work, cast.problem)
    ask_id = await an_ask(desk, cast.cy, need_id, "bo")
    assert (await delivered(desk, ask_id)).state == "asked"
    return ask_id


async def test_who_is_asked_is_told_once_with_the_answers_beside_it(desk, cast, ask_id, bo_client):
    assert await told(desk, cast.bo) == ["asked"]
    page = (await bo_client.get("/notices")).text
    for answer in ("yes", "not_now", "not_me"):
        assert f'value="{answer}"' in page
    assert f"/asks/{ask_id}/answer" in page
    assert "Cy Barnes" in page


async def test_a_yes_is_told_to_who_asked_and_to_the_poster_and_a_no_to_nobody(desk, cast, ask_id):
    async with desk.writing(cast.bo) as work:
        await decline_ask(work, ask_id)
    assert await told(desk, cast.cy) == await told(desk, cast.ada) == []
    async with desk.writing(cast.bo) as work:
        await accept_ask(work, ask_id)
    assert await told(desk, cast.cy) == await told(desk, cast.ada) == ["offer_made"]


async def test_who_asked_reads_that_it_is_a_yes_and_others_that_it_is_an_offer(desk, cast, app, ask_id):
    async with desk.writing(cast.bo) as work:
        await accept_ask(work, ask_id)
    for who, words in (("cy", "has said yes: Help with “Somebody who knows drains”"), ("ada", "offers: Help with")):
        async with client_for(app, token=cast.tokens[who]) as browser:
            page = (await browser.get("/notices")).text
        assert f"<b>Bo Adeyemi</b> {words}" in page, who


async def test_what_was_told_before_the_word_changed_is_still_read(desk, cast, ask_id, bo_client):
    """A notice that the version before has written, which called it otherwise."""
    async with desk.writing() as work:
        await work.session.execute(
            text("UPDATE notices SET about = about - 'ask_id' || jsonb_build_object('plea_id', about->'ask_id')")
        )
    assert f"/asks/{ask_id}/answer" in (await bo_client.get("/notices")).text


@pytest.mark.parametrize(("who", "deed"), [("bo", decline_ask), ("bo", accept_ask), ("cy", withdraw_ask)])
async def test_what_is_answered_or_taken_back_waits_to_be_read_no_more(desk, cast, ask_id, who, deed):
    assert await unread(desk, cast.bo) == 1
    async with desk.writing(getattr(cast, who)) as work:
        await deed(work, ask_id)
    assert await unread(desk, cast.bo) == 0


async def test_it_says_why_how_long_and_in_whose_words(desk, cast, ask_id, bo_client):
    need_id = await a_need(desk, cast, "Another who knows drains")
    await delivered(desk, await an_ask(desk, cast.ada, need_id, "bo", words="You <b>mended</b> the mill race."))
    page = " ".join((await bo_client.get("/notices")).text.split())
    assert "You &lt;b&gt;mended&lt;/b&gt; the mill race." in page
    assert page.count("<li>You know about drainage.</li>") == 2
    assert page.count("It takes about 2 hours in all.") == 2


async def test_who_was_thought_of_reads_by_whom(desk, cast, app, ask_id):
    """Bo thinks of Dee, who has said nothing of what she can do: that is the reason, wherever she reads of it."""
    await can(desk, cast.dee, quiet_from=time(3), quiet_until=time(3))  # whenever this is tried
    async with desk.writing(cast.bo) as work:
        await decline_for_another(work, ask_id, config=CONFIG, instead="dee")
    (passed_on,) = [one.id for one in await all_asks(desk) if one.person_id == cast.dee.id]
    assert (await delivered(desk, passed_on)).state == "asked"
    async with client_for(app, token=cast.tokens["dee"]) as browser:
        for path in ("/notices", "/for-you", f"/asks/{passed_on}"):
            assert "<li>Bo Adeyemi thought of you.</li>" in (await browser.get(path)).text, path
    # Whom she wants no dealings with, she doesn't meet there either.
    async with desk.writing() as work:
        work.session.add(Block(person_id=cast.dee.id, blocked_id=cast.bo.id, since=work.now))
    async with client_for(app, token=cast.tokens["dee"]) as browser:
        for path in ("/notices", "/for-you", f"/asks/{passed_on}"):
            assert "Bo Adeyemi" not in (await browser.get(path)).text, path


async def test_across_a_block_it_takes_no_answer(desk, cast, ask_id, bo_client):
    """The page of the ask isn't there for Bo any more, so the notice doesn't lead to it, nor ask him for anything."""
    async with desk.writing() as work:
        work.session.add(Block(person_id=cast.bo.id, blocked_id=cast.cy.id, since=work.now))
    assert (await bo_client.get(f"/asks/{ask_id}")).status_code == 404
    page = (await bo_client.get("/notices")).text
    assert f"/asks/{ask_id}" not in page
    assert "Cy Barnes" not in page
    assert "no longer on the board" in page


async def test_the_board_asks_under_its_own_name(desk, cast, clock, app):
    await can(desk, cast.bo, "drainage", levels={"drainage": "living"}, quiet_from=time(3), quiet_until=time(3))
    async with desk.writing() as work:
        here = await put_place(work, slug="brook-lane", name="Brook Lane", kind="street")
        (await work.session.get_one(Person, cast.bo.id)).place_id = here
    await a_need(desk, cast)
    clock.turn(minutes=3)
    await by_the_clock(desk)
    (one,) = await all_asks(desk)
    async with client_for(app, token=cast.tokens["bo"]) as browser:
        for path in ("/notices", "/for-you", f"/asks/{one.id}"):
            assert "The board asks you" in (await browser.get(path)).text, path
