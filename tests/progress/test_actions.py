from __future__ import annotations

import asyncio

import pytest

from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Missing, Refused, SentAlready, Unfit
from civicboard.problems.actions import post_problem
from civicboard.progress.actions import set_stage
from civicboard.progress.events import StageChanged
from civicboard.progress.queries import stage_changes_on
from tests.cast import KEY, Told, an_imported_problem, problem_now


async def test_the_poster_moves_it_and_the_reason_stays(desk, cast):
    before = await problem_now(desk, cast.problem)
    async with desk.writing(cast.ada) as work:
        change_id = await set_stage(work, cast.problem, to="sorted", why="The new pump works.")
        assert work.events == [StageChanged(cast.problem, change_id)]
    after = await problem_now(desk, cast.problem)
    async with desk.reading() as work:
        (change,) = await stage_changes_on(work, cast.problem)
    assert after.stage == "sorted"
    assert after.version > before.version
    assert (change.id, change.from_stage, change.to_stage) == (change_id, "open", "sorted")
    assert (change.why, change.by_handle) == ("The new pump works.", "ada")


async def test_what_is_sorted_can_be_open_again(desk, cast):
    for to, why in (("sorted", "The new pump works."), ("open", "")):
        async with desk.writing(cast.ada) as work:
            await set_stage(work, cast.problem, to=to, why=why)
    assert (await problem_now(desk, cast.problem)).stage == "open"


async def test_only_the_poster(desk, cast):
    for who in (cast.bo, cast.cy, NOBODY):
        with pytest.raises(Refused, match="posted a problem"):
            async with desk.writing(who) as work:
                await set_stage(work, cast.problem, to="trying")


async def test_nobody_moves_an_imported_problem_yet(desk, cast):
    imported = await an_imported_problem(desk)
    for who in (cast.ada, NOBODY):
        with pytest.raises(Refused, match="came in from elsewhere"):
            async with desk.writing(who) as work:
                await set_stage(work, imported, to="trying")


@pytest.mark.parametrize(
    ("to", "why", "field"),
    [
        ("open", "", "to"),
        ("solved", "", "to"),
        ("passed_on", "", "why"),
        ("passed_on", "The trust", "why"),
        ("stuck", "", "why"),
        ("sorted", "", "why"),
    ],
)
async def test_what_does_not_fit_is_said_beside_its_field(desk, cast, to, why, field):
    with pytest.raises(Unfit) as unfit:
        async with desk.writing(cast.ada) as work:
            await set_stage(work, cast.problem, to=to, why=why)
    assert unfit.value.field == field
    async with desk.reading() as work:
        assert await stage_changes_on(work, cast.problem) == []


async def test_there_is_no_moving_what_is_not_there(desk, cast):
    with pytest.raises(Missing):
        async with desk.writing(cast.ada) as work:
            await set_stage(work, 987_654_321, to="trying")


async def test_the_same_form_sent_twice_at_once_moves_it_once(desk, cast):
    async def send():
        async with desk.writing(cast.ada) as work:
            return await set_stage(work, cast.problem, to="trying", form_key=KEY)

    first, second = await asyncio.gather(send(), send())
    assert first == second
    async with desk.reading() as work:
        assert len(await stage_changes_on(work, cast.problem)) == 1


async def test_one_form_on_two_problems_at_once_moves_one(desk, cast):
    async with desk.writing(cast.ada) as work:
        elsewhere = (await post_problem(work, Told(title="Bins overflow on Fridays"))).id

    async def send(number):
        async with desk.writing(cast.ada) as work:
            return await set_stage(work, number, to="trying", form_key=KEY)

    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="trying", form_key=KEY)
        second = asyncio.create_task(send(elsewhere))
        await asyncio.wait([second], timeout=0.3)
    with pytest.raises(SentAlready):
        await second
    assert (await problem_now(desk, elsewhere)).stage == "open"


@pytest.mark.parametrize("other", [{"to": "exploring"}, {"why": "Another pump works."}])
async def test_the_same_form_with_other_words_is_said_to_be_sent_already(desk, cast, other):
    told = {"to": "sorted", "why": "The new pump works.", "form_key": KEY}
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, **told)
    with pytest.raises(SentAlready):
        async with desk.writing(cast.ada) as work:
            await set_stage(work, cast.problem, **{**told, **other})
    async with desk.reading() as work:
        assert len(await stage_changes_on(work, cast.problem)) == 1
