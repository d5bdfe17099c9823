"""What the members write to each other: sent once, edited for a while, paged, and nobody else's."""

from __future__ import annotations

import pytest

from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Conflict, Missing, Refused, SentAlready
from civicboard.networks import queries
from civicboard.networks.actions import edit_members_post, step_out, write_members_post
from civicboard.networks.events import MembersPosted, MembersPostEdited
from civicboard.networks.live import show_members_post
from civicboard.networks.queries import find_members_post, members_posts_on
from civicboard.offers.actions import withdraw_offer
from tests.cast import KEY, a_post, a_welcome_offer, an_imported_problem, key_in


async def note(desk, who, number, words="The key is under the pot.", **how):
    async with desk.writing(who) as work:
        return await write_members_post(work, number, words=words, **how)


def thread_of(cast):
    return f"/problems/{cast.problem}/network/members"


async def test_the_poster_and_the_helpers_write_to_each_other(desk, cast, bo_client, ada_client):
    await a_welcome_offer(desk, cast.bo, cast)
    post = await note(desk, cast.bo, cast.problem, "It is *under* the pot. <b>Ring</b> me.")
    for client in (bo_client, ada_client):
        page = await client.get(thread_of(cast))
        assert "It is <em>under</em> the pot." in page.text
        assert "<b>Ring</b>" not in page.text
        assert page.headers["cache-control"] == "no-store"
        assert f"/live?on=network:{cast.problem}:members" in page.text
        assert "Decisions belong into" in page.text
    async with desk.reading() as work:
        assert (await find_members_post(work, post)).author_name == "Bo Adeyemi"


@pytest.mark.parametrize("role", ["cy", "dee"])
async def test_for_a_talker_and_for_nobody_here_it_is_not_there(app, desk, cast, role):
    """The same answer, byte for byte, as for a problem that nobody has ever posted."""
    from tests.conftest import client_for

    await a_post(desk, cast.cy, cast.problem)
    await note(desk, cast.ada, cast.problem)
    async with client_for(app, token=cast.tokens[role]) as client:
        here, nowhere = await client.get(thread_of(cast)), await client.get("/problems/98765/network/members")
        sent = await client.post(thread_of(cast), data={"words": "Let me in"})
        looked = await client.post(thread_of(cast), data={"words": "Let me in", "do": "preview"})
    assert here.status_code == nowhere.status_code == sent.status_code == looked.status_code == 404
    assert here.text.replace(str(cast.problem), "") == nowhere.text.replace("98765", "").replace(str(cast.problem), "")
    with pytest.raises(Missing):
        await note(desk, getattr(cast, role), cast.problem)
    async with desk.reading(getattr(cast, role)) as work:
        with pytest.raises(Missing):
            await members_posts_on(work, cast.problem)


async def test_a_stranger_finds_nothing_and_keeps_what_they_typed(client, desk, cast):
    assert (await client.get(thread_of(cast))).status_code == 404
    for there in (thread_of(cast), "/problems/98765/network/members"):
        sent = await client.post(there, data={"words": "My session had ended"})
        assert sent.status_code == 303
        assert sent.headers["location"].startswith("/login?next=")
    with pytest.raises(Missing):
        await note(desk, NOBODY, cast.problem)


async def test_who_stepped_out_or_took_back_all_they_brought_reads_nothing_any_more(desk, cast):
    offer = await a_welcome_offer(desk, cast.bo, cast)
    await a_welcome_offer(desk, cast.cy, cast, "Plans")
    await note(desk, cast.bo, cast.problem)
    async with desk.writing(cast.bo) as work:
        await withdraw_offer(work, offer)
    async with desk.writing(cast.cy) as work:
        await step_out(work, cast.problem)
    for who in (cast.bo, cast.cy):
        with pytest.raises(Missing):
            await note(desk, who, cast.problem)
    async with desk.reading(cast.ada) as work:
        assert len((await members_posts_on(work, cast.problem))[0]) == 1, "what they wrote stays"


async def test_on_an_imported_problem_nobody_has_a_part_yet(desk, cast):
    number = await an_imported_problem(desk)
    for who in (cast.ada, NOBODY):
        with pytest.raises(Missing):
            await note(desk, who, number)


async def test_sent_again_counts_once(desk, cast):
    first = await note(desk, cast.ada, cast.problem, form_key=KEY)
    assert await note(desk, cast.ada, cast.problem, form_key=KEY) == first
    with pytest.raises(SentAlready):
        await note(desk, cast.ada, cast.problem, "Other words", form_key=KEY)
    async with desk.reading(cast.ada) as work:
        assert len((await members_posts_on(work, cast.problem))[0]) == 1


async def test_the_form_by_hand(desk, cast, ada_client):
    page = await ada_client.get(thread_of(cast))
    assert "Nobody has written anything yet" in page.text
    looked = await ada_client.post(thread_of(cast), data={"words": "The *key*", "do": "preview"})
    assert "<em>key</em>" in looked.text
    empty = await ada_client.post(thread_of(cast), data={"words": " "})
    assert empty.status_code == 422
    assert "Please write something first." in empty.text
    for _ in range(2):
        sent = await ada_client.post(thread_of(cast), data={"words": "Mine", "key": key_in(page.text)})
        assert sent.headers["location"].startswith(f"{thread_of(cast)}#members-post-")
    assert (await ada_client.get(thread_of(cast))).text.count('<article class="post"') == 1


async def test_a_script_gets_the_post_and_an_empty_form(app, desk, cast):
    from tests.conftest import client_for

    async with client_for(app, token=cast.tokens["ada"], script=True) as client:
        answer = await client.post(thread_of(cast), data={"words": "By script"})
    assert 'hx-target="#thread"' in answer.text
    assert "By script" in answer.text
    assert 'id="composer"' in answer.text


async def test_for_a_quarter_of_an_hour_it_can_be_put_right(desk, cast, clock, ada_client, bo_client):
    await a_welcome_offer(desk, cast.bo, cast)
    post = await note(desk, cast.ada, cast.problem)
    there = f"{thread_of(cast)}/{post}/edit"
    assert (await bo_client.get(there)).status_code == 403
    assert (await bo_client.post(there, data={"words": "Hm", "version": "1"})).status_code == 403
    clock.turn(minutes=14)
    saved = await ada_client.post(there, data={"words": "With Bo.", "version": "1"})
    assert saved.headers["location"] == f"{thread_of(cast)}#members-post-{post}"
    page = (await bo_client.get(thread_of(cast))).text
    assert "With Bo." in page
    assert "edited" in page
    stale = await ada_client.post(there, data={"words": "With Cy.", "version": "1"})
    assert stale.status_code == 409
    assert "With Cy." in stale.text
    assert "With Bo." in stale.text
    clock.turn(minutes=2)
    late = await ada_client.post(there, data={"words": "With Dee.", "version": "2"})
    assert late.status_code == 409
    assert "With Dee." in late.text, "what was typed is not lost"
    assert (await ada_client.get(there)).status_code == 403
    async with desk.reading() as work:
        assert (await find_members_post(work, post)).words == "With Bo."


async def test_editing_says_so_and_is_only_for_its_own_thread(desk, cast):
    post = await note(desk, cast.ada, cast.problem)
    async with desk.writing(cast.ada) as work:
        await edit_members_post(work, cast.problem, post, words="Here.", seen_version=1)
        assert work.events == [MembersPostEdited(cast.problem, post)]
    async with desk.writing(cast.ada) as work:
        with pytest.raises(Missing):
            await edit_members_post(work, cast.problem + 1, post, words="There.", seen_version=2)
    with pytest.raises(Conflict):
        async with desk.writing(cast.ada) as work:
            await edit_members_post(work, cast.problem, post, words="There.", seen_version=1)
    await a_welcome_offer(desk, cast.bo, cast)
    with pytest.raises(Refused):
        async with desk.writing(cast.bo) as work:
            await edit_members_post(work, cast.problem, post, words="There.", seen_version=2)


async def test_the_newest_stand_at_the_end_and_older_ones_a_page_away(desk, cast, ada_client, monkeypatch):
    monkeypatch.setattr(queries.thread, "A_THREAD", 3)
    for number in range(5):
        await note(desk, cast.ada, cast.problem, f"Word{number}")
    page = (await ada_client.get(thread_of(cast))).text
    assert [f"Word{n}" in page for n in range(5)] == [False, False, True, True, True]
    assert page.index("Word2") < page.index("Word4") < page.index('id="composer"')
    async with desk.reading(cast.ada) as work:
        posts, has_older = await members_posts_on(work, cast.problem)
        older, more = await members_posts_on(work, cast.problem, before=posts[0].id)
    assert (has_older, more, [post.words for post in older]) == (True, False, ["Word0", "Word1"])
    assert f"?before={posts[0].id}" in page
    assert "hx-ws:connect" not in (await ada_client.get(f"{thread_of(cast)}?before={posts[0].id}")).text


async def test_the_broadcast_is_the_post_of_the_page(app, desk, cast, ada_client):
    post = await note(desk, cast.ada, cast.problem)
    page = (await ada_client.get(thread_of(cast))).text
    async with desk.reading() as work:
        shown = await show_members_post(work, MembersPosted(cast.problem, post))
    assert app.state.kit.pages.render(shown.template, shown.context).strip() in page
    assert (shown.target, shown.key) == ("#thread", f"members-post-{post}")
