"""The page of notices, and the count beside its name on every page."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import delete, update

from civicboard.matching.models import Ask
from civicboard.networks.actions import write_members_post
from civicboard.networks.models import Convening
from civicboard.notices.actions import tell
from civicboard.notices.events import NoticesMarked, PersonTold
from civicboard.notices.live import show_all_told, show_told, show_unread
from civicboard.notices.models import Notice
from civicboard.notices.policy import KINDS
from civicboard.notices.queries import PAGE, notices_of
from civicboard.organisations.actions import appoint
from civicboard.organisations.queries import find_organisation_to_change
from civicboard.problems.actions import post_problem
from civicboard.watching import watch_person
from tests.cast import Told, a_need, a_post, a_welcome_offer, an_offer
from tests.conftest import client_for
from tests.organisations.council import council


def unread_on(page):
    found = re.search(r'<span id="unread"[^>]*?( hidden)?>(\d+|99\+)<', page)
    assert found is not None
    return None if found[1] else found[2]


async def test_what_happened_is_told_in_words_with_a_link(ada_client, bo_client, cast, desk):
    offer = await a_welcome_offer(desk, cast.bo, cast, "A van & a driver")
    page = (await ada_client.get("/notices")).text
    assert "<b>Bo Adeyemi</b> offers: A van &amp; a driver</a>, for “Basements on Brook Lane flood”" in page
    assert f'href="/offers/{offer}"' in page
    assert "is-unread" not in page, "she has answered it"
    theirs = (await bo_client.get("/notices")).text
    assert "Your offer is welcome: A van &amp; a driver</a>" in theirs
    assert "Bo Adeyemi</b> offers" not in theirs


async def test_the_count_stands_on_every_page_of_theirs_and_nobody_elses(ada_client, dee_client, client, cast, desk):
    addresses = ("/", "/account", "/search", "/notices", f"/problems/{cast.problem}/network")
    assert [unread_on((await ada_client.get(address)).text) for address in addresses] == [None] * 5
    await an_offer(desk, cast.bo, cast.problem)
    await an_offer(desk, cast.cy, cast.problem)
    assert [unread_on((await ada_client.get(address)).text) for address in addresses] == ["2"] * 5
    assert unread_on((await dee_client.get("/")).text) is None
    assert 'id="unread"' not in (await client.get("/")).text


async def test_all_of_it_is_marked_as_read(ada_client, cast, desk):
    await an_offer(desk, cast.bo, cast.problem)
    page = (await ada_client.get("/notices")).text
    form = re.search(r'<form method="post" action="(/notices\?until=\d+)">', page)
    assert form is not None
    await an_offer(desk, cast.cy, cast.problem, "Meanwhile")
    answer = await ada_client.post(form[1])
    assert answer.status_code == 303
    assert answer.headers["location"] == "/notices?said=marked"
    page = (await ada_client.get("/notices")).text
    # What came while she read stays new.
    assert unread_on(page) == "1"
    assert page.count("is-unread") == 1
    assert (await ada_client.post("/notices?until=nonsense")).status_code == 303
    assert unread_on((await ada_client.get("/notices")).text) is None


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_has_words_and_leads_somewhere(bo_client, cast, desk, kind):
    offer = await a_welcome_offer(desk, cast.bo, cast)
    need = await a_need(desk, cast.ada, cast.problem)
    post = await a_post(desk, cast.cy, cast.problem)
    async with desk.writing(cast.ada) as work:
        members_post = await write_members_post(work, cast.problem, words="The key is under the pot.")
    async with desk.writing(cast.dee) as work:
        other = (await post_problem(work, Told(title="The lamp is out"))).id
    async with desk.writing() as work:
        asked = await council(work, cast)
        ask = Ask(
            need_id=need, person_id=cast.bo.id, by_id=cast.ada.id, ring=1, made_at=work.now, due_at=work.now,
            state="asked", asked_at=work.now,
        )  # fmt: skip
        work.session.add(ask)
        convening = Convening(problem_id=cast.problem, person_id=cast.cy.id, asked_at=work.now)
        work.session.add(convening)
        await work.session.flush()
        about = {
            "problem_id": cast.problem, "offer_id": offer, "person_id": cast.cy.id, "need_id": need, "post_id": post,
            "members_post_id": members_post, "elsewhere_id": other, "ask_id": ask.id,
            "request_id": asked["id"], "convening_id": convening.id,
        }  # fmt: skip
        await appoint(
            work, await find_organisation_to_change(work, asked["slug"]), cast.bo.id, role="officer", is_steward=True
        )
        await work.session.execute(delete(Notice))
        await tell(work, kind, [cast.bo.id], once="x", by=None, **about)
    page = (await bo_client.get("/notices")).text
    assert "Something has happened" not in page
    assert "no longer" not in page
    link = re.search(r'<li id="notice-\d+".*?href="([^"]+)"', page, re.S)
    assert link is not None
    if kind == "asked":  # its page comes with the asking
        assert link[1] == f"/asks/{ask.id}"
        for answer in ("yes", "not_now", "not_me"):
            assert f'form="answers" formaction="/asks/{ask.id}/answer" name="answer" value="{answer}"' in page
        assert re.search(r'<form id="answers" method="post"[^>]*><input type="hidden" name="csrf"', page)
        async with desk.writing() as work:
            await work.session.execute(update(Ask).values(state="not_now"))
        assert "formaction" not in (await bo_client.get("/notices")).text
        return
    answer = await bo_client.get(link[1], follow_redirects=True)
    assert answer.status_code == 200
    anchor = link[1].partition("#")[2]
    # Whoever thanks, or looks for something else, does so once it is over.
    assert not anchor or anchor in ("thanks", "instead") or f'id="{anchor}"' in answer.text
    assert "“Basements on Brook Lane flood”" in page or kind.startswith("affiliation_")


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_gone_is_said_to_be_gone(bo_client, cast, desk, kind):
    async with desk.writing() as work:
        await tell(work, kind, [cast.bo.id], once="x", by=None, problem_id=987_654, offer_id=987_654)
    page = (await bo_client.get("/notices")).text
    assert "no longer on the board" in page
    assert "None" not in page


async def test_an_empty_page_says_what_it_is_for(dee_client, client):
    page = await dee_client.get("/notices")
    assert page.status_code == 200
    assert "Nothing yet" in page.text
    assert "Mark all as read" not in page.text
    answer = await client.get("/notices")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")


async def test_older_ones_stand_on_a_page_of_their_own(bo_client, cast, desk):
    async with desk.writing() as work:
        for n in range(PAGE + 1):
            await tell(work, "joined", [cast.bo.id], once=f"{n}", by=None, problem_id=cast.problem)
    page = (await bo_client.get("/notices")).text
    link = re.search(r'rel="next" href="(/notices\?before=\d+)"', page)
    assert link is not None
    older = (await bo_client.get(link[1])).text
    assert older.count('<li id="notice-') == 1
    # What comes live belongs at the top of the first page, not here.
    assert 'id="told"' in page
    assert 'id="told"' not in older
    assert (await bo_client.get("/notices?before=nonsense")).status_code == 200


async def test_what_is_pushed_is_what_the_page_shows(app, ada_client, cast, desk):
    await an_offer(desk, cast.bo, cast.problem)
    page = (await ada_client.get("/notices")).text
    async with desk.reading(cast.ada) as work:
        (notice,) = (await notices_of(work)).notices
    async with desk.reading() as work:
        pushed = await show_told(work, PersonTold(cast.ada.id, notice.id))
        count = await show_unread(work, PersonTold(cast.ada.id, notice.id))
        marked = await show_all_told(work, NoticesMarked(cast.ada.id))
    for fragment in (pushed, count, marked):
        assert app.state.kit.pages.render(fragment.template, fragment.context).strip() in page
    assert (pushed.target, pushed.key, count.key) == ("#told", f"notice-{notice.id}", "unread")
    # Marking is no news: nothing glows, and nothing is said.
    assert (marked.target, marked.key, marked.say) == ("#told", "", "")


async def test_a_person_is_watched_by_themselves_alone(desk, cast):
    for who, may in ((cast.ada, True), (cast.bo, False), (None, False)):
        async with desk.reading(*([who] if who else [])) as work:
            seat = await watch_person(work, str(cast.ada.id))
        assert (seat is not None) == may
    async with desk.reading(cast.ada) as work:
        for name in ("", "0", f" {cast.ada.id}", f"0{cast.ada.id}", f"{cast.ada.id}:x", "ada"):
            assert await watch_person(work, name) is None
        seat = await watch_person(work, str(cast.ada.id))
    assert not seat.counted
    assert seat.greeting[0].context == {"unread": 0}


async def test_a_page_without_a_topic_of_its_own_hears_what_is_theirs(app, cast, client, ada_client):
    own = f"/live?on=person:{cast.ada.id}"
    for address in ("/account", "/search", "/notices"):
        assert (await ada_client.get(address)).text.count(own) == 1
    # Elsewhere the script adds it to the page's own topic: one socket a page.
    assert own not in (await ada_client.get("/")).text
    assert "on=person" not in (await client.get("/search")).text
    async with client_for(app, token="nobody's") as stranger:
        assert "on=person" not in (await stranger.get("/search")).text
