"""The board asks round: who lives near first, then any officer, then everybody, three days each, until it is met."""

from __future__ import annotations

import asyncio
from datetime import time

import pytest

from civicboard.kit.work import Desk, Refused
from civicboard.matching.actions.answering import accept_ask, decline_ask
from civicboard.matching.actions.rounds import call_round
from civicboard.offers.actions import make_offer, settle_need, welcome_offer, withdraw_offer
from civicboard.offers.models import Need
from civicboard.organisations.models import Affiliation, Organisation
from civicboard.people.models import Person
from civicboard.places.actions import put_place
from tests.cast import Cast
from tests.conftest import TurnedClock
from tests.matching.people import NOON, a_need, a_person, all_asks, by_the_clock, can

ABLE = {"levels": {"drainage": "living"}, "free": ["thu-evening"]}


@pytest.fixture(autouse=True)
def _noon(clock: TurnedClock) -> None:
    clock.now = NOON


async def settle(desk: Desk, cast: Cast) -> None:
    """Bo lives on the street, Cy is an officer of some department elsewhere, Dee lives far away; all know of drains."""
    async with desk.writing() as work:
        street = await put_place(work, slug="brook-lane", name="Brook Lane", kind="street")
        far = await put_place(work, slug="far", name="Far", kind="town")
        for who, place in ((cast.bo, street), (cast.cy, far), (cast.dee, far)):
            (await work.session.get_one(Person, who.id)).place_id = place
        parks = Organisation(slug="parks", name="Parks", kind="department", added_at=work.now)
        work.session.add(parks)
        await work.session.flush()
        work.session.add(
            Affiliation(
                organisation_id=parks.id, person_id=cast.cy.id, role="officer", since=work.now, confirmed_by="steward"
            )
        )
    for who in (cast.bo, cast.cy, cast.dee):
        await can(desk, who, "drainage", **ABLE)


async def asked(desk: Desk, cast: Cast) -> list[str]:
    names = {viewer.id: viewer.handle for viewer in (cast.bo, cast.cy, cast.dee)}
    return [names[one.person_id] for one in await all_asks(desk) if one.state == "asked"]


async def ring(desk: Desk, need_id: int) -> int:
    async with desk.reading() as work:
        return (await work.session.get_one(Need, need_id)).ring


async def test_it_moves_outward_by_itself(desk: Desk, cast: Cast, clock: TurnedClock) -> None:
    await settle(desk, cast)
    need = await a_need(desk, cast)
    await by_the_clock(desk)
    assert await all_asks(desk) == []  # a model may still be reading it
    clock.turn(minutes=2)
    await by_the_clock(desk)
    await by_the_clock(desk)
    (one,) = await all_asks(desk)
    assert (one.person_id, one.by_id, one.ring, one.state) == (cast.bo.id, None, 1, "asked")
    assert one.why == ["You know about drainage.", "You live in Brook Lane.", "You are free on Thursday evenings."]
    clock.turn(hours=71, minutes=57)
    await by_the_clock(desk)
    assert await asked(desk, cast) == ["bo"]
    clock.turn(minutes=1)
    await by_the_clock(desk)
    assert await asked(desk, cast) == ["bo", "cy"]
    clock.turn(hours=71, minutes=59)
    await by_the_clock(desk)
    assert await asked(desk, cast) == ["bo", "cy"]
    clock.turn(minutes=1)
    await by_the_clock(desk)
    assert await asked(desk, cast) == ["bo", "cy", "dee"]
    clock.turn(hours=300)
    await by_the_clock(desk)
    assert await ring(desk, need) == 3
    assert len(await all_asks(desk)) == 3


async def test_it_stops_when_the_need_is_met(desk: Desk, cast: Cast, clock: TurnedClock) -> None:
    await settle(desk, cast)
    need = await a_need(desk, cast)
    clock.turn(minutes=2)
    await by_the_clock(desk)
    async with desk.writing(cast.ada) as work:
        await settle_need(work, need)
    clock.turn(hours=400)
    await by_the_clock(desk)
    assert await ring(desk, need) == 1
    assert [one.state for one in await all_asks(desk)] == ["called_off"]


async def test_it_goes_on_after_a_no_and_waits_for_the_poster_after_a_yes(
    desk: Desk, cast: Cast, clock: TurnedClock
) -> None:
    await settle(desk, cast)
    await a_need(desk, cast)
    clock.turn(minutes=2)
    await by_the_clock(desk)
    (one,) = await all_asks(desk)
    async with desk.writing(cast.bo) as work:
        await decline_ask(work, one.id)
    clock.turn(hours=72)
    await by_the_clock(desk)
    second = (await all_asks(desk))[-1]
    assert second.person_id == cast.cy.id
    async with desk.writing(cast.cy) as work:
        await accept_ask(work, second.id)
    async with desk.reading() as work:
        from civicboard.offers.queries import offers_by

        assert [offer.state for offer in await offers_by(work, cast.cy.id or 0)] == ["waiting"]


async def test_three_of_a_ring_at_most_and_newcomers_are_found_later(
    desk: Desk, cast: Cast, clock: TurnedClock
) -> None:
    await settle(desk, cast)
    await a_need(desk, cast)
    clock.turn(minutes=2)
    await by_the_clock(desk)
    for number in range(4):
        await a_person(desk, f"p{number}", place="brook-lane", tags=["drainage"], **ABLE)
    clock.turn(hours=1)
    await by_the_clock(desk)
    assert len(await all_asks(desk)) == 1
    clock.turn(hours=11)
    await asyncio.gather(by_the_clock(desk), by_the_clock(desk))
    assert len(await all_asks(desk)) == 3
    clock.turn(hours=12)
    await by_the_clock(desk)
    assert len(await all_asks(desk)) == 3


async def test_nobody_is_asked_uninvited_who_barely_fits(desk: Desk, cast: Cast, clock: TurnedClock) -> None:
    await can(desk, cast.bo, words="I have heard of drains.")
    await a_need(desk, cast)
    clock.turn(minutes=2)
    await by_the_clock(desk)
    assert await all_asks(desk) == []


async def test_its_owners_may_tell_it_not_to(desk: Desk, cast: Cast, clock: TurnedClock) -> None:
    await settle(desk, cast)
    need = await a_need(desk, cast)
    with pytest.raises(Refused):
        async with desk.writing(cast.cy) as work:
            await call_round(work, need, is_on=False)
    async with desk.writing(cast.ada) as work:
        await call_round(work, need, is_on=False)
    clock.turn(hours=80)
    await by_the_clock(desk)
    assert await all_asks(desk) == []
    assert await ring(desk, need) == 1
    async with desk.writing(cast.ada) as work:
        await call_round(work, need, is_on=True)
    await by_the_clock(desk)
    assert len(await all_asks(desk)) >= 1


async def test_it_goes_on_with_others_until_it_is_met(desk: Desk, cast: Cast, clock: TurnedClock) -> None:
    """Three say no, three say nothing; each time it asks others once the ring has had its time, or they theirs."""
    need = await a_need(desk, cast)
    async with desk.writing() as work:
        (await work.session.get_one(Need, need)).ring = 3
    awake = {"quiet_from": time(3), "quiet_until": time(3)}
    people = [await a_person(desk, f"p{number}", tags=["drainage"], **ABLE, **awake) for number in range(10)]
    clock.turn(minutes=2)
    await by_the_clock(desk)
    first = await all_asks(desk)
    assert len(first) == 3
    viewers = {viewer.id: viewer for viewer in people}
    for one in first:
        async with desk.writing(viewers[one.person_id]) as work:
            await decline_ask(work, one.id)
    clock.turn(hours=71)
    await by_the_clock(desk)
    assert len(await all_asks(desk)) == 3
    clock.turn(hours=13)
    await by_the_clock(desk)
    assert len(await all_asks(desk)) == 6
    clock.turn(days=6)
    await by_the_clock(desk)
    assert len(await all_asks(desk)) == 6
    clock.turn(days=2)
    for _ in range(2):
        await by_the_clock(desk)
        clock.turn(hours=12)
    everybody = await all_asks(desk)
    assert [one.state for one in everybody] == ["not_now"] * 3 + ["lapsed"] * 3 + ["asked"] * 3
    assert len({one.person_id for one in everybody}) == 9


async def test_a_ring_has_its_whole_time_when_a_need_opens_again(desk: Desk, cast: Cast, clock: TurnedClock) -> None:
    await settle(desk, cast)
    need = await a_need(desk, cast)
    async with desk.writing(cast.ada) as work:
        await call_round(work, need, is_on=False)
    async with desk.writing(cast.cy) as work:
        offer = await make_offer(work, cast.problem, what="I know drains", need_id=need)
    async with desk.writing(cast.ada) as work:
        await welcome_offer(work, offer)
        await call_round(work, need, is_on=True)
    clock.turn(days=30)
    async with desk.writing(cast.cy) as work:
        await withdraw_offer(work, offer)
    await by_the_clock(desk)
    assert await ring(desk, need) == 1
    assert [one.person_id for one in await all_asks(desk)] == [cast.bo.id]
    async with desk.writing(cast.ada) as work:
        await call_round(work, need, is_on=False)
    clock.turn(days=30)
    async with desk.writing(cast.ada) as work:
        await call_round(work, need, is_on=True)
    await by_the_clock(desk)
    assert await ring(desk, need) == 1
    clock.turn(hours=72)
    await by_the_clock(desk)
    assert await ring(desk, need) == 2
