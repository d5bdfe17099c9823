from __future__ import annotations

import asyncio

import pytest

from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Missing, Refused, Unfit
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem
from civicboard.progress.actions import set_stage
from civicboard.progress.events import StageChanged
from civicboard.progress.queries import stage_changes_on

KEY = "0d9cbb0e-6f0c-4f0e-9d2b-0a8f1f6f7a11"


@pytest.fixture
def number(cast):
    return cast.problem


async def test_the_poster_moves_it_and_the_reason_stays(desk, cast, number):
    async with desk.reading() as work:
        before = await find_problem(work, number)
    async with desk.writing(cast.ada) as work:
        change_id = await set_stage(work, number, to="sorted", why="The new pump works.")
        assert work.events == [StageChanged(number, change_id)]
    async with desk.reading() as work:
        after = await find_problem(work, number)
        (change,) = await stage_changes_on(work, number)
    assert after.stage == "sorted"
    assert after.version > before.version
    assert (change.id, change.from_stage, change.to_stage) == (change_id, "open", "sorted")
    assert (change.why, change.by_handle) == ("The new pump works.", "ada")


async def test_what_is_sorted_can_be_open_again(desk, cast, number):
    for to, why in (("sorted", "The new pump works."), ("open", "")):
        async with desk.writing(cast.ada) as work:
            await set_stage(work, number, to=to, why=why)
    async with desk.reading() as work:
        assert (await find_problem(work, number)).stage == "open"


async def test_only_the_poster(desk, cast, number):
    for who in (cast.bo, cast.cy, NOBODY):
        with pytest.raises(Refused, match="posted a problem"):
            async with desk.writing(who) as work:
                await set_stage(work, number, to="trying")


async def test_nobody_moves_an_imported_problem_yet(desk, cast):
    async with desk.writing() as work:
        problem = Problem(
            title="Lamp out",
            slug="lamp-out",
            story="Dark.",
            posted_at=work.now,
            moved_at=work.now,
            poster_id=None,
        )
        work.session.add(problem)
        await work.session.flush()
        number = problem.id
    for who in (cast.ada, NOBODY):
        with pytest.raises(Refused, match="came in from elsewhere"):
            async with desk.writing(who) as work:
                await set_stage(work, number, to="trying")


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
async def test_what_does_not_fit_is_said_beside_its_field(desk, cast, number, to, why, field):
    with pytest.raises(Unfit) as unfit:
        async with desk.writing(cast.ada) as work:
            await set_stage(work, number, to=to, why=why)
    assert unfit.value.field == field
    async with desk.reading() as work:
        assert await stage_changes_on(work, number) == []


async def test_there_is_no_moving_what_is_not_there(desk, cast):
    with pytest.raises(Missing):
        async with desk.writing(cast.ada) as work:
            await set_stage(work, 987_654_321, to="trying")


async def test_the_same_form_sent_twice_at_once_moves_it_once(desk, cast, number):
    async def send():
        async with desk.writing(cast.ada) as work:
            return await set_stage(work, number, to="trying", form_key=KEY)

    first, second = await asyncio.gather(send(), send())
    assert first == second
    async with desk.reading() as work:
        assert len(await stage_changes_on(work, number)) == 1
