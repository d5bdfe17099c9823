"""Saying yes when one was asked to help."""

from __future__ import annotations

import pytest

from civicboard.kit.work import Conflict, Refused
from civicboard.networks.models import Member
from civicboard.networks.queries import members_of
from civicboard.offers.actions import offer_when_asked, settle_need
from civicboard.offers.queries import contacts_on, find_need, find_offer, offers_to
from tests.cast import a_need, an_offer


@pytest.fixture
async def need_id(desk, cast):
    return await a_need(desk, cast.ada, cast.problem)


async def say_yes(desk, who, need_id, asked_by, **said):
    async with desk.writing(who) as work:
        return await offer_when_asked(work, need_id, asked_by_id=asked_by.id, what="A ladder, gladly", **said)


async def test_asked_by_the_poster_it_is_welcomed_at_once_and_both_can_reach_each_other(desk, cast, need_id):
    offer_id = await say_yes(desk, cast.bo, need_id, cast.ada, hours=2, contact="bo's bell", their_contact="ada's bell")
    async with desk.reading(cast.bo) as work:
        offer = await find_offer(work, offer_id)
        assert (offer.state, offer.need_id, offer.hours) == ("welcomed", need_id, 2)
        assert (await find_need(work, need_id)).state == "being_met"
        assert (await contacts_on(work, offer)).theirs == "ada's bell"
        assert ("bo", "helper") in {(one.handle, one.part) for one in await members_of(work, cast.problem)}
    async with desk.reading(cast.ada) as work:
        assert (await contacts_on(work, offer)).theirs == "bo's bell"


async def test_asked_by_another_it_waits_for_the_poster_who_sees_no_contact_yet(desk, cast, need_id):
    offer_id = await say_yes(desk, cast.bo, need_id, cast.cy, contact="bo's bell", their_contact="cy's bell")
    for who in (cast.ada, cast.cy):
        async with desk.reading(who) as work:
            offer = await find_offer(work, offer_id)
            assert offer.state == "waiting"
            assert (await contacts_on(work, offer)).theirs == ""


async def test_what_is_offered_already_is_not_offered_twice(desk, cast, need_id):
    before = await an_offer(desk, cast.bo, cast.problem, need_id=need_id)
    for _ in range(2):
        assert await say_yes(desk, cast.bo, need_id, cast.ada) == before
    async with desk.reading() as work:
        (offer,) = await offers_to(work, need_id)
    assert offer.state == "welcomed"


async def test_who_introduced_them_is_kept(desk, cast, need_id):
    await say_yes(desk, cast.bo, need_id, cast.ada, introduced_by_id=cast.dee.id)
    async with desk.reading() as work:
        member = await work.session.get(Member, (cast.problem, cast.bo.id))
    assert member.introduced_by_id == cast.dee.id


async def test_what_is_no_longer_needed_and_one_s_own_take_no_yes(desk, cast, need_id):
    with pytest.raises(Refused):
        await say_yes(desk, cast.ada, need_id, cast.bo)
    async with desk.writing(cast.ada) as work:
        await settle_need(work, need_id)
    with pytest.raises(Conflict):
        await say_yes(desk, cast.bo, need_id, cast.ada)
