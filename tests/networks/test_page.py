"""The page of a network: who, as what, by whom, what is missing and what was done."""

from __future__ import annotations

import re
from datetime import date

import pytest

from civicboard.board.live import show_done, show_wanted
from civicboard.board.queries import done_on, find_card
from civicboard.board.queries.network import MOST_DONE
from civicboard.networks import policy
from civicboard.networks.actions import step_out, take_part
from civicboard.networks.events import MemberChanged, MemberJoined
from civicboard.networks.queries import members_of
from civicboard.offers.actions import end_offer, settle_need
from civicboard.offers.events import OfferMade
from civicboard.offers.models import Need
from civicboard.posts.models import CAPACITIES
from civicboard.problems.queries import find_problem_to_change
from civicboard.progress.actions import set_stage
from tests.cast import a_need, a_post, a_welcome_offer, an_imported_problem, an_offer, problem_now


async def network_of(client, cast):
    return (await client.get(f"/problems/{cast.problem}/network")).text


def test_there_are_words_for_every_capacity():
    assert all(policy.CAPACITIES[kind] == words for kind, words in CAPACITIES.items() if kind != "official")
    assert policy.CAPACITIES.keys() >= CAPACITIES.keys()


async def test_each_is_shown_in_the_capacities_in_which_they_have_spoken(client, desk, cast):
    await a_post(desk, cast.cy, cast.problem, capacity="professional")
    await a_post(desk, cast.bo, cast.problem)
    await a_post(desk, cast.ada, cast.problem)
    for _ in range(2):
        await a_post(desk, cast.bo, cast.problem, capacity="professional")
    page = re.sub(r"\s+", " ", await network_of(client, cast))
    async with desk.reading() as work:
        spoken = {m.handle: m.capacity_words for m in await members_of(work, cast.problem)}
        assert (await find_card(work, cast.problem)).faces == ["Bo Adeyemi", "Cy Barnes"], "no poster"
    both = "as a neighbour and sharing professional knowledge"
    assert spoken == {"ada": "as a neighbour", "bo": both, "cy": "sharing professional knowledge"}
    assert f">{both}<" in page
    assert (await problem_now(desk, cast.problem)).member_count == 2


async def test_a_capacity_that_is_new_is_news_and_an_old_one_is_not(desk, cast):
    async with desk.writing(cast.bo) as work:
        for capacity, events in (
            ("neighbour", [MemberJoined(cast.problem, cast.bo.id)]),
            ("neighbour", []),
            ("professional", [MemberChanged(cast.problem, cast.bo.id)]),
        ):
            work.events.clear()
            problem = await find_problem_to_change(work, cast.problem)
            await take_part(work, problem, cast.bo.id, part="talker", capacity=capacity)
            assert work.events == events


async def test_who_brought_whom_in(client, desk, cast):
    async with desk.writing() as work:
        problem = await find_problem_to_change(work, cast.problem)
        await take_part(work, problem, cast.cy.id, part="helper", brings="Plans", introduced_by_id=cast.bo.id)
        await take_part(work, problem, cast.cy.id, part="helper", brings="Maps", introduced_by_id=cast.ada.id)
    page = await network_of(client, cast)
    assert '<a href="/people/bo">Bo Adeyemi</a> brought Cy Barnes in<' in page
    assert "Ada Kaur</a> brought" not in page, "the first one did"
    assert "Plans; Maps" in page


async def test_what_is_open_is_missing_and_what_is_met_is_not(client, desk, cast):
    async with desk.writing() as work:
        for kind, what, state, more in (
            ("skill", "Reading culvert plans", "open", {"hours": 3.0, "where": "online", "by": date(2031, 5, 31)}),
            ("room", "A hall for twenty", "met", {}),
            ("thing", "A <pump>", "open", {"hours": None}),
        ):
            need = Need(
                problem_id=cast.problem, by_id=cast.ada.id, kind=kind, what=what, added_at=work.now, state=state, **more
            )
            work.session.add(need)
    page = await network_of(client, cast)
    assert "Who is still missing" in page
    assert ">Reading culvert plans</a></b>" in page
    assert "A skill, 3 hours, by 31 May 2031, online" in page
    assert "A &lt;pump&gt;" in page
    assert "A hall for twenty" not in page
    async with desk.reading() as work:
        shown = await show_wanted(work, OfferMade(cast.problem, 1))
    assert [need.what for need in shown.context["needs"]] == ["Reading culvert plans", "A <pump>"]


async def test_what_has_been_done_together(app, client, desk, cast, clock):
    await a_post(desk, cast.cy, cast.problem, "Only a reply.")
    clock.turn(minutes=1)
    await a_welcome_offer(desk, cast.bo, cast, "A van")
    clock.turn(minutes=1)
    await an_offer(desk, cast.dee, cast.problem, "A cake")
    update = await a_post(desk, cast.bo, cast.problem, "The **pump** is here.", kind="update")
    clock.turn(minutes=1)
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="trying", why="The pump runs.")
    async with desk.reading() as work:
        done = await done_on(work, cast.problem)
    assert [(one.kind, one.handle) for one in done] == [
        ("stage", "ada"),
        ("update", "bo"),
        ("welcomed", "bo"),  # who joined with that: it isn't said twice
        ("posted", "ada"),
        ("joined", "cy"),
    ]
    page = await network_of(client, cast)
    assert f'<a href="/problems/{cast.problem}/posts/{update}">reported how it goes</a>' in page
    assert "The pump is here." in page
    assert "Trying something</a>" in page
    async with desk.reading() as work:
        shown = await show_done(work, MemberJoined(cast.problem, 1))
    assert app.state.kit.pages.render(shown.template, shown.context).strip() in page
    async with desk.writing(cast.cy) as work:
        await step_out(work, cast.problem)
    async with desk.reading() as work:
        assert "cy" not in {one.handle for one in await done_on(work, cast.problem)}


async def test_what_was_given_and_what_is_met_is_told(client, desk, cast, clock):
    need = await a_need(desk, cast.ada, cast.problem, "A <pump>")
    offer = await a_welcome_offer(desk, cast.bo, cast, "A pump on <wheels>", need_id=need)
    assert "somebody is on it" in await network_of(client, cast)
    clock.turn(minutes=1)
    async with desk.writing(cast.bo) as work:
        await end_offer(work, offer)
    page = await network_of(client, cast)
    assert 'href="/people/bo">Bo Adeyemi</a></b> has given what was offered: <a' in page
    assert "somebody has helped, and whether that was enough is still to be said" in page
    assert f'has given what was offered: <a href="/offers/{offer}">A pump on &lt;wheels&gt;</a>' in page
    clock.turn(minutes=1)
    async with desk.writing(cast.ada) as work:
        await settle_need(work, need)
    page = await network_of(client, cast)
    assert f'<a href="/problems/{cast.problem}#need-{need}">A &lt;pump&gt;</a> is there: what was needed is met' in page
    async with desk.reading() as work:
        kinds = [one.kind for one in await done_on(work, cast.problem)]
    assert kinds == ["met", "given", "welcomed", "posted"]


async def test_only_the_newest_of_it(desk, cast, clock):
    for number in range(MOST_DONE + 3):
        clock.turn(minutes=1)
        await a_post(desk, cast.bo, cast.problem, f"News {number}", kind="update")
    async with desk.reading() as work:
        done = await done_on(work, cast.problem)
    assert [one.words for one in done] == [f"News {n}" for n in range(MOST_DONE + 2, 2, -1)]


async def test_what_nobody_has_touched_has_a_page_too(client, desk, cast):
    page = await client.get(f"/problems/{await an_imported_problem(desk)}/network")
    assert "It begins with the first person who says something" in page.text


@pytest.mark.parametrize("role", ["ada", "bo", "cy", "dee"])
async def test_who_has_a_part_is_led_to_the_thread(app, desk, cast, role):
    """Whoever has one has the link in their own row, which only their style sheet shows; and in their own panel."""
    from tests.conftest import client_for

    await a_welcome_offer(desk, cast.bo, cast)
    await a_post(desk, cast.cy, cast.problem)
    async with client_for(app, token=cast.tokens[role]) as client:
        page = (await client.get(f"/problems/{cast.problem}/network")).text
    assert ("We stay together" in page) == (role in ("ada", "bo"))
    shown_to = {
        int(number) for number in re.findall(r'<span data-for="(\d+)"> · <a href="[^"]*/network/members">', page)
    }
    assert shown_to == {cast.ada.id, cast.bo.id}
