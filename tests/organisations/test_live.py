"""Who leaves has left everywhere at once, on open pages too."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from civicboard.app import Board
from civicboard.board.events import BadgesChanged
from civicboard.board.live import badges_changed, show_badges, show_convenor_badges, show_members, show_network
from civicboard.kit.hub import Hub
from civicboard.kit.outbox import Event, present, since
from civicboard.kit.work import Desk
from civicboard.notices.events import PersonTold
from civicboard.organisations import actions
from civicboard.organisations.events import AffiliationAnswered, AffiliationAsked, AffiliationChanged
from civicboard.problems.models import Problem
from tests.cast import Cast, a_convenor, a_post, an_offer
from tests.kit.test_hub import Kept, watcher
from tests.organisations.council import NAME, SLUG, gathered

WORDS = f"Officer, {NAME}"


async def changed(desk: Desk, cast: Cast, *topics: str) -> list[BadgesChanged]:
    """What Cy's belonging elsewhere means for the pages that are open."""
    async with desk.reading() as work:
        return await badges_changed(work, [AffiliationChanged(1, cast.cy.id or 0)], topics)


async def happened(desk: Desk, before: object) -> list[Event]:
    async with desk.reading() as work:
        return [found.event for found in await since(work.session, before) if found.event]  # type: ignore[arg-type]


async def test_leaving_takes_the_badge_off_open_pages(app, client, desk: Desk, cast: Cast) -> None:
    """The pieces that open pages are sent are those of a page that is asked for now, before and after."""
    post, other = await a_post(desk, cast.cy, cast.problem), await a_post(desk, cast.bo, cast.problem)
    offer = await an_offer(desk, cast.cy, cast.problem)
    pages = app.state.kit.pages
    address = f"/problems/{cast.problem}/basements-on-brook-lane-flood"
    for deed, badges in ((lambda: gathered(desk, cast), True), (lambda: _leave(desk, cast), False)):
        async with desk.reading() as work:
            before = await present(work.session)
        await deed()
        assert AffiliationChanged(1, cast.cy.id or 0) in await happened(desk, before)
        page, network = (await client.get(address)).text, (await client.get(f"/problems/{cast.problem}/network")).text
        assert (page.count(WORDS), network.count(WORDS)) == ((4, 2) if badges else (1, 1))  # Ada is an officer too
        [event] = await changed(desk, cast, f"problem:{cast.problem}")
        async with desk.reading() as work:
            shown = await show_badges(work, event)
            assert {fragment.key for fragment in shown} == {f"post-{post}", f"offer-{offer}"}
            assert f"post-{other}" not in {fragment.key for fragment in shown}
            assert not any(fragment.say for fragment in shown)
            for fragment in [*shown, await show_members(work, event)]:
                html = pages.render(fragment.template, fragment.context).strip()
                assert html in page
                assert (WORDS in html) is badges or fragment.target == "#members"
            everybody = await show_network(work, event)
            assert pages.render(everybody.template, everybody.context).strip() in network


async def test_the_badge_of_who_looks_after_it_changes_on_open_pages(app, client, desk: Desk, cast: Cast) -> None:
    """They follow it only: nothing else of theirs stands on its pages."""
    await a_convenor(desk, cast, cast.cy)
    address = f"/problems/{cast.problem}/basements-on-brook-lane-flood"
    for deed, badge in ((lambda: gathered(desk, cast), True), (lambda: _leave(desk, cast), False)):
        async with desk.reading() as work:
            before = await present(work.session)
        await deed()
        assert AffiliationChanged(1, cast.cy.id or 0) in await happened(desk, before)
        [event] = await changed(desk, cast, f"network:{cast.problem}")
        async with desk.reading() as work:
            fragment = await show_convenor_badges(work, event)
        html = app.state.kit.pages.render(fragment.template, fragment.context).strip()
        assert fragment.say == ""
        assert (WORDS in html) is badge
        for page in (address, f"/problems/{cast.problem}/network"):
            assert html in (await client.get(page)).text
    assert {shown.topic for shown in show_convenor_badges.shows} == {"problem:{problem_id}", "network:{problem_id}"}


async def _leave(desk: Desk, cast: Cast) -> None:
    async with desk.writing(cast.cy) as work:
        await actions.leave(work, SLUG)


async def test_each_deed_records_what_it_did(desk: Desk, cast: Cast) -> None:
    there = await gathered(desk, cast)
    async with desk.reading() as work:
        before = await present(work.session)
    async with desk.writing(cast.ada) as work:
        await actions.decline_request(work, SLUG, there["id"], words="No.")
    async with desk.writing(cast.bo) as work:
        await actions.belong(work, SLUG, role="officer")
    bo = cast.bo.id or 0
    told = [event for event in await happened(desk, before) if not isinstance(event, PersonTold)]
    assert told == [AffiliationAnswered(1, bo, there["id"]), AffiliationAsked(1, bo, there["id"] + 1)]


@pytest.mark.parametrize("connects", ["before", "after"])
async def test_somebody_who_is_everywhere_leaves_every_page_that_is_open(
    app: Board, desk: Desk, cast: Cast, connects: str
) -> None:
    """However many problems they are on, and also a page that was read before they left and is live only after."""
    await gathered(desk, cast)
    async with desk.writing(cast.cy) as work:
        told = [
            Problem(title=f"{number}", slug="p", story="s", posted_at=work.now, moved_at=work.now, poster_id=cast.cy.id)
            for number in range(70)
        ]
        work.session.add_all(told)
        await work.session.flush()
        theirs = [problem.id for problem in told]
    open_ones = [f"problem:{number}" for number in theirs]
    of_cy = [BadgesChanged(number, frozenset([cast.cy.id or 0])) for number in theirs]
    assert await changed(desk, cast, *open_ones, f"problem:{cast.problem}", "board", "for-you:7") == of_cy
    hub: Hub = app.state.kit.hub
    oldest, other = Kept(), Kept()
    async with desk.reading() as work:
        cursor = await present(work.session)

    async def connect() -> None:
        await hub.join(watcher(oldest, open_ones[0]), cursor)
        await hub.join(watcher(other, f"problem:{cast.problem}"), cursor)

    await hub.sweep()
    if connects == "before":
        await connect()
        await _leave(desk, cast)
        await hub.sweep()
    else:
        await _leave(desk, cast)
        await connect()
    assert "#members" in json.dumps(oldest.messages)
    assert "#members" not in json.dumps(other.messages)


async def test_leaving_where_one_never_wrote_sends_nothing_to_anybody(desk: Desk, cast: Cast) -> None:
    await gathered(desk, cast)
    async with desk.reading() as work:
        before = await present(work.session)
        problems = await work.session.scalar(select(func.count()).select_from(Problem))
    await _leave(desk, cast)
    assert problems == 1
    assert [type(one) for one in await happened(desk, before)] == [AffiliationChanged]
