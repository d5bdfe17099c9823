"""A question about looking after a problem that came to nothing rests; across a block it is put to nobody."""

from __future__ import annotations

import re

import pytest

from civicboard.kit.work import Conflict, Missing
from civicboard.networks import policy
from civicboard.networks.actions import (
    agree_to_convening,
    decline_convening,
    look_after,
    name_convenor,
    put_down,
    step_out,
    take_back_question,
)
from civicboard.networks.jobs import mind_convenings
from civicboard.people.actions import block_person
from tests.cast import a_convenor, a_post, a_question, an_imported_problem
from tests.conftest import client_for
from tests.networks.looking_after import asked, convenor, do, told


async def asked_by(desk, who, cast, handle="dee"):
    """The id of a question that somebody's naming makes."""
    await do(desk, who, name_convenor, cast.problem, handle)
    return max((await asked(desk, who, cast.problem))[1])


async def words(app, cast, who):
    """What somebody's notices say, in one line."""
    async with client_for(app, token=cast.tokens[who]) as client:
        page = (await client.get("/notices")).text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


# --- the policy


@pytest.mark.parametrize(
    ("past", "named_by_id", "rest"),
    [
        ((), 1, ""),
        (((1, False, "declined", False),), 1, "declined"),
        (((1, False, "withdrawn", False),), 1, "rests"),
        (((1, False, "unanswered", False),), 1, "rests"),
        (((1, False, "unanswered", True),), 1, "rests"),
        (((2, False, "declined", False),), 1, "quiet"),
        (((2, False, "withdrawn", False),), 1, "quiet"),
        (((2, False, "unanswered", True),), 1, ""),
        (((2, True, "declined", False),), 1, ""),
        (((None, False, "declined", False),), 1, ""),
        (((2, False, "declined", False), (1, False, "withdrawn", False)), 1, "rests"),
        (((1, False, "withdrawn", False), (2, False, "declined", False)), 1, "rests"),
        (((None, False, "declined", False),), None, "declined"),
        (((None, False, "withdrawn", False),), None, "rests"),
        (((None, False, "unanswered", False),), None, ""),
        (((1, True, "declined", False),), None, "declined"),
        (((1, False, "declined", False),), None, ""),
        (((1, True, "withdrawn", False),), None, ""),
    ],
)
def test_what_came_to_nothing_rests(past, named_by_id, rest):
    assert policy.rest_after([policy.Past(*one) for one in past], named_by_id=named_by_id) == rest


# --- a week's rest


@pytest.mark.parametrize("how", ["declined", "withdrawn", "unanswered"])
async def test_whom_one_has_asked_in_vain_is_left_in_peace_for_a_week(desk, cast, clock, how):
    await a_post(desk, cast.dee, cast.problem)
    question = await asked_by(desk, cast.ada, cast)
    if how == "unanswered":
        clock.turn(days=7)
        await mind_convenings(desk)
    elif how == "withdrawn":
        await do(desk, cast.ada, take_back_question, cast.problem, question)
    else:
        await do(desk, cast.dee, decline_convening, cast.problem, question)
    for days in (0, 6):
        clock.turn(days=days)
        with pytest.raises(Conflict, match="not now" if how == "declined" else "came to nothing"):
            await do(desk, cast.ada, name_convenor, cast.problem, "dee")
    assert await told(desk, cast.dee) == [("asked", False)], "one notice, however often"
    clock.turn(days=1)
    await asked_by(desk, cast.ada, cast)
    assert await told(desk, cast.dee) == [("asked", True), ("asked", False)]


async def test_anothers_question_in_vain_leaves_them_in_peace_and_tells_nothing_of_it(desk, cast, clock, app):
    """To who asks it looks like any question: it waits, and ends with the apology."""
    await a_convenor(desk, cast, cast.bo)
    await a_post(desk, cast.dee, cast.problem)
    await do(desk, cast.dee, decline_convening, cast.problem, await asked_by(desk, cast.bo, cast))
    await do(desk, cast.bo, put_down, cast.problem)
    question = await asked_by(desk, cast.ada, cast)
    assert await asked(desk, cast.dee, cast.problem) == ([], [])
    assert [kind for kind, _ in await told(desk, cast.dee)].count("asked") == 1
    with pytest.raises(Missing):
        await do(desk, cast.dee, agree_to_convening, cast.problem, question)
    clock.turn(days=7)
    await mind_convenings(desk)
    assert (await told(desk, cast.ada))[0] == ("settled", True)
    assert "Nobody answered in a week whether Dee Novak looks after" in await words(app, cast, "ada")
    clock.turn(days=7)
    await asked_by(desk, cast.ada, cast)
    assert len((await asked(desk, cast.dee, cast.problem))[0]) == 1, "after the week she is asked"


async def test_who_is_left_in_peace_can_still_come_forward(desk, cast):
    await a_convenor(desk, cast, cast.bo)
    await a_post(desk, cast.dee, cast.problem)
    await do(desk, cast.dee, decline_convening, cast.problem, await asked_by(desk, cast.bo, cast))
    await do(desk, cast.bo, put_down, cast.problem)
    await asked_by(desk, cast.ada, cast)
    await do(desk, cast.dee, look_after, cast.problem)
    assert await convenor(desk, cast.problem) == "dee", "Ada had asked her: two have said yes"


async def test_who_said_no_to_somebody_may_ask_them_later(desk, cast):
    await a_post(desk, cast.dee, cast.problem)
    await do(desk, cast.ada, decline_convening, cast.problem, await a_question(desk, cast.dee, cast.problem))
    question = await asked_by(desk, cast.ada, cast)
    assert (await asked(desk, cast.dee, cast.problem))[0] == [question]


# --- across a block


async def test_naming_who_came_forward_across_a_block_is_a_question_without_an_answer(desk, cast, clock):
    await a_post(desk, cast.dee, cast.problem)
    mine = await a_question(desk, cast.dee, cast.problem)
    await do(desk, cast.dee, block_person, "ada")
    question = await asked_by(desk, cast.ada, cast)
    assert await convenor(desk, cast.problem) is None
    assert question != mine
    assert await asked(desk, cast.dee, cast.problem) == ([], [mine])
    assert await asked(desk, cast.ada, cast.problem) == ([], [question]), "to Ada it waits, as for anybody"
    assert await told(desk, cast.dee) == []
    assert await do(desk, cast.ada, name_convenor, cast.problem, "dee") == [], "twice counts once"
    clock.turn(days=7)
    await mind_convenings(desk)
    assert (await told(desk, cast.ada))[0] == ("settled", True)
    assert await told(desk, cast.dee) == [("settled", True)]


async def test_coming_forward_when_named_across_a_block_is_a_question_without_an_answer(desk, cast, clock):
    await a_post(desk, cast.dee, cast.problem)
    await do(desk, cast.ada, block_person, "dee")
    theirs = await asked_by(desk, cast.ada, cast)
    for _ in range(2):
        await do(desk, cast.dee, look_after, cast.problem)
    assert await convenor(desk, cast.problem) is None
    to_me, by_me = await asked(desk, cast.dee, cast.problem)
    assert to_me == []
    assert len(by_me) == 1
    assert by_me != [theirs]
    assert await asked(desk, cast.ada, cast.problem) == ([], [theirs])
    assert await told(desk, cast.ada) == []


async def test_a_question_across_a_block_keeps_nobody_else_from_asking(desk, cast):
    """Bo has asked Dee across a block and put it down; Ada's question to her is one of its own, and is read."""
    await a_convenor(desk, cast, cast.bo)
    await a_post(desk, cast.dee, cast.problem)
    await do(desk, cast.dee, block_person, "bo")
    await asked_by(desk, cast.bo, cast)
    await do(desk, cast.bo, put_down, cast.problem)
    question = await asked_by(desk, cast.ada, cast)
    assert (await asked(desk, cast.dee, cast.problem))[0] == [question]
    await do(desk, cast.dee, agree_to_convening, cast.problem, question)
    assert await convenor(desk, cast.problem) == "dee"


async def test_on_an_import_a_block_with_who_named_them_keeps_nobody_from_beginning(desk, cast):
    number = await an_imported_problem(desk)
    await a_convenor(desk, cast, cast.bo, number)
    await a_post(desk, cast.dee, number)
    await do(desk, cast.bo, name_convenor, number, "dee")
    await do(desk, cast.bo, put_down, number)
    await do(desk, cast.dee, block_person, "bo")
    await do(desk, cast.dee, look_after, number)
    assert await convenor(desk, number) == "dee"


# --- taking back


async def test_what_has_begun_is_not_taken_back(desk, cast, bo_client):
    question = await a_convenor(desk, cast, cast.bo)
    with pytest.raises(Conflict, match="no longer open"):
        await do(desk, cast.bo, take_back_question, cast.problem, question)
    answer = await bo_client.post(f"/problems/{cast.problem}/convenor/questions/{question}?_method=DELETE")
    assert answer.status_code == 409
    assert await convenor(desk, cast.problem) == "bo"


async def test_who_had_agreed_hears_that_the_question_was_taken_back(desk, cast, app):
    await a_convenor(desk, cast, cast.bo)
    await a_post(desk, cast.dee, cast.problem)
    question = await asked_by(desk, cast.bo, cast)
    await do(desk, cast.dee, agree_to_convening, cast.problem, question)
    before = len(await told(desk, cast.bo))
    await do(desk, cast.bo, take_back_question, cast.problem, question)
    assert (await told(desk, cast.dee))[0] == ("settled", True)
    assert len(await told(desk, cast.bo)) == before
    assert "was taken back. Thank you for having been ready to." in await words(app, cast, "dee")


@pytest.mark.parametrize("deed", ["take back", "step out", "say no"])
async def test_who_asked_hears_that_a_yes_was_taken_back(desk, cast, app, deed):
    await a_convenor(desk, cast, cast.bo)
    await a_post(desk, cast.dee, cast.problem)
    question = await asked_by(desk, cast.bo, cast)
    await do(desk, cast.dee, agree_to_convening, cast.problem, question)
    if deed == "take back":
        await do(desk, cast.dee, take_back_question, cast.problem, question)
    elif deed == "step out":
        await do(desk, cast.dee, step_out, cast.problem)
    else:
        await do(desk, cast.dee, decline_convening, cast.problem, question)
    assert (await told(desk, cast.bo))[0] == ("settled", True)
    said = "Dee Novak has said: not now" if deed == "say no" else "Dee Novak has taken back that they would look after"
    assert said in await words(app, cast, "bo")
    assert ("settled", True) not in await told(desk, cast.dee)


async def test_who_asked_hears_that_somebody_has_stepped_out(desk, cast, app):
    await a_post(desk, cast.dee, cast.problem)
    await asked_by(desk, cast.ada, cast)
    await do(desk, cast.dee, step_out, cast.problem)
    assert (await told(desk, cast.ada))[0] == ("settled", True)
    assert "Dee Novak has stepped out of" in await words(app, cast, "ada")


# --- what people read


async def test_each_reads_what_is_true_for_them(desk, cast, app):
    await a_post(desk, cast.dee, cast.problem)
    await do(desk, cast.dee, decline_convening, cast.problem, await asked_by(desk, cast.ada, cast))
    assert "Dee Novak has said: not now" in await words(app, cast, "ada")
    await do(desk, cast.ada, decline_convening, cast.problem, await a_question(desk, cast.cy, cast.problem))
    said = await words(app, cast, "cy")
    assert "Ada Kaur has said: not now" in said
    assert "Thank you for having been ready to" in said
    await a_convenor(desk, cast, cast.bo)
    await do(desk, cast.bo, put_down, cast.problem)
    said = await words(app, cast, "ada")
    assert "Bo Adeyemi has stopped looking after" in said
    assert "Would you?" not in said, "who posted it can't"
    assert "Thank you for having been ready" not in said


async def test_naming_somebody_says_what_became_of_it(desk, cast, app):
    here = f"/problems/{cast.problem}/convenor/successor"
    for who in (cast.dee, cast.cy):
        await a_post(desk, who, cast.problem)
    await a_convenor(desk, cast, cast.bo)
    async with client_for(app, token=cast.tokens["ada"]) as ada, client_for(app, token=cast.tokens["bo"]) as bo:

        async def said(client, handle):
            answer = await client.post(here, data={"who": handle}, follow_redirects=True)
            return answer.text

        assert "They have been asked. Nothing changes" in await said(bo, "dee")
        await do(desk, cast.bo, put_down, cast.problem)
        assert "They have been asked already. Nothing changes" in await said(ada, "dee")
        await a_question(desk, cast.cy, cast.problem)
        page = await said(ada, "cy")
        assert "They look after this problem now" in page
        assert "They have been asked" not in page
