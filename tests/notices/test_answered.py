"""When one of those who may answer an offer does, the others have nothing to answer any more."""

from __future__ import annotations

import pytest

from civicboard.networks.actions import put_down
from civicboard.notices.queries import notices_of
from civicboard.offers.actions import decline_offer, lapse_offer, offer_when_asked, welcome_offer, withdraw_offer
from civicboard.people.models import Block
from tests.cast import a_convenor, a_need, an_imported_problem, an_offer


async def do(desk, who, deed, *given, **said):
    async with desk.writing(who) as work:
        return await deed(work, *given, **said)


async def told(desk, who):
    """What somebody was told, but for who looks after what, and whether it waits to be read."""
    async with desk.reading(who) as work:
        found = reversed((await notices_of(work)).notices)
    return [(one.kind, one.is_unread) for one in found if not one.kind.startswith("convening")]


NEW, READ = ("offer_made", True), ("offer_made", False)


@pytest.mark.parametrize("what", ["welcomed", "declined", "withdrawn", "lapsed"])
async def test_what_was_to_be_answered_is_done_for_both(desk, cast, clock, what):
    await a_convenor(desk, cast, cast.cy)
    offer = await an_offer(desk, cast.bo, cast.problem)
    other = await an_offer(desk, cast.dee, cast.problem, "A pump")
    assert await told(desk, cast.ada) == await told(desk, cast.cy) == [NEW, NEW]
    match what:
        case "welcomed":
            await do(desk, cast.ada, welcome_offer, offer)
        case "declined":
            await do(desk, cast.ada, decline_offer, offer, words="We have one, thank you.")
        case "withdrawn":
            await do(desk, cast.bo, withdraw_offer, offer)
        case "lapsed":
            clock.turn(days=8)
            await do(desk, None, lapse_offer, offer)
    for who in (cast.ada, cast.cy):
        assert (await told(desk, who))[:2] == [READ, NEW], "the other one still waits"
    assert other


async def test_who_looked_after_it_then_has_nothing_to_answer_either(desk, cast):
    number = await an_imported_problem(desk)
    await a_convenor(desk, cast, cast.cy, number)
    await an_offer(desk, cast.bo, number)
    assert await told(desk, cast.cy) == [NEW]
    await do(desk, cast.cy, put_down, number)
    assert (await told(desk, cast.cy))[0] == READ, "it joined in when nobody was there any more"


async def test_a_yes_to_who_asked_is_news(desk, cast):
    need = await a_need(desk, cast.ada, cast.problem)
    await do(desk, cast.bo, offer_when_asked, need, what="A ladder", asked_by_id=cast.ada.id)
    assert await told(desk, cast.ada) == [NEW]


async def test_whose_problem_it_is_hears_what_was_declined_in_their_place(desk, cast, ada_client):
    await a_convenor(desk, cast, cast.cy)
    offer = await an_offer(desk, cast.bo, cast.problem, "A <van>")
    await do(desk, cast.cy, decline_offer, offer, words="We have one, thank you.")
    assert await told(desk, cast.ada) == [READ, ("offer_declined_for_me", True)]
    page = (await ada_client.get("/notices")).text
    assert (
        f'<b>Cy Barnes</b> has answered in your place: <a href="/offers/{offer}">what <b>Bo Adeyemi</b> offered is not'
        " needed this time: A &lt;van&gt;</a>, for “Basements on Brook Lane flood”." in page
    )
    assert await told(desk, cast.bo) == [("offer_declined", True)]


async def test_declining_oneself_is_no_news(desk, cast):
    await a_convenor(desk, cast, cast.cy)
    offer = await an_offer(desk, cast.bo, cast.problem)
    await do(desk, cast.ada, decline_offer, offer, words="We have one, thank you.")
    assert await told(desk, cast.ada) == await told(desk, cast.cy) == [READ]


@pytest.mark.parametrize("other", ["bo", "cy"])
async def test_across_a_block_it_is_not_told(desk, cast, other):
    await a_convenor(desk, cast, cast.cy)
    offer = await an_offer(desk, cast.bo, cast.problem)
    async with desk.writing() as work:
        work.session.add(Block(person_id=cast.ada.id, blocked_id=getattr(cast, other).id, since=work.now))
    await do(desk, cast.cy, decline_offer, offer, words="We have one, thank you.")
    assert await told(desk, cast.ada) == [READ]
