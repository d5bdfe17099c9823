"""Asking who looks after a problem: who may, with whose yes, and how it is handed on."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.kit.work import Conflict, Missing, Refused, Unfit
from civicboard.networks import policy
from civicboard.networks.actions import (
    agree_to_convening,
    decline_convening,
    look_after,
    name_convenor,
    take_back_question,
)
from civicboard.networks.events import ConveningEnded, ConveningStarted
from civicboard.networks.jobs import mind_convenings
from civicboard.networks.queries import find_convenor
from civicboard.organisations.actions import appoint
from civicboard.organisations.queries import find_organisation_to_change
from civicboard.problems.actions import follow
from tests.cast import a_convenor, a_post, a_question, an_imported_problem
from tests.networks.looking_after import asked, convenor, do, told
from tests.organisations.council import council

ADA, BO = Viewer(1, "ada", "Ada"), Viewer(2, "bo", "Bo")


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
