"""Wanting nothing to do with somebody: one's own business, and undone as easily."""

from __future__ import annotations

import asyncio

import pytest

from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Missing, Refused
from civicboard.people.actions import block_person, unblock_person
from civicboard.people.policy import may_block
from civicboard.people.queries import blocked_with, find_block, own_blocks
from tests.conftest import client_for


async def with_whom(desk, person_id):
    async with desk.reading() as work:
        return await blocked_with(work, person_id)


async def test_both_are_kept_apart_and_only_one_sees_it(desk, cast):
    async with desk.writing(cast.bo) as work:
        await block_person(work, "ADA")
        await block_person(work, "ada")
        await block_person(work, "cy")
        assert work.events == [], "no event tells of it"
    async with desk.writing(cast.dee) as work:
        await block_person(work, "bo")
    assert await with_whom(desk, cast.bo.id) == {cast.ada.id, cast.cy.id, cast.dee.id}
    assert await with_whom(desk, cast.ada.id) == {cast.bo.id}
    assert await with_whom(desk, cast.dee.id) == {cast.bo.id}
    for viewer, other, blocks in ((cast.bo, cast.ada, True), (cast.ada, cast.bo, False), (NOBODY, cast.ada, False)):
        async with desk.reading(viewer) as work:
            assert await find_block(work, other.id) is blocks
    async with desk.reading(cast.bo) as work:
        assert {one.handle for one in await own_blocks(work)} == {"ada", "cy"}
    async with desk.reading(cast.ada) as work:
        assert await own_blocks(work) == []


async def test_taking_it_back_leaves_the_others_own(desk, cast):
    for who, whom in ((cast.bo, "ada"), (cast.ada, "bo")):
        async with desk.writing(who) as work:
            await block_person(work, whom)
    for _ in range(2):
        async with desk.writing(cast.bo) as work:
            await unblock_person(work, "ada")
    assert await with_whom(desk, cast.bo.id) == {cast.ada.id}, "Ada still wants nothing to do with Bo"


async def test_two_taps_at_once_count_once(desk, cast):
    async def tap():
        async with desk.writing(cast.bo) as work:
            await block_person(work, "ada")

    await asyncio.gather(tap(), tap())
    assert await with_whom(desk, cast.ada.id) == {cast.bo.id}


@pytest.mark.parametrize("deed", [block_person, unblock_person])
async def test_who_may(desk, cast, deed):
    with pytest.raises(Refused):
        async with desk.writing(NOBODY) as work:
            await deed(work, "ada")
    with pytest.raises(Missing):
        async with desk.writing(cast.bo) as work:
            await deed(work, "nobody-of-this-name")
    with pytest.raises(Refused):
        async with desk.writing(cast.bo) as work:
            await block_person(work, "bo")
    assert may_block(cast.bo, cast.ada.id)
    assert not may_block(cast.bo, cast.bo.id)
    assert not may_block(NOBODY, cast.ada.id)


async def test_the_button_and_the_list_are_ones_own(app, bo_client, client, cast):
    page = await bo_client.get("/people/ada")
    assert "I want nothing to do with this person" in page.text
    answer = await bo_client.post("/people/ada/block")
    assert answer.headers["location"] == "/people/ada?said=blocked"
    assert "Take that back" in (await bo_client.get("/people/ada")).text
    assert 'action="/people/ada/block?_method=DELETE"' in (await bo_client.get("/account")).text
    for token in ("", cast.tokens["ada"], cast.tokens["cy"]):
        async with client_for(app, token=token) as browser:
            for path in ("/people/ada", "/people/bo"):
                text = (await browser.get(path)).text
                assert "Take that back" not in text
            if token:
                assert "nothing to do with" not in (await browser.get("/account")).text
    assert "nothing to do with" not in (await client.get("/people/ada")).text
    assert "nothing to do with" not in (await bo_client.get("/people/bo")).text, "nobody gets away from themselves"
    answer = await bo_client.post("/people/ada/block?_method=DELETE")
    assert answer.headers["location"] == "/people/ada?said=unblocked"
    assert "People you want nothing to do with" not in (await bo_client.get("/account")).text
