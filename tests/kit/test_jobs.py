"""What can't be done holds up nothing else."""

from __future__ import annotations

from sqlalchemy import text

from civicboard.kit.jobs import each
from civicboard.offers import actions
from civicboard.offers.jobs import mind_offers
from tests.cast import a_welcome_offer, an_offer


async def test_one_that_fails_waits_and_the_others_are_done(desk):
    done = []

    async def due(work):
        return [1, 2, 3]

    async def do(work, one):
        await work.session.execute(text("SELECT 1"))
        if one == 2:
            raise RuntimeError("not today")
        done.append(one)

    await each(desk, due, do)
    assert done == [1, 3]


async def test_an_offer_that_can_t_be_seen_to_stops_neither_the_others_nor_the_forgetting(
    desk, cast, clock, monkeypatch
):
    spoilt = await an_offer(desk, cast.bo, cast.problem, "A van")
    other = await an_offer(desk, cast.cy, cast.problem, "A ladder")
    ended = await a_welcome_offer(desk, cast.dee, cast, "A pump", contact="01632 960 123")
    async with desk.writing(cast.ada) as work:
        await actions.end_offer(work, ended)
    lapse = actions.lapse_offer

    async def spoil(work, offer_id):
        if offer_id == spoilt:
            raise RuntimeError("not today")
        await lapse(work, offer_id)

    monkeypatch.setattr(actions, "lapse_offer", spoil)
    clock.turn(days=31)
    await mind_offers(desk)
    async with desk.reading() as work:
        states = await work.session.execute(text("SELECT id, state FROM offers"))
        assert dict(states.all()) == {spoilt: "waiting", other: "unanswered", ended: "ended"}
        assert await work.session.scalar(text("SELECT count(*) FROM contacts")) == 0
