from __future__ import annotations

import pytest

from civicboard.board.live import show_members, show_network
from civicboard.networks import fragments, queries
from civicboard.networks.events import MemberJoined
from civicboard.networks.models import Member
from civicboard.networks.queries import find_part, members_of
from civicboard.people.models import Person
from civicboard.problems.queries import find_problem_to_change
from tests.cast import a_post, a_welcome_offer, an_imported_problem, problem_now


async def test_who_is_on_it_and_what_each_brings(client, cast, desk):
    await a_welcome_offer(desk, cast.bo, cast, "A van & a driver")
    await a_post(desk, cast.cy, cast.problem)
    page = (await client.get(f"/problems/{cast.problem}/network")).text
    for words in (
        "posted it",
        "helps, and brings: A van &amp; a driver",
        "in the conversation",
        "someone who can read a culvert survey",
        "1 offer</a> stands so far",
        f"/live?on=network:{cast.problem}",
    ):
        assert words in page
    assert page.index("Ada Kaur") < page.index("Bo Adeyemi") < page.index("Cy Barnes")


async def test_the_broadcast_is_the_list_of_the_page(app, client, cast, desk):
    page = await client.get(f"/problems/{cast.problem}/network")
    async with desk.reading() as work:
        members = await members_of(work, cast.problem)
    fragment = fragments.members(await problem_now(desk, cast.problem), members)
    html = app.state.kit.pages.render(fragment.template, fragment.context)
    assert html.strip() in page.text
    assert (fragment.target, fragment.swap) == ("#members", "outerHTML")


async def a_crowd(desk, number, count):
    """So many people join the conversation of a problem."""
    async with desk.writing() as work:
        people = [Person(handle=f"n{n:03}", name=f"Neighbour {n}", joined_at=work.now) for n in range(count)]
        work.session.add_all(people)
        await work.session.flush()
        rows = [Member(problem_id=number, person_id=one.id, part="talker", joined_at=work.now) for one in people]
        work.session.add_all(rows)
        (await find_problem_to_change(work, number)).member_count += count


async def test_of_a_crowd_the_first_are_named(app, client, cast, desk):
    """Sixty on the problem's page and in what it is sent, more on the page of the people."""
    await a_welcome_offer(desk, cast.bo, cast)
    await a_crowd(desk, cast.problem, 60)
    problem = await problem_now(desk, cast.problem)
    page = (await client.get(problem.path)).text
    whole = (await client.get(f"/problems/{cast.problem}/network")).text
    async with desk.reading() as work:
        shown = fragments.members(problem, await members_of(work, cast.problem))
    sent = app.state.kit.pages.render(shown.template, shown.context)
    assert sent.strip() in page
    assert "and 2 others" in page
    assert page.count('<li class="people">') == queries.MOST_SHOWN == 60
    assert page.index("Ada Kaur") < page.index("Bo Adeyemi") < page.index("Neighbour 0<")
    assert whole.count('<li class="people">') == 62
    assert "others</li>" not in whole


async def test_the_page_of_the_people_is_sent_what_it_shows(cast, desk):
    await a_crowd(desk, cast.problem, 61)
    for renderer, people, others in ((show_members, 60, 2), (show_network, 62, 0)):
        async with desk.reading() as work:
            shown = await renderer(work, MemberJoined(cast.problem, 1))
        assert (len(shown.context["members"]), shown.context["others"]) == (people, others)


async def test_one_s_own_part_is_found_in_a_crowd(desk, cast):
    await a_crowd(desk, cast.problem, 80)
    await a_post(desk, cast.bo, cast.problem)
    for who, part in ((cast.ada, "poster"), (cast.bo, "talker"), (cast.dee, None)):
        async with desk.reading(who) as work:
            found = await find_part(work, cast.problem)
        assert (found.part if found else None) == part


async def test_nobody_is_on_an_imported_problem_yet(client, cast, desk):
    page = await client.get(f"/problems/{await an_imported_problem(desk)}/network")
    assert page.status_code == 200
    assert "Nobody is on it yet" in page.text
    assert "No offer yet" in page.text


@pytest.mark.parametrize("number", ["987654321", "99999999999999999999"])
async def test_the_network_of_what_is_not_there(client, cast, number):
    assert (await client.get(f"/problems/{number}/network")).status_code == 404
