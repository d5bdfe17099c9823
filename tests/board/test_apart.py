"""Blocked people never meet in a match: not even where the other is only one of the people of a problem."""

from __future__ import annotations

import pytest

from civicboard.board.queries.for_you import questions_for, suggestions_for
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.able import find_able
from civicboard.networks.models import Member
from civicboard.offers.jobs import mind_offers
from civicboard.offers.queries import find_offer, fitting_alternative
from civicboard.people.models import Block
from civicboard.problems.actions import post_problem
from tests.cast import Told, a_need, a_post, an_offer
from tests.matching.people import can

#: Who blocked whom: Bo looks for what is for him, Cy is in it.
WAYS = [("bo", "cy"), ("cy", "bo")]


async def block(desk, cast, one, other):
    async with desk.writing() as work:
        first, second = getattr(cast, one), getattr(cast, other)
        work.session.add(Block(person_id=first.id, blocked_id=second.id, since=work.now))


async def in_it(desk, cast, number):
    async with desk.writing() as work:
        work.session.add(Member(problem_id=number, person_id=cast.cy.id, part="helper", joined_at=work.now))


async def seen(desk, cast):
    """What is for Bo: suggestions, and questions that he could answer."""
    async with desk.reading(cast.bo) as work:
        able = await find_able(work, cast.bo.id)
        found = await suggestions_for(work, able, Weights())
        asked = await questions_for(work, able, leave_out=set(), weights=Weights())
    return [one.problem_id for one in found], [one.problem_id for one in asked]


@pytest.mark.parametrize(("one", "other"), WAYS)
async def test_what_is_for_me_is_nowhere_they_are(desk, cast, one, other):
    await can(desk, cast.bo, "drainage", "flooding")
    await a_need(desk, cast.ada, cast.problem, kind="skill", tags=["drainage"])
    await a_post(desk, cast.ada, cast.problem, "Who knows about drainage?")
    await in_it(desk, cast, cast.problem)
    assert await seen(desk, cast) == ([cast.problem], [cast.problem])
    await block(desk, cast, one, other)
    assert await seen(desk, cast) == ([], [])


@pytest.mark.parametrize(("one", "other"), WAYS)
async def test_nor_is_a_problem_on_which_nobody_has_said_anything(desk, cast, clock, one, other):
    await can(desk, cast.bo, "flooding")
    await in_it(desk, cast, cast.problem)
    clock.turn(days=3)
    assert await seen(desk, cast) == ([cast.problem], [cast.problem])
    await block(desk, cast, one, other)
    assert await seen(desk, cast) == ([], [])


@pytest.mark.parametrize(("one", "other"), WAYS)
@pytest.mark.parametrize("need", ["A van for an afternoon", ""])
async def test_nor_is_what_stands_in_the_place_of_an_offer_that_nobody_answered(desk, cast, clock, one, other, need):
    told = Told(title="The hall wants chairs", tags=(), help_wanted="" if need else "a van")
    async with desk.writing(cast.dee) as work:
        number = (await post_problem(work, told)).id
    if need:
        await a_need(desk, cast.dee, number, need)
    await in_it(desk, cast, number)
    offer = await an_offer(desk, cast.bo, cast.problem, "A van on Saturdays")
    clock.turn(days=7)
    await mind_offers(desk)

    async def alternative():
        async with desk.reading(cast.bo) as work:
            return await fitting_alternative(work, await find_offer(work, offer))

    assert await alternative() is not None
    await block(desk, cast, one, other)
    assert await alternative() is None
