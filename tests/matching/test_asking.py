"""Asking: who may, whom, how often and when; what becomes of it, also when a worker dies or two are at it."""

from __future__ import annotations

import asyncio
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Conflict, Desk, Missing, Refused, Unfit
from civicboard.matching.actions.answering import accept_ask, decline_ask, decline_for_another, withdraw_ask
from civicboard.matching.actions.asking import ask_person, ask_somebody
from civicboard.matching.actions.delivering import deliver_ask
from civicboard.matching.jobs.asking import deliver
from civicboard.matching.policy.config import MatchingConfig
from civicboard.matching.queries.asks import asked_by_viewer, asks_of, find_ask, own_asks
from civicboard.offers.actions import dismiss_need, make_offer, settle_need
from civicboard.offers.queries import contacts_on, find_offer
from civicboard.people.models import Block
from civicboard.problems.actions import follow
from civicboard.progress.actions import set_stage
from tests.cast import Cast, a_welcome_offer
from tests.conftest import TurnedClock
from tests.matching.people import (
    CONFIG,
    NOON,
    a_need,
    a_person,
    all_asks,
    an_ask,
    by_the_clock,
    can,
    delivered,
    the_ask,
)


@pytest.fixture(autouse=True)
def _noon(clock: TurnedClock) -> None:
    clock.now = NOON


async def happened(desk: Desk) -> list[str]:
    async with desk.reading() as work:
        found = await work.session.scalars(
            text("SELECT kind FROM events WHERE kind IN ('PersonAsked', 'AskAnswered', 'AskEnded') ORDER BY id")
        )
        return list(found)


async def test_one_is_asked_with_the_reason_and_once(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage", free=["thu-evening"])
    need = await a_need(desk, cast)
    one = await an_ask(desk, cast.ada, need, "@Bo", words="You mended the mill race.", contact="0123 456")
    assert await an_ask(desk, cast.ada, need, "bo") == one
    asked = await delivered(desk, one)
    assert asked.state == "asked"
    await delivered(desk, one)
    assert await happened(desk) == ["PersonAsked"]
    async with desk.reading(cast.bo) as work:
        row = await find_ask(work, one)
        assert [other.id for other in await own_asks(work)] == [one]
    assert row.why == ["You know about drainage.", "It can be done online.", "You are free on Thursday evenings."]
    assert (row.by_name, row.said, row.hours_words) == ("Ada Kaur", "You mended the mill race.", "about 2 hours in all")
    for somebody_else in (cast.ada, cast.dee, NOBODY):
        async with desk.reading(somebody_else) as work:
            with pytest.raises(Missing):
                await find_ask(work, one)


async def test_only_people_of_the_problem_ask_and_only_who_fits(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    for who in (NOBODY, cast.cy):
        with pytest.raises(Refused):
            await an_ask(desk, who, need, "bo")
    async with desk.writing(cast.cy) as work:
        await follow(work, cast.problem)
    for handle in ("dee", "ada", "nobody-of-that-name"):
        with pytest.raises(Unfit):
            await an_ask(desk, cast.cy, need, handle)
    await an_ask(desk, cast.cy, need, "bo")
    # Somebody has asked him already: nobody asks him again for this.
    with pytest.raises(Unfit):
        await an_ask(desk, cast.ada, need, "bo")
    async with desk.writing(cast.ada) as work:
        await settle_need(work, need)
    with pytest.raises(Conflict):
        await an_ask(desk, cast.ada, need, "bo")


async def test_a_yes_to_the_poster_is_a_welcome_with_contact_both_ways(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    one = await an_ask(desk, cast.ada, need, "bo", contact="Ada: 0123")
    await delivered(desk, one)
    async with desk.writing(cast.bo) as work:
        offer = await accept_ask(work, one, contact="Bo: 0456")
    async with desk.writing(cast.bo) as work:
        assert await accept_ask(work, one) == offer
    said = await the_ask(desk, one)
    assert (said.state, said.contact, said.offer_id) == ("yes", "", offer)
    async with desk.reading(cast.bo) as work:
        found = await find_offer(work, offer)
        assert found.state == "welcomed"
        assert (await contacts_on(work, found)).theirs == "Ada: 0123"
    async with desk.reading(cast.ada) as work:
        assert (await contacts_on(work, found)).theirs == "Bo: 0456"
    with pytest.raises(Conflict):
        async with desk.writing(cast.bo) as work:
            await decline_ask(work, one)
    assert await happened(desk) == ["PersonAsked", "AskAnswered"]


async def test_a_yes_to_anybody_else_waits_for_the_poster_and_gives_no_contact(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    async with desk.writing(cast.cy) as work:
        await follow(work, cast.problem)
    one = await an_ask(desk, cast.cy, need, "bo", contact="Cy: 0789")
    assert (await delivered(desk, one)).contact == ""
    async with desk.writing(cast.bo) as work:
        offer = await accept_ask(work, one)
    async with desk.reading(cast.bo) as work:
        found = await find_offer(work, offer)
        assert found.state == "waiting"
        assert (await contacts_on(work, found)).theirs == ""


async def test_after_a_no_nobody_asks_again_but_one_may_change_ones_mind(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    one = await an_ask(desk, cast.ada, need, "bo", contact="0123")
    await delivered(desk, one)
    for _ in range(2):
        async with desk.writing(cast.bo) as work:
            await decline_ask(work, one)
    assert await happened(desk) == ["PersonAsked", "AskAnswered"]
    assert (await the_ask(desk, one)).contact == ""
    async with desk.writing(cast.cy) as work:
        await follow(work, cast.problem)
    for who in (cast.cy, cast.ada):
        with pytest.raises(Unfit):
            await an_ask(desk, who, need, "bo")
    await delivered(desk, one)
    assert (await happened(desk)).count("PersonAsked") == 1
    async with desk.writing(cast.bo) as work:
        await accept_ask(work, one)
    assert (await the_ask(desk, one)).state == "yes"


async def test_not_me_but_try_somebody_passes_it_on_once(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    one = await an_ask(desk, cast.ada, need, "bo", words="Could you?", contact="Ada: 0123")
    await delivered(desk, one)
    for handle in ("bo", "ada", "nobody-of-that-name"):
        with pytest.raises(Unfit):
            async with desk.writing(cast.bo) as work:
                await decline_for_another(work, one, config=CONFIG, instead=handle)
    async with desk.writing(cast.bo) as work:
        await decline_for_another(work, one, config=CONFIG, instead="@dee")
    async with desk.writing(cast.bo) as work:
        await decline_for_another(work, one, config=CONFIG, instead="cy")
    first, second = await all_asks(desk)
    assert (first.state, first.contact) == ("not_me", "")
    assert (second.person_id, second.by_id, second.passed_on_from_id) == (cast.dee.id, cast.ada.id, one)
    await delivered(desk, second.id)
    async with desk.reading(cast.dee) as work:
        row = await find_ask(work, second.id)
        assert (row.passed_on_by, row.by_name, row.said) == ("Bo Adeyemi", "Ada Kaur", "Could you?")
    async with desk.writing(cast.dee) as work:
        offer = await accept_ask(work, second.id)
    async with desk.reading(cast.dee) as work:
        assert (await contacts_on(work, await find_offer(work, offer))).theirs == "Ada: 0123"
        introduced = await work.session.scalar(
            text("SELECT introduced_by_id FROM members WHERE person_id = :dee").bindparams(dee=cast.dee.id)
        )
    assert introduced == cast.bo.id


async def test_blocked_people_are_never_asked_through_another(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    async with desk.writing() as work:
        work.session.add(Block(person_id=cast.dee.id, blocked_id=cast.ada.id, since=work.now))
    one = await an_ask(desk, cast.ada, await a_need(desk, cast), "bo")
    await delivered(desk, one)
    async with desk.writing(cast.bo) as work:
        await decline_for_another(work, one, config=CONFIG, instead="dee")
    assert len(await all_asks(desk)) == 1


async def test_a_block_comes_between_an_ask_and_its_person(desk: Desk, cast: Cast) -> None:
    for who in (cast.bo, cast.cy):
        await can(desk, who, "drainage")
    need = await a_need(desk, cast)
    put, waiting = [await an_ask(desk, cast.ada, need, handle) for handle in ("bo", "cy")]
    await delivered(desk, put)
    async with desk.writing() as work:
        for who in (cast.bo, cast.cy):
            work.session.add(Block(person_id=who.id, blocked_id=cast.ada.id, since=work.now))
    assert (await delivered(desk, waiting)).asked_at is None
    async with desk.reading(cast.bo) as work:
        with pytest.raises(Missing):
            await find_ask(work, put)
        assert await own_asks(work) == []
        assert await asks_of(work, cast.bo.id) == []
    with pytest.raises(Missing):
        async with desk.writing(cast.bo) as work:
            await accept_ask(work, put)


async def test_a_block_by_anybody_in_it_takes_the_ask_off_every_list(desk: Desk, cast: Cast) -> None:
    """Not only by who asked: what can't be opened is not offered to be."""
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    await a_welcome_offer(desk, cast.cy, cast)
    one = await an_ask(desk, cast.ada, need, "bo")
    await delivered(desk, one)
    async with desk.reading(cast.bo) as work:
        assert [row.id for row in await own_asks(work)] == [one]
        assert [row.id for row in await asks_of(work, cast.bo.id)] == [one]
    async with desk.writing() as work:
        work.session.add(Block(person_id=cast.cy.id, blocked_id=cast.bo.id, since=work.now))
    async with desk.reading(cast.bo) as work:
        assert await own_asks(work) == []
        assert await asks_of(work, cast.bo.id) == []
        with pytest.raises(Missing):
            await find_ask(work, one)


async def test_nobody_is_woken_by_their_own_clock(desk: Desk, cast: Cast, clock: TurnedClock) -> None:
    await can(desk, cast.bo, "drainage", timezone="Asia/Kolkata", quiet_from=time(17), quiet_until=time(9))
    one = await an_ask(desk, cast.ada, await a_need(desk, cast), "bo")
    waiting = await delivered(desk, one)
    assert waiting.state == "waiting"
    # Noon in London is half past five in Kolkata; it is nine there at half past three.
    assert waiting.due_at == NOON.replace(hour=3, minute=30) + timedelta(days=1)
    async with desk.reading(cast.bo) as work:
        with pytest.raises(Missing):
            await find_ask(work, one)
    async with desk.reading(cast.ada) as work:
        assert [found.state_words for found in await asked_by_viewer(work, [waiting.need_id])] == ["Asked"]
    clock.turn(hours=15, minutes=29)
    await by_the_clock(desk)
    assert (await the_ask(desk, one)).state == "waiting"
    clock.turn(minutes=1)
    await by_the_clock(desk)
    assert (await the_ask(desk, one)).state == "asked"


async def test_the_boards_zone_is_that_of_who_has_not_said_theirs(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage", quiet_from=time(21), quiet_until=time(8))
    one = await an_ask(desk, cast.ada, await a_need(desk, cast), "bo")
    await deliver(desk, MatchingConfig(ZoneInfo("Pacific/Auckland")), {"id": one})
    assert (await the_ask(desk, one)).state == "waiting"
    assert (await delivered(desk, one)).state == "asked"


async def test_two_a_week_whoever_asks_and_fewer_for_who_wants_fewer(
    desk: Desk, cast: Cast, clock: TurnedClock
) -> None:
    await can(desk, cast.bo, "drainage", asks_a_week=7)
    await can(desk, cast.cy, "drainage", asks_a_week=1)
    needs = [await a_need(desk, cast, f"Drains, part {part}") for part in range(4)]
    mine = [await an_ask(desk, cast.ada, need, "bo") for need in needs]
    theirs = [await an_ask(desk, cast.ada, need, "cy") for need in needs]
    assert [(await delivered(desk, one)).state for one in mine] == ["asked", "asked", "waiting", "waiting"]
    assert [(await delivered(desk, one)).state for one in theirs] == ["asked", "waiting", "waiting", "waiting"]
    clock.turn(days=7)
    await by_the_clock(desk)
    assert [(await the_ask(desk, one)).state for one in mine[2:]] == ["waiting", "waiting"]
    clock.turn(seconds=1)
    await by_the_clock(desk)
    assert [(await the_ask(desk, one)).state for one in mine] == ["lapsed", "lapsed", "asked", "asked"]
    assert [(await the_ask(desk, one)).state for one in theirs] == ["lapsed", "asked", "waiting", "waiting"]


async def test_who_wants_no_asks_any_more_is_left_alone(desk: Desk, cast: Cast, clock: TurnedClock) -> None:
    await can(desk, cast.bo, "drainage")
    one = await an_ask(desk, cast.ada, await a_need(desk, cast), "bo", contact="0123")
    await can(desk, cast.bo, asks_a_week=0)
    assert (await delivered(desk, one)).asked_at is None
    clock.turn(days=7)
    await by_the_clock(desk)
    ended = await the_ask(desk, one)
    assert (ended.state, ended.asked_at, ended.contact) == ("lapsed", None, "")
    assert await happened(desk) == []


@pytest.mark.parametrize("end", ["met", "not needed", "sorted"])
async def test_a_need_that_is_over_ends_its_asks(desk: Desk, cast: Cast, end: str) -> None:
    for who in (cast.bo, cast.cy):
        await can(desk, who, "drainage")
    need = await a_need(desk, cast)
    put, waiting = [await an_ask(desk, cast.ada, need, handle, contact="0123") for handle in ("bo", "cy")]
    await delivered(desk, put)
    async with desk.writing(cast.ada) as work:
        if end == "sorted":
            await set_stage(work, cast.problem, to="sorted", why="The culvert is clear.")
        else:
            await (settle_need if end == "met" else dismiss_need)(work, need)
    assert [(one.state, one.contact) for one in await all_asks(desk)] == [("called_off", "")] * 2
    assert await happened(desk) == ["PersonAsked", "AskEnded"]
    await delivered(desk, waiting)
    assert await happened(desk) == ["PersonAsked", "AskEnded"]
    with pytest.raises(Conflict):
        async with desk.writing(cast.bo) as work:
            await accept_ask(work, put)


async def test_who_offers_by_themselves_has_said_yes(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    one = await an_ask(desk, cast.ada, need, "bo")
    await delivered(desk, one)
    async with desk.writing(cast.bo) as work:
        offer = await make_offer(work, cast.problem, what="I know drains", need_id=need)
    said = await the_ask(desk, one)
    assert (said.state, said.offer_id) == ("yes", offer)


async def test_an_ask_is_taken_back_by_who_asked(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    one = await an_ask(desk, cast.ada, await a_need(desk, cast), "bo")
    await delivered(desk, one)
    with pytest.raises(Missing):
        async with desk.writing(cast.bo) as work:
            await withdraw_ask(work, one)
    for _ in range(2):
        async with desk.writing(cast.ada) as work:
            await withdraw_ask(work, one)
    assert (await the_ask(desk, one)).state == "called_off"
    assert await happened(desk) == ["PersonAsked", "AskEnded"]


async def test_somebody_who_shows_nothing_is_asked_without_a_name(desk: Desk, cast: Cast) -> None:
    """Whether there is anybody stays unsaid, and so does who, until they say yes."""
    await can(desk, cast.bo, "drainage", visibility="matching", words="Ten years on brooks.")
    need = await a_need(desk, cast)
    other = await a_need(desk, cast, "A seamstress", tags=["sewing"])
    with pytest.raises(Unfit):
        await an_ask(desk, cast.ada, need, "bo")
    for wanted in (need, need, other):
        async with desk.writing(cast.ada) as work:
            assert await ask_somebody(work, wanted, config=CONFIG) is None
    (one,) = await all_asks(desk)
    assert (one.person_id, one.named) == (cast.bo.id, False)
    await delivered(desk, one.id)
    async with desk.reading(cast.ada) as work:
        assert await asked_by_viewer(work, [need, other]) == []
    with pytest.raises(Missing):
        async with desk.writing(cast.ada) as work:
            await withdraw_ask(work, one.id)
    async with desk.writing(cast.bo) as work:
        await accept_ask(work, one.id)
    async with desk.reading(cast.ada) as work:
        assert [found.name for found in await asked_by_viewer(work, [need])] == ["Bo Adeyemi"]


async def test_the_next_of_those_is_asked_after_a_no(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage", visibility="matching", levels={"drainage": "living"})
    await can(desk, cast.cy, "drainage", visibility="matching")
    need = await a_need(desk, cast)
    async with desk.writing(cast.ada) as work:
        await ask_somebody(work, need, config=CONFIG)
    (one,) = await all_asks(desk)
    await delivered(desk, one.id)
    async with desk.writing(cast.bo) as work:
        await decline_ask(work, one.id)
    async with desk.writing(cast.ada) as work:
        await ask_somebody(work, need, config=CONFIG)
    assert [found.person_id for found in await all_asks(desk)] == [cast.bo.id, cast.cy.id]


async def test_a_worker_killed_halfway_asks_nobody_twice(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    one = await an_ask(desk, cast.ada, await a_need(desk, cast), "bo")

    class Killed(BaseException):
        pass

    async def die_halfway() -> None:
        async with desk.writing() as work:
            await deliver_ask(work, one, zone=CONFIG.zone)
            raise Killed

    with pytest.raises(Killed):
        await die_halfway()
    assert (await the_ask(desk, one)).state == "waiting"
    assert await happened(desk) == []
    # Then the errand is done again, by two at once, and by the clock besides.
    await asyncio.gather(deliver(desk, CONFIG, {"id": one}), deliver(desk, CONFIG, {"id": one}), by_the_clock(desk))
    assert await happened(desk) == ["PersonAsked"]


async def test_asks_for_one_person_at_the_same_moment_are_two_at_most(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    numbers = [await an_ask(desk, cast.ada, await a_need(desk, cast, f"Drain {n}"), "bo") for n in range(4)]
    await asyncio.gather(*(deliver(desk, CONFIG, {"id": one}) for one in numbers))
    assert sorted(one.state for one in await all_asks(desk)) == ["asked", "asked", "waiting", "waiting"]


async def test_the_errand_is_left_with_the_ask_or_neither_is(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    await an_ask(desk, cast.ada, need, "bo")
    async with desk.reading() as work:
        left = list(await work.session.scalars(text("SELECT entrypoint FROM pgqueuer")))
    assert left.count("deliver_ask") == 1
    await a_person(desk, "eve", tags=["drainage"])

    async def fail() -> None:
        async with desk.writing(cast.ada) as work:
            await ask_person(work, need, "eve", config=CONFIG)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with desk.reading() as work:
        assert len(list(await work.session.scalars(text("SELECT entrypoint FROM pgqueuer")))) == len(left)
