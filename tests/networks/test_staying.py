"""Networks that stay together, are found again, and are asked along."""

from __future__ import annotations

import asyncio

import pytest

from civicboard.kit.work import Conflict, Missing, Refused
from civicboard.networks import queries
from civicboard.networks.actions import invite_network, part_ways, stay_together
from civicboard.networks.events import NetworkChanged, NetworkInvited
from civicboard.networks.live import show_invitation
from civicboard.networks.queries import members_posts_on, networks_staying
from civicboard.problems.actions import edit_problem, post_problem
from tests.cast import Told, a_post, a_welcome_offer

ABOUT = "Flooded cellars, pumps and patience."


async def together(desk, who, number, name="The brook crew", about=ABOUT):
    async with desk.writing(who) as work:
        await stay_together(work, number, name=name, about=about)
    return work.events


async def another(desk, who, title="The lamp is out"):
    async with desk.writing(who) as work:
        return (await post_problem(work, Told(title=title, story="Dark since Sunday.", tags=("lamps",)))).id


async def invite(desk, who, number, network, words=""):
    async with desk.writing(who) as work:
        return await invite_network(work, number, network, words=words)


async def test_any_helper_or_the_poster_says_it_and_is_shown(desk, cast, client):
    await a_welcome_offer(desk, cast.bo, cast)
    await a_post(desk, cast.cy, cast.problem)
    for who in (cast.cy, cast.dee):
        with pytest.raises(Refused, match="have a part"):
            await together(desk, who, cast.problem)
    assert await together(desk, cast.ada, cast.problem) == [NetworkChanged(cast.problem)]
    assert await together(desk, cast.bo, cast.problem) == [], "the same again changes nothing"
    assert await together(desk, cast.bo, cast.problem, "The pump crew") == [NetworkChanged(cast.problem)]
    page = (await client.get(f"/problems/{cast.problem}/network")).text
    assert "<b>They stay together</b> as The pump crew." in page
    assert '<a href="/people/bo">Bo Adeyemi</a> said so,' in page


async def test_they_stand_on_a_list_for_everybody_until_they_part(desk, cast, client):
    await a_welcome_offer(desk, cast.bo, cast)
    assert "Nobody yet" in (await client.get("/networks")).text
    await together(desk, cast.bo, cast.problem, "The <brook> crew")
    page = (await client.get("/networks")).text
    for words in ("The &lt;brook&gt; crew", ABOUT, "2 people", "Basements on Brook Lane flood"):
        assert words in page
    assert "Invite this network" not in page
    async with desk.writing(cast.ada) as work:
        await part_ways(work, cast.problem)
        await part_ways(work, cast.problem)
        assert work.events == [NetworkChanged(cast.problem)]
    assert "Nobody yet" in (await client.get("/networks")).text
    assert "They stay together" not in (await client.get(f"/problems/{cast.problem}/network")).text


async def test_they_are_found_by_words_in_what_they_say_and_did(desk, cast, client):
    other = await another(desk, cast.bo)
    await together(desk, cast.ada, cast.problem)
    await together(desk, cast.bo, other, "The lamplighters", "Ladders, and whom to ring.")
    async with desk.reading() as work:
        for words, found in (("pumps", "brook"), ("ladder", "lamp"), ("basements", "brook"), ("lamplighters", "lamp")):
            rows, _ = await networks_staying(work, words=words)
            assert [found in row.name for row in rows] == [True], words
    assert "The lamplighters" in (await client.get("/networks?q=ladders")).text
    assert "The lamplighters" in (await client.get("/networks?q=“ladders”%20-“tall ladders”")).text
    assert "Nobody with these words" in (await client.get("/networks?q=zebras")).text


async def test_a_long_list_goes_on_on_the_next_page(desk, cast, client, clock, monkeypatch):
    monkeypatch.setattr(queries.staying, "A_LIST", 2)
    for number in range(3):
        await together(desk, cast.bo, await another(desk, cast.bo, f"The lamp is out, {number}"), f"Crew {number}")
        clock.turn(minutes=1)
    first = (await client.get("/networks")).text
    assert [f"Crew {n}" in first for n in range(3)] == [False, True, True]
    address = first.partition('rel="next" href="')[2].partition('"')[0]
    second = (await client.get(address.replace("&amp;", "&"))).text
    assert [f"Crew {n}" in second for n in range(3)] == [True, False, False]
    assert 'rel="next"' not in second


@pytest.mark.parametrize(
    "query", ["after=nonsense", "after=9999999999999999-1", "for=99", "for=x", "q=%25", "q=a%20%26"]
)
async def test_no_address_of_the_list_is_an_error(client, cast, query):
    assert (await client.get(f"/networks?{query}")).status_code == 200


async def test_the_form_by_hand(desk, cast, ada_client, dee_client):
    there = f"/problems/{cast.problem}/network/together"
    assert (await dee_client.get(there)).status_code == 403
    short = await ada_client.post(there, data={"name": "A", "about": "Pumps"})
    assert short.status_code == 422
    assert "A few more letters, please." in short.text
    assert "what you can do together" in short.text
    sent = await ada_client.post(there, data={"name": "The crew", "about": ABOUT})
    assert sent.headers["location"] == f"/problems/{cast.problem}/network?said=together"
    assert 'value="The crew"' in (await ada_client.get(there)).text
    assert (await ada_client.post(f"{there}?_method=DELETE")).headers["location"].endswith("said=apart")


async def test_a_network_is_asked_along_once_in_its_own_thread(desk, cast, ada_client):
    await together(desk, cast.ada, cast.problem)
    number = await another(desk, cast.dee)
    async with desk.writing(cast.dee) as work:
        assert await invite_network(work, number, cast.problem, words="Would you *look*?")
        assert work.events == [NetworkInvited(number, cast.problem)]
    assert not await invite(desk, cast.dee, number, cast.problem, "Please?")
    async with desk.reading(cast.ada) as work:
        (post,), _ = await members_posts_on(work, cast.problem)
        shown = await show_invitation(work, NetworkInvited(number, cast.problem))
    assert (post.author_name, post.invites_to_id, post.words) == ("Dee Novak", number, "Would you *look*?")
    assert shown.key == f"members-post-{post.id}"
    async with desk.writing(cast.dee) as work:
        told = Told(title="The lamp on the lock is out", story="Dark since Sunday.")
        await edit_problem(work, number, told, why="", seen_revision=1)
    page = (await ada_client.get(f"/problems/{cast.problem}/network/members")).text
    assert "The lamp on the lock is out</a>" in page, "the title of today"
    async with desk.reading(cast.dee) as work:
        with pytest.raises(Missing):
            await members_posts_on(work, cast.problem)


async def test_asked_twice_at_once_counts_once(desk, cast):
    await together(desk, cast.ada, cast.problem)
    number = await another(desk, cast.dee)
    done = await asyncio.gather(*(invite(desk, cast.dee, number, cast.problem) for _ in range(3)))
    assert sorted(done) == [False, False, True]


async def test_only_the_poster_asks_and_only_those_who_stay(desk, cast):
    number = await another(desk, cast.dee)
    with pytest.raises(Missing):
        await invite(desk, cast.dee, number, cast.problem)
    await together(desk, cast.ada, cast.problem)
    await together(desk, cast.dee, number, "The lamplighters")
    with pytest.raises(Refused, match="Only the person who posted"):
        await invite(desk, cast.bo, number, cast.problem)
    with pytest.raises(Conflict, match="here already"):
        await invite(desk, cast.dee, number, number)


async def test_inviting_by_hand(desk, cast, dee_client, ada_client):
    await together(desk, cast.ada, cast.problem)
    number = await another(desk, cast.dee)
    assert f'href="/networks?for={number}"' in (await dee_client.get(f"/problems/{number}/network")).text
    chosen = (await dee_client.get(f"/networks?for={number}")).text
    there = f"/problems/{number}/network/invitations/{cast.problem}"
    assert f'href="{there}"' in chosen
    assert "Invite this network" not in (await ada_client.get(f"/networks?for={number}")).text
    assert (await ada_client.get(there)).status_code == 403
    long = await dee_client.post(there, data={"words": "x" * 501})
    assert long.status_code == 422
    sent = await dee_client.post(there, data={"words": "Would you?"})
    assert sent.headers["location"] == f"/networks?for={number}&said=invited"
    assert "You have asked them to join in." in (await dee_client.get(f"/networks?for={number}")).text
    assert "You have asked them already" in (await dee_client.get(there)).text
