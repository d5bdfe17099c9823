"""Who is asked reads it among their notices and answers there; who asked reads of a yes, and of nothing else."""

from __future__ import annotations

from datetime import time

import pytest
import pytest_asyncio

from civicboard.matching.actions.answering import accept_ask, decline_ask, withdraw_ask
from civicboard.notices.queries import count_unread, notices_of
from civicboard.problems.actions import follow
from tests.matching.people import a_need, ask, can, delivered


async def told(desk, who):
    async with desk.reading(who) as work:
        return [notice.kind for notice in reversed((await notices_of(work)).notices)]


async def unread(desk, who):
    async with desk.reading(who) as work:
        return await count_unread(work, who.id)


@pytest_asyncio.fixture
async def plea(desk, cast):
    """Cy follows Ada's problem and asks Bo, who knows drains."""
    await can(desk, cast.bo, "drainage", visibility="public", quiet_from=time(3), quiet_until=time(3))
    need_id = await a_need(desk, cast)
    async with desk.writing(cast.cy) as work:
        await follow(work, cast.problem)
    plea_id = await ask(desk, cast.cy, need_id, "bo")
    assert (await delivered(desk, plea_id)).state == "asked"
    return plea_id


async def test_who_is_asked_is_told_once_with_the_answers_beside_it(desk, cast, plea, bo_client):
    assert await told(desk, cast.bo) == ["asked"]
    page = (await bo_client.get("/notices")).text
    for answer in ("yes", "not_now", "not_me"):
        assert f'value="{answer}"' in page
    assert f"/asks/{plea}/answer" in page
    assert "Cy Barnes" in page


async def test_a_yes_is_told_to_who_asked_and_to_the_poster_and_a_no_to_nobody(desk, cast, plea):
    async with desk.writing(cast.bo) as work:
        await decline_ask(work, plea)
    assert await told(desk, cast.cy) == await told(desk, cast.ada) == []
    async with desk.writing(cast.bo) as work:
        await accept_ask(work, plea)
    assert await told(desk, cast.cy) == await told(desk, cast.ada) == ["offer_made"]


@pytest.mark.parametrize(("who", "deed"), [("bo", decline_ask), ("bo", accept_ask), ("cy", withdraw_ask)])
async def test_what_is_answered_or_taken_back_waits_to_be_read_no_more(desk, cast, plea, who, deed):
    assert await unread(desk, cast.bo) == 1
    async with desk.writing(getattr(cast, who)) as work:
        await deed(work, plea)
    assert await unread(desk, cast.bo) == 0
