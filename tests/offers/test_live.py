from __future__ import annotations

import pytest

from civicboard.kit.outbox import present, since
from civicboard.kit.work import Missing
from civicboard.offers.actions import decline_offer, welcome_offer, withdraw_offer
from civicboard.offers.events import OfferMade
from civicboard.offers.live import RENDERERS, show_offer
from tests.cast import an_offer


async def test_each_deed_shows_the_offer_as_it_stands_to_whoever_watches(app, client, desk, cast):
    """The events of the outbox, through the hub's own renderers, give the same bytes as the page."""
    topics = {declared.event: declared.topic for declared in RENDERERS[0].shows}
    async with desk.reading() as work:
        before = await present(work.session)
    for last in (
        lambda work, one: welcome_offer(work, one, words="Thank you."),
        lambda work, one: decline_offer(work, one, words="Sorry, no."),
    ):
        offer_id = await an_offer(desk, cast.bo, cast.problem)
        async with desk.writing(cast.ada) as work:
            await last(work, offer_id)
    withdrawn = await an_offer(desk, cast.bo, cast.problem, "A cake")
    async with desk.writing(cast.bo) as work:
        await withdraw_offer(work, withdrawn)
    page = (await client.get(f"/problems/{cast.problem}/basements-on-brook-lane-flood")).text
    async with desk.reading() as work:
        happened = [found.event for found in await since(work.session, before) if type(found.event) in topics]
        assert len(happened) == 6
        for event in happened:
            assert topics[type(event)] == "problem:{problem_id}"
            fragment = await show_offer(work, event)
            assert fragment.target == "#offers"
            assert fragment.key == f"offer-{event.offer_id}"
            assert "viewer" not in fragment.context
            assert app.state.kit.pages.render(fragment.template, fragment.context).strip() in page


async def test_an_offer_that_is_gone_shows_nothing(desk, cast):
    async with desk.reading() as work:
        with pytest.raises(Missing):
            await show_offer(work, OfferMade(cast.problem, 987_654_321))
