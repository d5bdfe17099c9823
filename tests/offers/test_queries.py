from __future__ import annotations

import re
from datetime import date

import pytest

from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Missing
from civicboard.offers.actions import decline_offer, make_offer
from civicboard.offers.queries import MOST_SHOWN, find_offer, offers_by, offers_on
from tests.cast import an_offer


async def test_offers_stand_in_the_order_they_were_made(desk, cast):
    made = [await an_offer(desk, who, cast.problem, what="A van") for who in (cast.cy, cast.bo, cast.dee)]
    async with desk.reading() as work:
        assert [row.id for row in await offers_on(work, cast.problem)] == made


async def test_of_very_many_the_newest_are_shown_still_in_order(desk, cast, client):
    async with desk.writing(cast.bo) as work:
        made = [await make_offer(work, cast.problem, what=f"Van {n}") for n in range(MOST_SHOWN + 2)]
    async with desk.reading() as work:
        assert [row.id for row in await offers_on(work, cast.problem)] == made[2:]
    page = (await client.get(f"/problems/{cast.problem}/basements-on-brook-lane-flood")).text
    assert re.findall(r'id="offer-(\d+)"', page) == [str(offer) for offer in made[2:]]


async def test_only_the_person_themself_sees_what_was_declined(desk, cast):
    kept = await an_offer(desk, cast.bo, cast.problem, what="A van")
    declined = await an_offer(desk, cast.bo, cast.problem, what="A cake")
    async with desk.writing(cast.ada) as work:
        await decline_offer(work, declined, words="Sorry, no.")
    for who, seen in ((cast.bo, [declined, kept]), (cast.ada, [kept]), (NOBODY, [kept])):
        async with desk.reading(who) as work:
            assert [row.id for row in await offers_by(work, cast.bo.id)] == seen


async def test_an_offer_that_is_not_there_is_missing(desk):
    async with desk.reading() as work:
        with pytest.raises(Missing):
            await find_offer(work, 987_654_321)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (None, ""),
        (0.25, "15 minutes"),
        (0.5, "30 minutes"),
        (1.0, "1 hour"),
        (1.5, "1.5 hours"),
        (200.0, "200 hours"),
    ],
)
async def test_hours_in_words(desk, cast, hours, words):
    offer_id = await an_offer(desk, cast.bo, cast.problem, what="A van", hours=hours)
    async with desk.reading() as work:
        assert (await find_offer(work, offer_id)).hours_words == words


async def test_the_row_knows_its_problem_and_its_addresses(desk, cast):
    offer_id = await an_offer(desk, cast.bo, cast.problem, what="A van", until=date(2999, 5, 1))
    async with desk.reading() as work:
        row = await find_offer(work, offer_id)
    assert row.problem_path == f"/problems/{cast.problem}/basements-on-brook-lane-flood"
    assert (row.path, row.until_words, row.state_words) == (
        f"/offers/{offer_id}",
        "1 May 2999",
        "Waiting for an answer",
    )
    assert row.poster_id == cast.ada.id
