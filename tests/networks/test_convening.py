"""Looking after a problem: who may, with whose yes, for how long, and how it ends."""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy import text

from civicboard.kit.outbox import present, since
from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.kit.work import Conflict, Missing, Refused, Unfit
from civicboard.matching.queries.apart import may_meet
from civicboard.networks import policy
from civicboard.networks.actions import (
    agree_to_convening,
    decline_convening,
    lapse_convening,
    look_after,
    name_convenor,
    put_down,
    remind_convenor,
    renew_convening,
    step_out,
    take_back_question,
    write_members_post,
)
from civicboard.networks.events import ConveningEnded, ConveningStarted
from civicboard.networks.jobs import mind_convenings
from civicboard.networks.live import show_convenor
from civicboard.networks.queries import find_circle, find_convenor, questions_by, questions_for
from civicboard.notices.queries import notices_of
from civicboard.organisations.actions import appoint
from civicboard.organisations.queries import find_organisation_to_change
from civicboard.people.actions import block_person
from civicboard.problems.actions import follow
from civicboard.watching import watch_network
from tests.cast import a_convenor, a_post, a_question, a_welcome_offer, an_imported_problem, an_offer, problem_now
from tests.conftest import client_for
from tests.organisations.council import council

ADA, BO = Viewer(1, "ada", "Ada"), Viewer(2, "bo", "Bo")


async def convenor(desk, number):
    """Who looks after a problem; what the problem's own row repeats of it is the same."""
    async with desk.reading() as work:
        found = await find_convenor(work, number)
    assert (await problem_now(desk, number)).convenor_id == (found.person_id if found else None)
    return found.handle if found else None


async def do(desk, who, deed, *given):
    async with desk.writing(who) as work:
        await deed(work, *given)
    return work.events


async def told(desk, who):
    """What somebody was told of it, the newest first, and whether it is unread."""
    async with desk.reading(who) as work:
        page = await notices_of(work)
    return [(one.kind.removeprefix("convening_"), one.is_unread) for one in page.notices if "convening" in one.kind]


async def asked(desk, who, number):
    async with desk.reading(who) as work:
        return [one.id for one in await questions_for(work, number)], [
            one.id for one in await questions_by(work, number)
        ]


# --- the policy


@pytest.mark.parametrize(
    ("viewer", "involved", "poster_id", "may"),
    [
        (BO, True, 1, True),
        (BO, False, 1, False),
        (ADA, True, 1, False),
        (BO, True, None, True),
        (NOBODY, True, 1, False),
    ],
)
def test_anyone_involved_may_look_after_a_problem_but_whose_it_is(viewer, involved, poster_id, may):
    assert policy.may_convene(viewer, involved=involved, poster_id=poster_id) is may


@pytest.mark.parametrize(
    ("viewer", "poster_id", "convenor_id", "may"),
    [(ADA, 1, None, True), (ADA, 1, 2, False), (BO, 1, 2, True), (BO, 1, None, False), (NOBODY, None, None, False)],
)
def test_it_is_handed_on_by_who_has_it(viewer, poster_id, convenor_id, may):
    assert policy.may_name(viewer, poster_id=poster_id, convenor_id=convenor_id) is may


@pytest.mark.parametrize(
    ("named_by_id", "is_agreed", "poster_id", "awaited"),
    [(None, False, 1, 1), (3, False, 1, 2), (3, True, 1, 1), (3, False, None, 2)],
)
def test_whose_yes_it_waits_for(named_by_id, is_agreed, poster_id, awaited):
    facts = {"named_by_id": named_by_id, "is_agreed": is_agreed, "poster_id": poster_id}
    assert policy.waits_for(person_id=2, **facts) == awaited


# --- coming forward


async def test_it_begins_with_the_posters_yes(desk, cast):
    question = await a_question(desk, cast.bo, cast.problem)
    assert await convenor(desk, cast.problem) is None
    assert await asked(desk, cast.ada, cast.problem) == ([question], [])
    assert await asked(desk, cast.bo, cast.problem) == ([], [question])
    assert await asked(desk, cast.cy, cast.problem) == ([], [])
    assert await told(desk, cast.ada) == [("asked", True)]
    for _ in range(2):
        await do(desk, cast.bo, look_after, cast.problem)
    assert await asked(desk, cast.ada, cast.problem) == ([question], []), "coming forward twice counts once"
    for who in (cast.bo, cast.cy):
        with pytest.raises(Missing):
            await do(desk, who, agree_to_convening, cast.problem, question)
    for _ in range(2):
        await do(desk, cast.ada, agree_to_convening, cast.problem, question)
    assert await convenor(desk, cast.problem) == "bo"
    assert await told(desk, cast.bo) == [("began", True)]
    assert await told(desk, cast.ada) == [("asked", False)], "who has answered has nothing to read any more"
    async with desk.reading() as work:
        found = await find_convenor(work, cast.problem)
    assert found.ends_at - found.began_at == policy.CONVENES_FOR


async def test_the_poster_says_not_now_and_there_is_peace_for_a_week(desk, cast, clock):
    question = await a_question(desk, cast.bo, cast.problem)
    for _ in range(2):
        await do(desk, cast.ada, decline_convening, cast.problem, question)
    assert await convenor(desk, cast.problem) is None
    assert await told(desk, cast.bo) == [("settled", True)]
    with pytest.raises(Conflict, match="no longer open"):
        await do(desk, cast.ada, agree_to_convening, cast.problem, question)
    with pytest.raises(Conflict, match="rest for a while"):
        await do(desk, cast.bo, look_after, cast.problem)
    clock.turn(days=7)
    await do(desk, cast.bo, look_after, cast.problem)
    assert len((await asked(desk, cast.ada, cast.problem))[0]) == 1


async def test_where_nobody_here_posted_it_it_begins_at_once(desk, cast):
    number = await an_imported_problem(desk)
    await a_convenor(desk, cast, cast.bo, number)
    assert await convenor(desk, number) == "bo"
    await do(desk, cast.cy, follow, number)
    with pytest.raises(Conflict, match="already"):
        await do(desk, cast.cy, look_after, number)
    assert await convenor(desk, number) == "bo"


async def test_who_has_nothing_to_do_with_it_is_told_how_to(desk, cast):
    with pytest.raises(Refused, match="Follow it"):
        await do(desk, cast.dee, look_after, cast.problem)
    with pytest.raises(Refused, match="You posted"):
        await do(desk, cast.ada, look_after, cast.problem)
    with pytest.raises(Refused):
        await do(desk, NOBODY, look_after, cast.problem)


async def test_where_somebody_belongs_changes_nothing(desk, cast, client):
    """An officer, appointed as a steward even, needs the same yes; a neighbour can convene an officer's problem."""
    async with desk.writing() as work:
        there = await council(work, cast)
        one = await find_organisation_to_change(work, there["slug"])
        await appoint(work, one, cast.bo.id, role="officer", is_steward=True)
    await a_question(desk, cast.bo, cast.problem)
    assert await convenor(desk, cast.problem) is None
    with pytest.raises(Refused):
        await do(desk, cast.cy, look_after, cast.problem)
    number = await an_imported_problem(desk)
    await a_convenor(desk, cast, cast.dee, number)
    assert await convenor(desk, number) == "dee"


async def test_one_yes_leaves_the_others_with_thanks(desk, cast):
    first, second = await a_question(desk, cast.bo, cast.problem), await a_question(desk, cast.dee, cast.problem)
    await do(desk, cast.ada, agree_to_convening, cast.problem, second)
    assert await convenor(desk, cast.problem) == "dee"
    assert await told(desk, cast.bo) == [("settled", True)]
    assert await asked(desk, cast.ada, cast.problem) == ([], [])
    with pytest.raises(Conflict):
        await do(desk, cast.ada, agree_to_convening, cast.problem, first)


async def test_two_at_once_are_one(desk, cast):
    """Two volunteers on an import, and two yeses to two questions: one runs."""
    number = await an_imported_problem(desk)
    for who in (cast.bo, cast.cy):
        await do(desk, who, follow, number)
    got = await asyncio.gather(
        do(desk, cast.bo, look_after, number), do(desk, cast.cy, look_after, number), return_exceptions=True
    )
    assert sum(isinstance(one, Conflict) for one in got) == 1
    questions = [await a_question(desk, who, cast.problem) for who in (cast.bo, cast.cy)]
    deeds = [do(desk, cast.ada, agree_to_convening, cast.problem, one) for one in questions]
    got = await asyncio.gather(*deeds, return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in got) == 1
    async with desk.reading() as work:
        runs = "SELECT count(*) FROM convenings WHERE began_at IS NOT NULL AND ended_at IS NULL"
        assert await work.session.scalar(text(runs)) == 2


async def test_what_one_has_asked_can_be_taken_back(desk, cast, clock):
    question = await a_question(desk, cast.bo, cast.problem)
    for who in (cast.ada, cast.cy, NOBODY):
        with pytest.raises(Missing):
            await do(desk, who, take_back_question, cast.problem, question)
    for _ in range(2):
        await do(desk, cast.bo, take_back_question, cast.problem, question)
    assert await asked(desk, cast.ada, cast.problem) == ([], [])
    assert await told(desk, cast.ada) == [("asked", False)]
    assert await told(desk, cast.bo) == []
    with pytest.raises(Conflict, match="rest for a while"):
        await do(desk, cast.bo, look_after, cast.problem)
    assert await told(desk, cast.ada) == [("asked", False)], "coming and going brings no second notice"
    clock.turn(days=7)
    await do(desk, cast.bo, look_after, cast.problem)


async def test_a_question_without_an_answer_ends_with_an_apology(desk, cast, clock, bo_client):
    question = await a_question(desk, cast.bo, cast.problem)
    clock.turn(days=6, hours=23)
    await mind_convenings(desk)
    assert await asked(desk, cast.ada, cast.problem) == ([question], [])
    clock.turn(hours=1)
    for _ in range(2):
        await mind_convenings(desk)
    assert await asked(desk, cast.ada, cast.problem) == ([], [])
    assert await told(desk, cast.bo) == [("settled", True)]
    assert "Nobody answered in a week whether you look after" in (await bo_client.get("/notices")).text
    await do(desk, cast.bo, look_after, cast.problem)  # who came forward and heard nothing may do so again


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


# --- handing on


async def test_it_is_handed_on_with_two_yeses(desk, cast):
    await a_convenor(desk, cast, cast.bo)
    for wrong in ("dee", "ada", "bo", "nobody"):
        with pytest.raises(Unfit):
            await do(desk, cast.bo, name_convenor, cast.problem, wrong)
    await a_post(desk, cast.dee, cast.problem)
    await a_post(desk, cast.cy, cast.problem)
    with pytest.raises(Refused):
        await do(desk, cast.ada, name_convenor, cast.problem, "dee")
    for handle in ("@Dee", "dee"):
        await do(desk, cast.bo, name_convenor, cast.problem, handle)
    with pytest.raises(Conflict, match="asked somebody already"):
        await do(desk, cast.bo, name_convenor, cast.problem, "cy")
    (question,), _ = await asked(desk, cast.dee, cast.problem)
    assert (await asked(desk, cast.bo, cast.problem))[1] == [question]
    assert await told(desk, cast.dee) == [("asked", True)]
    for who in (cast.ada, cast.bo, cast.cy):
        with pytest.raises(Missing):
            await do(desk, who, agree_to_convening, cast.problem, question)
    await do(desk, cast.dee, agree_to_convening, cast.problem, question)
    assert await convenor(desk, cast.problem) == "bo", "who posted it is asked as well"
    assert (await told(desk, cast.dee))[0] == ("asked", False)
    assert await asked(desk, cast.ada, cast.problem) == ([question], [])
    events = await do(desk, cast.ada, agree_to_convening, cast.problem, question)
    assert [type(one) for one in events[:2]] == [ConveningEnded, ConveningStarted]
    assert await convenor(desk, cast.problem) == "dee"
    assert (await told(desk, cast.bo))[0] == ("began", True)


@pytest.mark.parametrize("who", ["dee", "ada"])
async def test_either_no_leaves_it_as_it_was(desk, cast, who):
    await a_convenor(desk, cast, cast.bo)
    await a_post(desk, cast.dee, cast.problem)
    await do(desk, cast.bo, name_convenor, cast.problem, "dee")
    (question,), _ = await asked(desk, cast.dee, cast.problem)
    if who == "ada":
        await do(desk, cast.dee, agree_to_convening, cast.problem, question)
    await do(desk, getattr(cast, who), decline_convening, cast.problem, question)
    assert await convenor(desk, cast.problem) == "bo"
    assert (await told(desk, cast.bo))[0] == ("settled", True)
    with pytest.raises(Conflict, match="rest for a while"):
        await do(desk, cast.bo, name_convenor, cast.problem, "dee")


async def test_who_posted_it_can_ask_somebody_and_one_yes_is_enough(desk, cast):
    await a_post(desk, cast.dee, cast.problem)
    await do(desk, cast.ada, name_convenor, cast.problem, "dee")
    (question,), _ = await asked(desk, cast.dee, cast.problem)
    await do(desk, cast.dee, agree_to_convening, cast.problem, question)
    assert await convenor(desk, cast.problem) == "dee"


async def test_to_ask_who_has_come_forward_is_a_yes(desk, cast):
    await a_post(desk, cast.dee, cast.problem)
    await a_question(desk, cast.dee, cast.problem)
    await do(desk, cast.ada, name_convenor, cast.problem, "dee")
    assert await convenor(desk, cast.problem) == "dee"


async def test_on_an_import_it_is_handed_on_with_one_yes(desk, cast):
    number = await an_imported_problem(desk)
    await a_convenor(desk, cast, cast.bo, number)
    await a_post(desk, cast.dee, number)
    await do(desk, cast.bo, name_convenor, number, "dee")
    (question,), _ = await asked(desk, cast.dee, number)
    await do(desk, cast.dee, agree_to_convening, number, question)
    assert await convenor(desk, number) == "dee"


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
