from __future__ import annotations

import pytest

from civicboard.networks import fragments
from civicboard.networks.queries import members_of
from tests.cast import a_post, a_welcome_offer, an_imported_problem


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
        fragment = fragments.members(cast.problem, await members_of(work, cast.problem))
    html = app.state.kit.pages.render(fragment.template, fragment.context)
    assert html.strip() in page.text
    assert (fragment.target, fragment.swap) == ("#members", "outerHTML")


async def test_nobody_is_on_an_imported_problem_yet(client, cast, desk):
    page = await client.get(f"/problems/{await an_imported_problem(desk)}/network")
    assert page.status_code == 200
    assert "Nobody is on it yet" in page.text
    assert "No offer yet" in page.text


@pytest.mark.parametrize("number", ["987654321", "99999999999999999999"])
async def test_the_network_of_what_is_not_there(client, cast, number):
    assert (await client.get(f"/problems/{number}/network")).status_code == 404
