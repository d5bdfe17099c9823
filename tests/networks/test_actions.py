from __future__ import annotations

import pytest

from civicboard.networks.actions import step_back, take_part
from civicboard.networks.queries import members_of
from civicboard.problems.queries import find_problem_to_change
from tests.cast import problem_now


@pytest.fixture
def join(desk, cast):
    """Let one of the cast take part in Ada's problem."""

    async def do(who, **how):
        async with desk.writing(who) as work:
            problem = await find_problem_to_change(work, cast.problem)
            await take_part(work, problem, who.id, **how)

    return do


@pytest.fixture
def people(desk, cast):
    """Everybody round Ada's problem but her: handle, part, what they bring."""

    async def do():
        async with desk.reading() as work:
            return [(m.handle, m.part, m.brings) for m in (await members_of(work, cast.problem))[1:]]

    return do


async def test_a_talker_becomes_a_helper_and_stays_one(join, people, cast, clock):
    for how in ({"part": "talker"}, {"part": "helper", "brings": "A van"}, {"part": "talker"}):
        await join(cast.bo, **how)
        clock.turn(seconds=1)
    assert await people() == [("bo", "helper", "A van")]


async def test_the_poster_is_in_it_from_the_start(join, people, desk, cast):
    await join(cast.ada, part="talker")
    assert await people() == []
    assert (await problem_now(desk, cast.problem)).member_count == 0


async def test_each_person_counts_once(join, desk, cast, clock):
    for who, part in ((cast.bo, "talker"), (cast.bo, "helper"), (cast.cy, "talker"), (cast.bo, "helper")):
        await join(who, part=part, brings="A van")
        clock.turn(seconds=1)
    assert (await problem_now(desk, cast.problem)).member_count == 2


async def test_helpers_come_before_talkers(join, people, cast, clock):
    await join(cast.cy, part="talker")
    clock.turn(seconds=1)
    await join(cast.bo, part="helper", brings="A van")
    assert [handle for handle, _, _ in await people()] == ["bo", "cy"]


async def test_stepping_back_leaves_what_else_one_brings(join, people, desk, cast, clock):
    for brings in ("A van", "A ladder"):
        await join(cast.bo, part="helper", brings=brings)
        clock.turn(seconds=1)
    for brings, left in (("A van", ("bo", "helper", "A ladder")), ("A ladder", ("bo", "talker", ""))):
        async with desk.writing(cast.bo) as work:
            problem = await find_problem_to_change(work, cast.problem)
            await step_back(work, problem, cast.bo.id, brings=brings)
        assert await people() == [left]
