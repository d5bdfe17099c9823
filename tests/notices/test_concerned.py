"""Each fact that concerns somebody is told to them: what has ended, who wrote, who asks, who answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civicboard.kit.outbox import present, since
from civicboard.networks.actions import invite_network, stay_together, step_out, write_members_post
from civicboard.notices.actions import mark_read
from civicboard.notices.events import NoticeReplaced, PersonTold
from civicboard.notices.live import show_all_told
from civicboard.notices.queries import notices_of
from civicboard.offers.actions import (
    dismiss_need,
    end_by_date,
    end_offer,
    lapse_offer,
    offer_when_asked,
    reopen_need,
    settle_need,
    welcome_offer,
)
from civicboard.offers.queries import find_offer, fitting_alternative
from civicboard.organisations.actions import appoint, confirm_request, decline_request, leave
from civicboard.organisations.queries import find_organisation_to_change
from civicboard.people.models import Block
from civicboard.posts.actions import edit_post
from civicboard.problems.actions import follow, post_problem
from tests.cast import Told, a_need, a_post, a_welcome_offer, an_offer
from tests.organisations.council import gathered


async def told(desk, who, *kinds):
    """What somebody was told of these kinds, in the order in which it happened."""
    async with desk.reading(who) as work:
        found = reversed((await notices_of(work)).notices)
    return [notice for notice in found if notice.kind in kinds]


async def paths(desk, who, *kinds):
    return [notice.path for notice in await told(desk, who, *kinds)]


async def block(desk, one, other):
    async with desk.writing() as work:
        work.session.add(Block(person_id=one.id, blocked_id=other.id, since=work.now))


async def a_problem_of(desk, who, title="The lamp is out", **said):
    async with desk.writing(who) as work:
        return (
            await post_problem(work, Told(title=title, story="Dark.", **{"tags": (), "help_wanted": "", **said}))
        ).id


async def clock_does(desk, clock, deed, offer, days=10):
    clock.turn(days=days)
    async with desk.writing() as work:
        await deed(work, offer)


# Offers that end


async def test_nobody_answered_and_something_else_fits(desk, cast, clock, bo_client):
    other = await a_problem_of(desk, cast.dee)
    need = await a_need(desk, cast.dee, other, "A van for the <lamp> posts")
    offer = await an_offer(desk, cast.bo, cast.problem, "A van on Saturdays")
    for _ in range(2):
        await clock_does(desk, clock, lapse_offer, offer)
    (notice,) = await told(desk, cast.bo, "offer_lapsed")
    async with desk.reading() as work:
        assert (await fitting_alternative(work, await find_offer(work, offer))).id == need == notice.need_id
    page = (await bo_client.get("/notices")).text
    assert (
        f'We are sorry: <a href="/offers/{offer}#instead">nobody answered your offer in time: A van on Saturdays</a>'
        in page
    )
    assert f'<a href="/needs/{need}">“The lamp is out”: A van for the &lt;lamp&gt; posts</a>' in page
    assert await told(desk, cast.ada, "offer_lapsed") == []
    # Once that is no longer needed it is named no more.
    async with desk.writing(cast.dee) as work:
        await dismiss_need(work, need)
    page = (await bo_client.get("/notices")).text
    assert "posts" not in page
    assert '<a href="/for-you">See what needs you now</a>' in page


async def test_what_fits_instead_may_be_a_problem(desk, cast, clock, bo_client):
    other = await a_problem_of(desk, cast.dee, help_wanted="somebody with a van")
    offer = await an_offer(desk, cast.bo, cast.problem, "A van on Saturdays")
    await clock_does(desk, clock, lapse_offer, offer)
    page = (await bo_client.get("/notices")).text
    assert f'<a href="/problems/{other}/the-lamp-is-out">“The lamp is out”</a>' in page


@pytest.mark.parametrize("blocker", ["bo", "dee"])
async def test_what_fits_instead_is_nothing_of_somebody_blocked(desk, cast, clock, blocker):
    other = await a_problem_of(desk, cast.dee, help_wanted="somebody with a van")
    await a_need(desk, cast.dee, other, "A van")
    one, two = (cast.bo, cast.dee) if blocker == "bo" else (cast.dee, cast.bo)
    await block(desk, one, two)
    offer = await an_offer(desk, cast.bo, cast.problem, "A van on Saturdays")
    await clock_does(desk, clock, lapse_offer, offer)
    (notice,) = await told(desk, cast.bo, "offer_lapsed")
    assert not notice.is_elsewhere


async def test_both_are_asked_for_thanks_when_an_offer_ends_by_its_date(desk, cast, clock, bo_client, ada_client):
    offer = await a_welcome_offer(desk, cast.bo, cast, until=clock.now.date() + timedelta(days=3))
    for _ in range(2):
        await clock_does(desk, clock, end_by_date, offer)
    for who, browser in ((cast.ada, ada_client), (cast.bo, bo_client)):
        assert await paths(desk, who, "offer_ended") == [f"/offers/{offer}#thanks"]
        assert 'id="thanks"' in (await browser.get(f"/offers/{offer}")).text
    assert "Your offer has ended: A van on Saturdays</a>, for" in (await bo_client.get("/notices")).text
    assert "What <b>Bo Adeyemi</b> offered has ended: A van on Saturdays</a>" in (await ada_client.get("/notices")).text


@pytest.mark.parametrize("ends", ["ada", "bo"])
async def test_who_says_that_it_is_done_tells_the_other(desk, cast, ends):
    offer = await a_welcome_offer(desk, cast.bo, cast)
    one, other = (cast.ada, cast.bo) if ends == "ada" else (cast.bo, cast.ada)
    async with desk.writing(one) as work:
        await end_offer(work, offer)
    assert len(await told(desk, other, "offer_ended")) == 1
    assert await told(desk, one, "offer_ended") == []


async def test_blocked_people_are_not_asked_to_thank_each_other(desk, cast, clock):
    offer = await a_welcome_offer(desk, cast.bo, cast, until=clock.now.date())
    await block(desk, cast.bo, cast.ada)
    await clock_does(desk, clock, end_by_date, offer)
    assert await told(desk, cast.ada, "offer_ended") == await told(desk, cast.bo, "offer_ended") == []


# Needs


async def a_need_of_cy(desk, cast):
    async with desk.writing(cast.cy) as work:
        await follow(work, cast.problem)
    return await a_need(desk, cast.cy, cast.problem)


async def test_who_said_that_it_is_needed_hears_who_helps_and_that_it_is_there(desk, cast):
    need = await a_need_of_cy(desk, cast)
    await a_welcome_offer(desk, cast.bo, cast, need_id=need)
    (first,) = await told(desk, cast.cy, "need_met", "joined")
    assert (first.helper_name, first.path) == ("Bo Adeyemi", f"/needs/{need}")
    for deed in (settle_need, settle_need, reopen_need, settle_need):
        async with desk.writing(cast.ada) as work:
            await deed(work, need)
    _, second = await told(desk, cast.cy, "need_met")
    assert second.helper_name is None
    for who in (cast.ada, cast.bo):
        assert await told(desk, who, "need_met") == []


async def test_the_poster_and_who_settles_it_know_it(desk, cast):
    own = await a_need(desk, cast.ada, cast.problem)
    theirs = await a_need_of_cy(desk, cast)
    await a_welcome_offer(desk, cast.bo, cast, need_id=own)
    for who, need in ((cast.ada, own), (cast.cy, theirs)):
        async with desk.writing(who) as work:
            await settle_need(work, need)
    for who in (cast.ada, cast.bo, cast.cy):
        assert await told(desk, who, "need_met") == []


@pytest.mark.parametrize("apart", ["ada", "bo"])
async def test_a_need_that_is_met_is_not_told_across_a_block(desk, cast, apart):
    need = await a_need_of_cy(desk, cast)
    await block(desk, cast.cy, getattr(cast, apart))
    await a_welcome_offer(desk, cast.bo, cast, need_id=need)
    assert await told(desk, cast.cy, "need_met") == []


async def test_a_yes_to_who_asked_is_one_notice(desk, cast):
    need = await a_need(desk, cast.ada, cast.problem)
    async with desk.writing(cast.bo) as work:
        await offer_when_asked(work, need, what="A ladder", asked_by_id=cast.ada.id)
    assert [one.kind for one in await told(desk, cast.ada, "offer_made", "joined", "need_met")] == ["offer_made"]
    assert await told(desk, cast.bo, "offer_welcomed", "joined") == []


# Networks


async def write(desk, who, number, words="The key is under the pot."):
    async with desk.writing(who) as work:
        return await write_members_post(work, number, words=words)


async def test_what_members_write_is_told_to_the_others_and_to_nobody_else(desk, cast, bo_client):
    for who in (cast.bo, cast.cy):
        await a_welcome_offer(desk, who, cast)
    await a_post(desk, cast.dee, cast.problem)
    post = await write(desk, cast.ada, cast.problem)
    for who in (cast.bo, cast.cy):
        assert await paths(desk, who, "members_posted") == [
            f"/problems/{cast.problem}/network/members#members-post-{post}"
        ]
    for who in (cast.ada, cast.dee):
        assert await told(desk, who, "members_posted") == []
    page = (await bo_client.get("/notices")).text
    assert "<b>Ada Kaur</b> has written to the members</a> of “Basements on Brook Lane flood”" in page
    assert "pot" not in page, "what was said stays in the thread"


async def test_one_notice_of_a_network_waits_to_be_read_however_much_is_written(app, desk, cast, clock, bo_client):
    await a_welcome_offer(desk, cast.bo, cast)
    for words in ("One", "Two", "Three"):
        await write(desk, cast.ada, cast.problem, words)
    (first,) = await told(desk, cast.bo, "members_posted")
    clock.turn(days=2)
    async with desk.reading() as work:
        before = await present(work.session)
    await write(desk, cast.ada, cast.problem, "Four")
    (second,) = await told(desk, cast.bo, "members_posted")
    assert second.id > first.id
    async with desk.reading() as work:
        happened = [one.event for one in await since(work.session, before)]
        assert [one for one in happened if isinstance(one, (PersonTold, NoticeReplaced))] == [
            PersonTold(cast.bo.id, second.id),
            NoticeReplaced(cast.bo.id),
        ]
        fragment = await show_all_told(work, NoticeReplaced(cast.bo.id))
    html = app.state.kit.pages.render(fragment.template, fragment.context)
    assert f'id="notice-{first.id}"' not in html
    assert html.strip() in (await bo_client.get("/notices")).text
    # What is read has been seen; then there is news again.
    async with desk.writing(cast.bo) as work:
        await mark_read(work)
    await write(desk, cast.ada, cast.problem, "Five")
    assert [one.is_unread for one in await told(desk, cast.bo, "members_posted")] == [False, True]


async def test_the_news_of_two_networks_are_two(desk, cast):
    other = await a_problem_of(desk, cast.ada)
    await a_welcome_offer(desk, cast.bo, cast)
    offer = await an_offer(desk, cast.bo, other)
    async with desk.writing(cast.ada) as work:
        await welcome_offer(work, offer)
    for number in (cast.problem, other):
        await write(desk, cast.ada, number)
    assert len(await told(desk, cast.bo, "members_posted")) == 2


@pytest.mark.parametrize("blocker", ["ada", "bo"])
async def test_members_who_are_blocked_hear_nothing_of_each_other(desk, cast, blocker):
    for who in (cast.bo, cast.cy):
        await a_welcome_offer(desk, who, cast)
    one, other = (cast.ada, cast.bo) if blocker == "ada" else (cast.bo, cast.ada)
    await block(desk, one, other)
    await write(desk, cast.ada, cast.problem)
    assert await told(desk, cast.bo, "members_posted") == []
    assert len(await told(desk, cast.cy, "members_posted")) == 1


async def test_a_network_that_is_asked_along_hears_it_each_but_across_a_block(desk, cast, bo_client):
    for who in (cast.bo, cast.cy):
        await a_welcome_offer(desk, who, cast)
    await block(desk, cast.cy, cast.dee)
    async with desk.writing(cast.ada) as work:
        await stay_together(work, cast.problem, name="The <brook> crew", about="Pumps.")
    other = await a_problem_of(desk, cast.dee)
    for _ in range(2):
        async with desk.writing(cast.dee) as work:
            await invite_network(work, other, cast.problem, words="Would you look?")
    for who in (cast.ada, cast.bo):
        (notice,) = await told(desk, who, "network_invited")
        thread, _, anchor = notice.path.partition("#")
    for who in (cast.cy, cast.dee):
        assert await told(desk, who, "network_invited") == []
    page = (await bo_client.get("/notices")).text
    assert "<b>Dee Novak</b> asks all of you in “The &lt;brook&gt; crew” to join in</a> on “The lamp is out”" in page
    assert f'id="{anchor}"' in (await bo_client.get(thread)).text


async def test_who_has_stepped_out_is_led_nowhere(desk, cast, bo_client):
    await a_welcome_offer(desk, cast.bo, cast)
    await write(desk, cast.ada, cast.problem)
    async with desk.writing(cast.bo) as work:
        await step_out(work, cast.problem)
    page = (await bo_client.get("/notices")).text
    assert "You have stepped out of “Basements on Brook Lane flood”, so what its members write to each other" in page
    assert "/network/members" not in page


# Being called by name


async def test_who_is_called_in_a_post_hears_it(desk, cast, bo_client):
    words = "Do you know, @Bo, or @nobody-here? @ada, I asked @bo before.\n\n> @cy said so."
    post = await a_post(desk, cast.ada, cast.problem, words)
    assert await paths(desk, cast.bo, "mentioned") == [f"/problems/{cast.problem}/posts/{post}"]
    for who in (cast.ada, cast.cy, cast.dee):
        assert await told(desk, who, "mentioned") == []
    answer = await bo_client.get(f"/problems/{cast.problem}/posts/{post}", follow_redirects=True)
    assert f'id="post-{post}"' in answer.text
    assert "<b>Ada Kaur</b> calls you by name</a>" in (await bo_client.get("/notices")).text
    async with desk.writing(cast.ada) as work:
        await edit_post(work, post, words=f"{words} Well, @bo?", seen_version=1)
    assert len(await told(desk, cast.bo, "mentioned")) == 1


@pytest.mark.parametrize("blocker", ["ada", "bo"])
async def test_nobody_is_called_across_a_block(desk, cast, blocker):
    one, other = (cast.ada, cast.bo) if blocker == "ada" else (cast.bo, cast.ada)
    await block(desk, one, other)
    await a_post(desk, cast.ada, cast.problem, "@bo and @cy, do you know?")
    assert await told(desk, cast.bo, "mentioned") == []
    assert len(await told(desk, cast.cy, "mentioned")) == 1


# Belonging somewhere


async def test_the_stewards_hear_who_asks_and_who_asked_hears_the_answer(desk, cast, ada_client, bo_client):
    there = await gathered(desk, cast)
    path = f"/organisations/{there['slug']}/requests/{there['id']}"
    assert await paths(desk, cast.ada, "affiliation_asked") == [path]
    for who in (cast.bo, cast.cy, cast.dee):
        assert await told(desk, who, "affiliation_asked") == []
    assert (
        "<b>Bo Adeyemi</b> asks you to confirm that they belong to Millbrook Council</a>."
        in (await ada_client.get("/notices")).text
    )
    for _ in range(2):
        async with desk.writing(cast.ada) as work:
            await confirm_request(work, there["slug"], there["id"])
    assert await paths(desk, cast.bo, "affiliation_answered") == [path]
    page = (await bo_client.get("/notices")).text
    assert "Millbrook Council has confirmed that you belong there</a>" in page
    assert (await bo_client.get(path)).status_code == 200
    assert "It has been answered." in (await ada_client.get("/notices")).text


async def test_a_no_is_told_as_one_and_a_former_steward_is_led_nowhere(desk, cast, ada_client, bo_client):
    there = await gathered(desk, cast)
    async with desk.writing() as work:
        made = await find_organisation_to_change(work, there["slug"])
        await appoint(work, made, cast.cy.id, role="officer", is_steward=True)
    async with desk.writing(cast.cy) as work:
        await decline_request(work, there["slug"], there["id"], words="We don’t know you.")
    page = (await bo_client.get("/notices")).text
    assert "could not confirm that you belong there</a>" in page
    assert "know you" not in page
    async with desk.writing() as work:
        work.viewer = cast.ada
        await leave(work, there["slug"])
    assert (
        "You are no longer a steward of Millbrook Council, so this is not yours"
        in (await ada_client.get("/notices")).text
    )


async def test_a_steward_who_is_blocked_is_not_told(desk, cast):
    await block(desk, cast.ada, cast.bo)
    await gathered(desk, cast)
    assert await told(desk, cast.ada, "affiliation_asked") == []
