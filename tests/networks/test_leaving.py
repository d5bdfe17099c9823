"""Stepping out of the people round a problem, and being in again."""

from __future__ import annotations

import pytest

from civicboard.board.events import FitChanged
from civicboard.board.queries import find_card
from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Refused
from civicboard.networks.actions import come_back, step_out
from civicboard.networks.events import MemberJoined, MemberLeft
from civicboard.networks.queries import find_part, members_of
from civicboard.offers.events import OfferWithdrawn
from civicboard.offers.queries import offers_on
from tests.cast import a_post, a_welcome_offer, an_offer, problem_now


async def leave(desk, who, number):
    async with desk.writing(who) as work:
        await step_out(work, number)
    # What the page of what is for them makes of it is told in tests/board.
    return [one for one in work.events if not isinstance(one, FitChanged)]


async def undo(desk, who, number):
    async with desk.writing(who) as work:
        return await come_back(work, number)


async def round_it(desk, number):
    async with desk.reading() as work:
        return {m.handle: (m.part, m.brings) for m in await members_of(work, number) if m.part != "poster"}


async def test_who_steps_out_is_no_longer_counted_or_shown_anywhere(desk, cast, client):
    await a_post(desk, cast.bo, cast.problem, "The culvert is blocked.")
    await a_post(desk, cast.cy, cast.problem)
    assert await leave(desk, cast.bo, cast.problem) == [MemberLeft(cast.problem, cast.bo.id)]
    assert await round_it(desk, cast.problem) == {"cy": ("talker", "")}
    assert (await problem_now(desk, cast.problem)).member_count == 1
    async with desk.reading(cast.bo) as work:
        assert await find_part(work, cast.problem) is None
        assert (await find_card(work, cast.problem)).faces == ["Cy Barnes"]
    assert "Bo Adeyemi" not in (await client.get(f"/problems/{cast.problem}/network")).text
    board = (await client.get("/")).text
    assert '<span class="face b" aria-hidden="true">CB</span>' in board
    assert "and 1 other<" in board
    page = (await client.get((await problem_now(desk, cast.problem)).path)).text
    assert "The culvert is blocked." in page, "what was said in the open stays"


async def test_stepping_out_twice_counts_once_and_lifts_nothing(desk, cast, clock):
    await a_post(desk, cast.bo, cast.problem)
    before = await problem_now(desk, cast.problem)
    clock.turn(minutes=5)
    await leave(desk, cast.bo, cast.problem)
    after = await problem_now(desk, cast.problem)
    assert after.moved_at == before.moved_at
    assert after.version > before.version, "the notice on the board is made anew"
    assert await leave(desk, cast.bo, cast.problem) == []
    assert await leave(desk, cast.dee, cast.problem) == []
    assert (await problem_now(desk, cast.problem)).member_count == 0


async def test_welcomed_offers_end_with_it_and_no_others(desk, cast):
    welcomed = [await a_welcome_offer(desk, cast.bo, cast, what) for what in ("A van", "A ladder")]
    waiting = await an_offer(desk, cast.bo, cast.problem, "A cake")
    others = await a_welcome_offer(desk, cast.cy, cast, "The plans")
    happened = await leave(desk, cast.bo, cast.problem)
    assert happened[1:] == [OfferWithdrawn(cast.problem, one) for one in welcomed]
    async with desk.reading() as work:
        states = {offer.id: offer.state for offer in await offers_on(work, cast.problem)}
    assert states == {**dict.fromkeys(welcomed, "withdrawn"), waiting: "waiting", others: "welcomed"}
    assert (await problem_now(desk, cast.problem)).offer_count == 2


async def test_it_can_be_undone_for_an_hour(desk, cast, clock):
    await a_welcome_offer(desk, cast.bo, cast, "A van")
    await leave(desk, cast.bo, cast.problem)
    clock.turn(minutes=59)
    async with desk.writing(cast.bo) as work:
        assert await come_back(work, cast.problem)
        assert work.events == [MemberJoined(cast.problem, cast.bo.id)]
    assert await round_it(desk, cast.problem) == {"bo": ("helper", "A van")}
    assert (await problem_now(desk, cast.problem)).member_count == 1
    await leave(desk, cast.bo, cast.problem)
    clock.turn(minutes=61)
    assert not await undo(desk, cast.bo, cast.problem)
    assert not await undo(desk, cast.dee, cast.problem), "nor by who was never in it"
    assert await round_it(desk, cast.problem) == {}


async def test_whoever_writes_again_is_in_the_conversation_again(desk, cast):
    await a_welcome_offer(desk, cast.bo, cast, "A van")
    await leave(desk, cast.bo, cast.problem)
    await a_post(desk, cast.bo, cast.problem)
    assert await round_it(desk, cast.problem) == {"bo": ("talker", "")}
    assert (await problem_now(desk, cast.problem)).member_count == 1


async def test_whoever_is_welcomed_again_helps_with_what_they_bring_now(desk, cast):
    await a_welcome_offer(desk, cast.bo, cast, "A van")
    await leave(desk, cast.bo, cast.problem)
    await a_welcome_offer(desk, cast.bo, cast, "A ladder")
    assert await round_it(desk, cast.problem) == {"bo": ("helper", "A ladder")}
    assert (await problem_now(desk, cast.problem)).member_count == 1


async def test_a_problem_keeps_its_poster_and_strangers_have_nothing_to_leave(desk, cast):
    for who, words in ((cast.ada, "your own"), (NOBODY, "sign in")):
        with pytest.raises(Refused, match=words):
            await leave(desk, who, cast.problem)


async def test_by_the_page_and_back_again(desk, cast, bo_client, ada_client, dee_client):
    await a_welcome_offer(desk, cast.bo, cast, "A van")
    network = f"/problems/{cast.problem}/network"
    assert "Step out" in (await bo_client.get(network)).text
    for other in (ada_client, dee_client):
        assert "Step out" not in (await other.get(network)).text
    gone = await bo_client.post(f"{network}/membership?_method=DELETE")
    assert gone.headers["location"] == f"{network}?said=stepped-out"
    page = (await bo_client.get(gone.headers["location"])).text
    assert "You have stepped out." in page
    assert "Undo, I stay in" in page
    assert (await bo_client.get(f"{network}/members")).status_code == 404
    back = await bo_client.post(f"{network}/membership")
    assert back.headers["location"] == f"{network}?said=back"
    assert (await bo_client.get(f"{network}/members")).status_code == 200
    assert (await dee_client.post(f"{network}/membership")).headers["location"] == f"{network}?said=too-late"
