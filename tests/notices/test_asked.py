"""Who is asked reads it among their notices and answers there; who asked reads of a yes, and of nothing else."""

from __future__ import annotations

from datetime import time

import pytest
import pytest_asyncio
from sqlalchemy import text

from civicboard.matching.actions.answering import accept_ask, decline_ask, withdraw_ask
from civicboard.notices.queries import count_unread, notices_of
from civicboard.problems.actions import follow
from tests.conftest import client_for
from tests.matching.people import a_need, an_ask, can, delivered


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
    for who, words in (("cy", "has said yes: Somebody who knows drains"), ("ada", "offers: Somebody who knows drains")):
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
