"""On a problem that nobody here posted: whoever offers joins in at once, and what takes two does not come with it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from civicboard.kit.work import Conflict, Missing, Refused
from civicboard.networks.actions import stay_together, write_members_post
from civicboard.networks.queries import find_circle, members_of
from civicboard.offers.actions import end_offer, offer_when_asked, say_contact, withdraw_offer
from civicboard.offers.queries import contacts_on, find_need, find_offer
from civicboard.problems.actions import follow
from civicboard.watching import watch_network
from tests.cast import a_need, an_imported_problem, an_offer, key_in, problem_now

NUMBER = "01632 960 123"


async def people(desk, number):
    async with desk.reading() as work:
        return {one.handle: (one.part, one.brings, one.brought) for one in await members_of(work, number)}


async def a_need_there(desk, cast):
    number = await an_imported_problem(desk)
    async with desk.writing(cast.cy) as work:
        await follow(work, number)
    return number, await a_need(desk, cast.cy, number)


async def test_the_form_says_so_and_whoever_offers_is_one_of_the_people(desk, cast, bo_client, client):
    number, need_id = await a_need_there(desk, cast)
    form = (await bo_client.get(f"/problems/{number}/offers/new?need={need_id}")).text
    assert "nobody here yet who welcomes offers" in form
    assert "one of the people on it at once" in form
    assert 'name="contact"' not in form
    sent = {"what": "My ladder", "need": need_id, "contact": NUMBER, "key": key_in(form)}
    answer = await bo_client.post(f"/problems/{number}/offers", data=sent)
    assert answer.status_code == 303
    assert (await bo_client.post(f"/problems/{number}/offers", data=sent)).status_code == 303
    assert await people(desk, number) == {"bo": ("helper", "My ladder", "")}
    page = (await client.get((await problem_now(desk, number)).path)).text
    assert "Joined in" in page
    assert "Waiting for an answer" not in page
    async with desk.reading() as work:
        assert (await find_need(work, need_id)).state == "being_met"
        assert await work.session.scalar(text("SELECT count(*) FROM contacts")) == 0


async def test_a_yes_when_asked_is_no_dead_end_and_passes_no_contact(desk, cast, bo_client):
    number, need_id = await a_need_there(desk, cast)
    async with desk.writing(cast.bo) as work:
        offer = await offer_when_asked(
            work,
            need_id,
            asked_by_id=cast.cy.id,
            what="My ladder",
            contact=NUMBER,
            their_contact=NUMBER,
            introduced_by_id=cast.dee.id,
        )
    async with desk.reading(cast.bo) as work:
        found = await find_offer(work, offer)
        contacts = await contacts_on(work, found)
        (member,) = await members_of(work, number)
    assert (found.state, member.part, member.introduced_by) == ("welcomed", "helper", "Dee Novak")
    assert (contacts.mine, contacts.theirs) == ("", "")
    with pytest.raises(Conflict, match="nobody here yet"):
        async with desk.writing(cast.bo) as work:
            await say_contact(work, offer, NUMBER)
    page = (await bo_client.get(f"/offers/{offer}")).text
    assert "Reach each other" not in page
    assert "None" not in page
    assert "This is done" in page


async def test_it_can_be_taken_back_and_it_ends(desk, cast, bo_client):
    number = await an_imported_problem(desk)
    for deed, left in ((withdraw_offer, ("talker", "", "")), (end_offer, ("helper", "", "A van"))):
        offer = await an_offer(desk, cast.bo, number, "A van")
        async with desk.writing(cast.bo) as work:
            await deed(work, offer)
        assert await people(desk, number) == {"bo": left}
    page = (await bo_client.get(f"/offers/{offer}")).text
    assert "Say thanks" not in page
    assert (await problem_now(desk, number)).offer_count == 0


async def test_nothing_there_is_for_members_alone_since_nobody_let_them_in(desk, cast, bo_client):
    number = await an_imported_problem(desk)
    await an_offer(desk, cast.bo, number)
    async with desk.reading(cast.bo) as work:
        with pytest.raises(Missing):
            await find_circle(work, number)
        assert await watch_network(work, f"{number}:members") is None
    for deed, refused in (
        (lambda work: write_members_post(work, number, words="Saturday at ten."), Missing),
        (lambda work: stay_together(work, number, name="Us", about="Vans."), Refused),
    ):
        with pytest.raises(refused):
            async with desk.writing(cast.bo) as work:
                await deed(work)
    assert (await bo_client.get(f"/problems/{number}/network/members")).status_code == 404
    page = (await bo_client.get(f"/problems/{number}/network")).text
    assert "Write to the other members" not in page
    assert "whoever offers help is one of you at once" in page


async def test_who_said_what_is_needed_is_told_once(desk, cast):
    number, need_id = await a_need_there(desk, cast)
    await an_offer(desk, cast.bo, number, need_id=need_id)
    async with desk.reading() as work:
        told = await work.session.execute(text("SELECT person_id, kind FROM notices"))
        assert [tuple(one) for one in told] == [(cast.cy.id, "offer_made")]
