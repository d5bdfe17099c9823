"""Looking after a problem: for how long, how it ends, what it gives no access to, and what its pages say."""

from __future__ import annotations

import asyncio
import re

import pytest

from civicboard.kit.outbox import present, since
from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Conflict, Missing, Refused
from civicboard.matching.queries.apart import may_meet
from civicboard.networks import policy
from civicboard.networks.actions import (
    agree_to_convening,
    lapse_convening,
    put_down,
    remind_convenor,
    renew_convening,
    step_out,
    write_members_post,
)
from civicboard.networks.events import ConveningEnded, ConveningStarted
from civicboard.networks.jobs import mind_convenings
from civicboard.networks.live import show_convenor
from civicboard.networks.queries import find_circle, find_convenor
from civicboard.people.actions import block_person
from civicboard.watching import watch_network
from tests.cast import a_convenor, a_post, a_question, a_welcome_offer, an_imported_problem, an_offer, problem_now
from tests.conftest import client_for
from tests.networks.looking_after import asked, convenor, do, told

# --- going on, and ending


async def test_it_is_renewed_put_down_and_nobody_else_does_either(desk, cast, clock):
    await a_convenor(desk, cast, cast.bo)
    clock.turn(days=10)
    for who in (cast.ada, cast.cy, NOBODY):
        with pytest.raises(Refused):
            await do(desk, who, renew_convening, cast.problem)
    await do(desk, cast.bo, renew_convening, cast.problem)
    async with desk.reading() as work:
        assert (await find_convenor(work, cast.problem)).ends_at == clock.now + policy.CONVENES_FOR
    for who in (cast.ada, cast.cy):
        await do(desk, who, put_down, cast.problem)
    assert await convenor(desk, cast.problem) == "bo"
    for _ in range(2):
        await do(desk, cast.bo, put_down, cast.problem)
    assert await convenor(desk, cast.problem) is None
    assert await told(desk, cast.ada) == [("ended", True), ("asked", False)]


async def test_it_ends_by_itself_after_a_word_three_days_before(desk, cast, clock, bo_client):
    convening = await a_convenor(desk, cast, cast.bo)
    clock.turn(days=26, hours=23)
    await mind_convenings(desk)
    assert await told(desk, cast.bo) == [("began", True)]
    clock.turn(hours=1)
    await asyncio.gather(mind_convenings(desk), mind_convenings(desk))
    assert await do(desk, NOBODY, remind_convenor, convening) == []
    assert await told(desk, cast.bo) == [("ending", True), ("began", True)], "once, however often the clock looks"
    page = (await bo_client.get("/notices")).text
    assert f'formaction="/problems/{cast.problem}/convenor/renewal"' in page
    await bo_client.post(f"/problems/{cast.problem}/convenor/renewal")
    assert await told(desk, cast.bo) == [("ending", False), ("began", True)], "who has gone on has read it"
    page = (await bo_client.get("/notices")).text
    assert "convenor/renewal" not in page, "there is nothing to answer any more"
    assert "Do you go on?" not in page
    assert "is over" not in page
    clock.turn(days=29)
    await mind_convenings(desk)
    assert await told(desk, cast.bo) == [("ending", True), ("ending", False), ("began", True)]
    await do(desk, NOBODY, lapse_convening, convening)
    assert await convenor(desk, cast.problem) == "bo", "a day is left"
    clock.turn(days=1)
    await asyncio.gather(mind_convenings(desk), mind_convenings(desk))
    assert await convenor(desk, cast.problem) is None
    assert (await told(desk, cast.bo))[:2] == [("ended", True), ("ending", False)]
    assert (await told(desk, cast.ada))[0] == ("ended", True)


async def test_who_steps_out_puts_it_down_with_that(desk, cast):
    await a_post(desk, cast.bo, cast.problem)
    await a_convenor(desk, cast, cast.bo)
    await do(desk, cast.bo, step_out, cast.problem)
    assert await convenor(desk, cast.problem) is None
    await a_post(desk, cast.cy, cast.problem)
    question = await a_question(desk, cast.cy, cast.problem)
    await do(desk, cast.cy, step_out, cast.problem)
    with pytest.raises(Conflict):
        await do(desk, cast.ada, agree_to_convening, cast.problem, question)


# --- blocks, and what it gives no access to


async def test_across_a_block_nobody_is_asked_and_nothing_tells_of_it(desk, cast, clock, ada_client):
    await do(desk, cast.ada, block_person, "bo")
    question = await a_question(desk, cast.bo, cast.problem)
    assert await asked(desk, cast.ada, cast.problem) == ([], [])
    assert await told(desk, cast.ada) == []
    assert "would look after" not in (await ada_client.get((await problem_now(desk, cast.problem)).path)).text
    with pytest.raises(Missing):
        await do(desk, cast.ada, agree_to_convening, cast.problem, question)
    assert await asked(desk, cast.bo, cast.problem) == ([], [question]), "to Bo it waits, as for anybody"
    clock.turn(days=7)
    await mind_convenings(desk)
    assert await told(desk, cast.bo) == [("settled", True)]


async def test_a_block_that_comes_later_shuts_the_question(desk, cast, ada_client):
    question = await a_question(desk, cast.bo, cast.problem)
    assert "questions" in (await ada_client.get("/notices")).text
    await do(desk, cast.bo, block_person, "ada")
    page = (await ada_client.get("/notices")).text
    assert "questions" not in page
    assert "Bo Adeyemi" not in page
    answer = await ada_client.post(
        f"/problems/{cast.problem}/convenor/questions/{question}/answer", data={"answer": "yes"}
    )
    assert answer.status_code == 404


async def test_who_is_blocked_with_them_is_not_matched_with_the_problem(desk, cast):
    await a_convenor(desk, cast, cast.bo)
    await do(desk, cast.bo, block_person, "dee")
    async with desk.reading() as work:
        assert not await may_meet(work, cast.dee.id, [cast.ada.id], cast.problem)
        assert await may_meet(work, cast.cy.id, [cast.ada.id], cast.problem)
    await do(desk, cast.bo, put_down, cast.problem)
    async with desk.reading() as work:
        assert await may_meet(work, cast.dee.id, [cast.ada.id], cast.problem)


async def test_it_opens_no_thread_and_makes_nobody_a_member(desk, cast):
    await a_welcome_offer(desk, cast.dee, cast)
    before = (await problem_now(desk, cast.problem)).member_count
    await a_convenor(desk, cast, cast.bo)
    assert (await problem_now(desk, cast.problem)).member_count == before
    async with desk.reading(cast.bo) as work:
        with pytest.raises(Missing):
            await find_circle(work, cast.problem)
        assert await watch_network(work, f"{cast.problem}:members") is None
    with pytest.raises(Missing):
        await do(desk, cast.bo, lambda work: write_members_post(work, cast.problem, words="Hello."))


# --- the pages


async def test_everybody_sees_who_looks_after_it_and_until_when(desk, cast, client, app):
    path = (await problem_now(desk, cast.problem)).path
    async with client_for(app, token=cast.tokens["ada"]) as ada, client_for(app, token=cast.tokens["bo"]) as bo:
        question = await a_question(desk, cast.bo, cast.problem)
        here = f"/problems/{cast.problem}/convenor"
        for at in (path, f"/problems/{cast.problem}/network", here):
            page = (await ada.get(at)).text
            assert "Bo Adeyemi would look after this problem" in page
            assert f'action="{here}/questions/{question}/answer"' in page
            assert "would look after this problem" not in (await client.get(at)).text
        answer = await ada.post(f"{here}/questions/{question}/answer", data={"answer": "perhaps"})
        assert answer.status_code == 422
        assert 'href="#field-answer"' in answer.text
        assert 'id="field-answer"' in answer.text
        answer = await ada.post(f"{here}/questions/{question}/answer", data={"answer": "yes"})
        assert answer.headers["location"].startswith(here)
        async with desk.reading() as work:
            until = (await find_convenor(work, cast.problem)).until_words
        for at in (path, f"/problems/{cast.problem}/network", here):
            page = re.sub(r"\s+", " ", (await client.get(at)).text)
            assert f"looks after this problem until {until}, and answers offers of help as Ada Kaur does" in page
            assert "would look after" not in page
        done = (await client.get(f"/problems/{cast.problem}/network")).text
        assert "began to look after it" in done
        own = (await bo.get(here)).text
        for words in ("30 days from today", "Put it down", "Hand it on", "They delete nobody’s words"):
            assert words in own
        await bo.post(f"{here}?_method=DELETE")
        assert "Ada Kaur</a> posted it, and answers offers" in (await client.get(path)).text


async def test_the_form_to_hand_it_on_says_what_is_wrong_beside_its_field(desk, cast, bo_client):
    await a_convenor(desk, cast, cast.bo)
    await a_post(desk, cast.dee, cast.problem)
    here = f"/problems/{cast.problem}/convenor"
    for who in ("", "cy"):
        answer = await bo_client.post(f"{here}/successor", data={"who": who})
        assert answer.status_code == 422
        assert 'id="error-who"' in answer.text
    assert (await bo_client.post(f"{here}/successor", data={"who": "dee"})).status_code == 303
    page = (await bo_client.get(here)).text
    assert "You have asked Dee Novak" in page
    assert 'name="who"' not in page
    assert (await bo_client.get(f"{here}/successor")).headers["location"] == here


async def test_a_stranger_is_led_to_sign_in_and_back(client, cast):
    here = f"/problems/{cast.problem}/convenor"
    page = (await client.get(here)).text
    assert "I would look after it" in page
    assert (await client.post(here)).headers["location"].startswith("/login?next=")


async def test_what_is_shown_live_is_what_the_page_shows(app, client, desk, cast):
    async with desk.reading() as work:
        before = await present(work.session)
    await a_convenor(desk, cast, cast.bo)
    for deed in (renew_convening, put_down):
        await do(desk, cast.bo, deed, cast.problem)
    number = await an_imported_problem(desk)
    await a_convenor(desk, cast, cast.bo, number)
    kinds = {declared.event for declared in show_convenor.shows}
    async with desk.reading() as work:
        happened = [one.event for one in await since(work.session, before) if type(one.event) in kinds]
        assert {type(one) for one in happened} >= {ConveningStarted, ConveningEnded}
        for event in happened:
            fragment = await show_convenor(work, event)
            html = app.state.kit.pages.render(fragment.template, fragment.context).strip()
            assert "<form" not in html
            for at in ((await problem_now(desk, event.problem_id)).path, f"/problems/{event.problem_id}/network"):
                assert html in (await client.get(at)).text


async def test_it_shows_beside_offers_that_wait_to_whom_they_fall(desk, cast, client):
    offer = await an_offer(desk, cast.dee, cast.problem)
    path = (await problem_now(desk, cast.problem)).path
    answer = f'<div data-for="{{}}"><a class="button" href="/offers/{offer}#answer">'
    assert answer.format(cast.ada.id) in (await client.get(path)).text
    await a_convenor(desk, cast, cast.bo)
    assert answer.format(f"{cast.ada.id} {cast.bo.id}") in (await client.get(path)).text
    await do(desk, cast.bo, put_down, cast.problem)
    assert answer.format(cast.ada.id) in (await client.get(path)).text
