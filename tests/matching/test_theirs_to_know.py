"""What somebody who is asked may keep to themselves: who they are, when they sleep, whom they want no dealings with.

And what is nobody's fault closes no door: an ask that was called off may be made again.
"""

from __future__ import annotations

from datetime import time, timedelta

import httpx2
import pytest

from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Desk, Unfit
from civicboard.matching.actions.answering import accept_ask, decline_ask, decline_for_another, withdraw_ask
from civicboard.matching.actions.asking import ask_somebody
from civicboard.matching.queries.asks import asked_by_viewer, find_ask, own_asks
from civicboard.networks.models import Member
from civicboard.notices.queries import notices_of
from civicboard.offers.actions import decline_offer, make_offer, reopen_need, settle_need, welcome_offer
from civicboard.people.models import Block
from civicboard.problems.actions import follow
from tests.cast import Cast
from tests.conftest import TurnedClock
from tests.matching.people import CONFIG, NOON, a_need, all_asks, an_ask, by_the_clock, can, delivered, the_ask


@pytest.fixture(autouse=True)
def _noon(clock: TurnedClock) -> None:
    clock.now = NOON


ASLEEP = {"quiet_from": time(9), "quiet_until": time(8)}


async def quietly(desk: Desk, who: Viewer, need: int) -> int:
    """Whoever fits is asked without a name; the ask's id."""
    async with desk.writing(who) as work:
        await ask_somebody(work, need, config=CONFIG)
    return (await all_asks(desk))[-1].id


async def seen_by(desk: Desk, who: Viewer, need: int) -> list[tuple[str, str]]:
    async with desk.reading(who) as work:
        return [(one.name, one.state_words) for one in await asked_by_viewer(work, [need])]


async def read_by(desk: Desk, who: Viewer) -> list[tuple[str, bool]]:
    async with desk.reading(who) as work:
        return [(one.kind, one.is_a_yes) for one in (await notices_of(work)).notices]


async def offers(desk: Desk, who: Viewer, cast: Cast, need: int) -> int:
    async with desk.writing(who) as work:
        return await make_offer(work, cast.problem, what="I know drains", need_id=need)


async def brought_in(desk: Desk, cast: Cast, who: Viewer) -> int | None:
    async with desk.reading() as work:
        member = await work.session.get_one(Member, (cast.problem, who.id))
        return member.introduced_by_id


async def test_who_is_still_to_be_asked_and_offers_by_themselves_was_never_asked(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage", visibility="matching", **ASLEEP)
    need = await a_need(desk, cast)
    one = await quietly(desk, cast.ada, need)
    assert (await delivered(desk, one)).state == "waiting"
    await offers(desk, cast.bo, cast, need)
    assert (await the_ask(desk, one)).state == "called_off"
    assert await seen_by(desk, cast.ada, need) == []
    assert await read_by(desk, cast.ada) == [("offer_made", False)]
    async with desk.reading(cast.bo) as work:
        assert await own_asks(work) == []
    # Nor are they asked now for what they offer already.
    await quietly(desk, cast.ada, need)
    assert len(await all_asks(desk)) == 1


@pytest.mark.parametrize("before", ["asked", "not now"])
async def test_who_was_asked_without_a_name_and_offers_by_themselves_keeps_it(
    desk: Desk, cast: Cast, bo_client: httpx2.AsyncClient, before: str
) -> None:
    """Their offer is there for all to read; that it was them whom Ada had asked is not."""
    await can(desk, cast.bo, "drainage", visibility="matching")
    need = await a_need(desk, cast)
    one = await quietly(desk, cast.ada, need)
    await delivered(desk, one)
    if before == "not now":
        async with desk.writing(cast.bo) as work:
            await decline_ask(work, one)
    offer = await offers(desk, cast.bo, cast, need)
    assert await seen_by(desk, cast.ada, need) == []
    assert await read_by(desk, cast.ada) == [("offer_made", False)]
    page = (await bo_client.get(f"/asks/{one}")).text
    if before == "asked":
        assert "You have offered it yourself" in page
        assert f'href="/offers/{offer}"' in page
        assert "Yes, I can help" not in page
        async with desk.reading(cast.bo) as work:
            assert all(not notice.takes_answer for notice in (await notices_of(work)).notices)
    # Who answers the ask itself says so to her.
    async with desk.writing(cast.bo) as work:
        assert await accept_ask(work, one) == offer
    assert await seen_by(desk, cast.ada, need) == [("Bo Adeyemi", "Yes")]


async def test_who_was_asked_by_name_and_offers_by_themselves_has_said_yes(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    await delivered(desk, await an_ask(desk, cast.ada, need, "bo"))
    await offers(desk, cast.bo, cast, need)
    assert await seen_by(desk, cast.ada, need) == [("Bo Adeyemi", "Yes")]
    assert await read_by(desk, cast.ada) == [("offer_made", True)]


@pytest.mark.parametrize("named", [True, False])
async def test_who_was_asked_without_a_name_brings_nobody_in_for_all_to_read(
    desk: Desk, cast: Cast, bo_client: httpx2.AsyncClient, named: bool
) -> None:
    await can(desk, cast.bo, "drainage", visibility="public" if named else "matching")
    need = await a_need(desk, cast)
    one = await an_ask(desk, cast.ada, need, "bo") if named else await quietly(desk, cast.ada, need)
    await delivered(desk, one)
    hint = "everybody reads that you brought them in" if named else "and nobody else does"
    assert hint in (await bo_client.get(f"/asks/{one}")).text
    async with desk.writing(cast.bo) as work:
        await decline_for_another(work, one, config=CONFIG, instead="dee")
    passed_on = (await all_asks(desk))[-1]
    await delivered(desk, passed_on.id)
    async with desk.writing(cast.dee) as work:
        await accept_ask(work, passed_on.id)
    assert await brought_in(desk, cast, cast.dee) == (cast.bo.id if named else None)


async def test_who_brought_somebody_in_is_kept_until_the_poster_welcomes_them(desk: Desk, cast: Cast) -> None:
    """Cy asks, who isn't the poster; Bo passes it on to Dee, who says yes; Ada welcomes her a day later."""
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    async with desk.writing(cast.cy) as work:
        await follow(work, cast.problem)
    one = await an_ask(desk, cast.cy, need, "bo")
    await delivered(desk, one)
    async with desk.writing(cast.bo) as work:
        await decline_for_another(work, one, config=CONFIG, instead="dee")
    passed_on = (await all_asks(desk))[-1]
    await delivered(desk, passed_on.id)
    async with desk.writing(cast.dee) as work:
        offer = await accept_ask(work, passed_on.id)
    async with desk.writing(cast.ada) as work:
        await welcome_offer(work, offer)
    assert await brought_in(desk, cast, cast.dee) == cast.bo.id


@pytest.mark.parametrize("was_put", [True, False])
async def test_what_was_taken_back_may_be_asked_again_and_shows_nothing_meanwhile(
    desk: Desk, cast: Cast, was_put: bool
) -> None:
    await can(desk, cast.bo, "drainage", **({} if was_put else ASLEEP))
    need = await a_need(desk, cast)
    one = await an_ask(desk, cast.ada, need, "bo")
    await delivered(desk, one)
    assert await seen_by(desk, cast.ada, need) == [("Bo Adeyemi", "Asked")]
    for _ in range(2):
        async with desk.writing(cast.ada) as work:
            await withdraw_ask(work, one)
        assert await seen_by(desk, cast.ada, need) == []
    again = await an_ask(desk, cast.ada, need, "bo")
    assert again != one
    await can(desk, cast.bo, quiet_from=time(3), quiet_until=time(3))
    assert (await delivered(desk, again)).state == "asked"
    async with desk.reading(cast.bo) as work:
        assert (await find_ask(work, again)).takes_answers
    kinds = [kind for kind, _ in await read_by(desk, cast.bo)]
    assert kinds == ["asked"] * (2 if was_put else 1)


async def test_what_was_called_off_counts_for_the_week(desk: Desk, cast: Cast, clock: TurnedClock) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    for _ in range(2):
        one = await an_ask(desk, cast.ada, need, "bo")
        assert (await delivered(desk, one)).state == "asked"
        async with desk.writing(cast.ada) as work:
            await withdraw_ask(work, one)
        clock.turn(hours=1)
    third = await an_ask(desk, cast.ada, need, "bo")
    waiting = await delivered(desk, third)
    assert (waiting.state, waiting.asked_at) == ("waiting", None)
    assert waiting.due_at >= NOON + timedelta(days=7)


async def test_a_need_that_opens_again_may_be_asked_for_again_but_not_after_a_no(desk: Desk, cast: Cast) -> None:
    for who in (cast.bo, cast.cy):
        await can(desk, who, "drainage")
    need = await a_need(desk, cast)
    said_no, called_off = [await an_ask(desk, cast.ada, need, handle) for handle in ("bo", "cy")]
    for one in (said_no, called_off):
        await delivered(desk, one)
    async with desk.writing(cast.bo) as work:
        await decline_ask(work, said_no)
    for deed in (settle_need, reopen_need):
        async with desk.writing(cast.ada) as work:
            await deed(work, need)
    assert (await the_ask(desk, called_off)).state == "called_off"
    await an_ask(desk, cast.ada, need, "cy")
    with pytest.raises(Unfit):
        await an_ask(desk, cast.ada, need, "bo")


@pytest.mark.parametrize("change", ["block", "never"])
async def test_who_turns_away_before_they_are_asked_is_like_one_who_does_not_answer(
    desk: Desk, cast: Cast, clock: TurnedClock, change: str
) -> None:
    """Bo turns away, Cy is asked and says nothing: Ada sees the same of both, day by day."""
    for who in (cast.bo, cast.cy):
        await can(desk, who, "drainage")
    need = await a_need(desk, cast)
    asks = [await an_ask(desk, cast.ada, need, handle, contact="0123") for handle in ("bo", "cy")]
    if change == "never":
        await can(desk, cast.bo, asks_a_week=0)
    else:
        async with desk.writing() as work:
            work.session.add(Block(person_id=cast.bo.id, blocked_id=cast.ada.id, since=work.now))
    for one in asks:
        await delivered(desk, one)
    seen = []
    for _ in range(9):
        found = dict(await seen_by(desk, cast.ada, need))
        assert found["Bo Adeyemi"] == found["Cy Barnes"]
        seen.append(found["Bo Adeyemi"])
        clock.turn(days=1)
        await by_the_clock(desk)
        await delivered(desk, asks[0])
    assert seen == ["Asked"] * 7 + ["No answer"] * 2
    first = await the_ask(desk, asks[0])
    assert (first.asked_at, first.contact) == (None, "")
    async with desk.reading(cast.bo) as work:
        assert await own_asks(work) == []


async def test_one_who_turns_away_unnamed_makes_room_for_the_next(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage", visibility="matching", levels={"drainage": "living"})
    await can(desk, cast.cy, "drainage", visibility="matching")
    need = await a_need(desk, cast)
    one = await quietly(desk, cast.ada, need)
    await can(desk, cast.bo, asks_a_week=0)
    assert (await delivered(desk, one)).state == "called_off"
    await quietly(desk, cast.ada, need)
    assert [found.person_id for found in await all_asks(desk)] == [cast.bo.id, cast.cy.id]


async def test_a_form_sent_again_after_a_no_is_refused(ada_client: httpx2.AsyncClient, desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    sent = {"who": "bo", "words": "Could you?"}
    first = await ada_client.post(f"/needs/{need}/asks", data=sent)
    assert first.headers["location"].endswith("said=asked")
    (one,) = await all_asks(desk)
    await delivered(desk, one.id)
    async with desk.writing(cast.bo) as work:
        await decline_ask(work, one.id)
    again = await ada_client.post(f"/needs/{need}/asks", data=sent)
    assert again.status_code == 422
    assert "They can’t be asked for this" in again.text
    assert "Could you?" in again.text


async def test_who_has_offered_it_and_was_declined_is_asked_by_nobody(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    offer = await offers(desk, cast.bo, cast, need)
    async with desk.writing(cast.ada) as work:
        await decline_offer(work, offer, words="Somebody nearer does it.")
    with pytest.raises(Unfit):
        await an_ask(desk, cast.ada, need, "bo")
