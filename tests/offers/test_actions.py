from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Conflict, Missing, Refused, Unfit
from civicboard.networks.queries import members_of
from civicboard.offers.actions import decline_offer, make_offer, welcome_offer, withdraw_offer
from civicboard.offers.events import OfferDeclined, OfferMade, OfferWelcomed, OfferWithdrawn
from civicboard.offers.queries import find_offer, offers_on
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_problem, find_standing

KEY = "0d9cbb0e-6f0c-4f0e-9d2b-0a8f1f6f7a11"


@pytest.fixture
def number(cast):
    """The problem that Ada posted."""
    return cast.problem


@pytest.fixture
async def imported(desk):
    """A problem that nobody here posted."""
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
        return problem.id


async def offer(desk, who, number, what="A van on Saturdays", **more):
    async with desk.writing(who) as work:
        return await make_offer(work, number, what=what, **more)


async def refuse(work, offer_id):
    await decline_offer(work, offer_id, words="Sorry, no.")


async def look(desk, number):
    async with desk.reading() as work:
        return await find_problem(work, number)


async def brought(desk, number):
    async with desk.reading() as work:
        return {m.handle: (m.part, m.brings) for m in await members_of(work, number) if m.part != "poster"}


async def test_an_offer_waits_is_counted_and_followed(desk, cast, number):
    async with desk.writing(cast.bo) as work:
        offer_id = await make_offer(work, number, what="A van", words="On *Saturdays*", hours=2.5)
        assert work.events == [OfferMade(number, offer_id)]
    async with desk.reading(cast.bo) as work:
        made = await find_offer(work, offer_id)
        assert (await find_standing(work, number)).follows
    assert (made.state, made.hours, made.words, made.helper_handle) == (
        "waiting",
        2.5,
        "On *Saturdays*",
        "bo",
    )
    problem = await look(desk, number)
    assert (problem.offer_count, problem.follower_count) == (1, 2)


async def test_who_only_offered_is_not_among_the_people_yet(desk, cast, number):
    await offer(desk, cast.bo, number)
    assert await brought(desk, number) == {}
    assert (await look(desk, number)).member_count == 0


async def test_an_offer_brings_the_problem_up_and_outdates_its_card(desk, cast, number):
    before = await look(desk, number)
    await offer(desk, cast.bo, number)
    after = await look(desk, number)
    assert after.version > before.version
    assert after.moved_at >= before.moved_at


async def test_nobody_offers_on_their_own_problem(desk, cast, number):
    with pytest.raises(Refused, match="your own"):
        await offer(desk, cast.ada, number)
    assert (await look(desk, number)).offer_count == 0


async def test_signed_out_nobody_offers(desk, number):
    with pytest.raises(Refused, match="sign in"):
        await offer(desk, NOBODY, number)


async def test_there_is_no_offering_on_what_is_not_there(desk, cast):
    with pytest.raises(Missing):
        await offer(desk, cast.bo, 987_654_321)


async def test_the_last_day_is_today_or_later(desk, cast, number):
    async with desk.reading() as work:
        today = work.now.date()
    with pytest.raises(Unfit) as unfit:
        await offer(desk, cast.bo, number, until=today - timedelta(days=1))
    assert unfit.value.field == "until"
    offer_id = await offer(desk, cast.bo, number, until=today)
    async with desk.reading() as work:
        assert (await find_offer(work, offer_id)).until == today


async def test_the_same_form_sent_twice_at_once_makes_one_offer(desk, cast, number):
    first, second = await asyncio.gather(*(offer(desk, cast.bo, number, form_key=KEY) for _ in range(2)))
    assert first == second
    assert (await look(desk, number)).offer_count == 1


async def test_two_people_may_send_forms_of_the_same_key(desk, cast, number):
    assert await offer(desk, cast.bo, number, form_key=KEY) != await offer(desk, cast.cy, number, form_key=KEY)


async def test_a_welcome_makes_a_helper_and_says_what_they_bring(desk, cast, number):
    offer_id = await offer(desk, cast.bo, number)
    async with desk.writing(cast.ada) as work:
        await welcome_offer(work, offer_id, words="Thank you.")
        assert work.events == [OfferWelcomed(number, offer_id)]
    async with desk.reading() as work:
        welcomed = await find_offer(work, offer_id)
    assert (welcomed.state, welcomed.answer) == ("welcomed", "Thank you.")
    assert welcomed.answered_at is not None
    assert await brought(desk, number) == {"bo": ("helper", "A van on Saturdays")}
    problem = await look(desk, number)
    assert (problem.offer_count, problem.member_count) == (1, 1)


async def test_welcoming_twice_at_once_counts_once(desk, cast, number):
    offer_id = await offer(desk, cast.bo, number)

    async def welcome():
        async with desk.writing(cast.ada) as work:
            await welcome_offer(work, offer_id, words="Thank you.")
            return len(work.events)

    assert sum(await asyncio.gather(welcome(), welcome())) == 1
    assert await brought(desk, number) == {"bo": ("helper", "A van on Saturdays")}
    assert (await look(desk, number)).member_count == 1


async def test_a_second_offer_adds_to_what_one_brings(desk, cast, number):
    for what in ("A van", "A ladder"):
        offer_id = await offer(desk, cast.bo, number, what=what)
        async with desk.writing(cast.ada) as work:
            await welcome_offer(work, offer_id)
    assert await brought(desk, number) == {"bo": ("helper", "A van; A ladder")}


@pytest.mark.parametrize("deed", [welcome_offer, refuse])
async def test_only_the_poster_answers(desk, cast, number, deed):
    offer_id = await offer(desk, cast.bo, number)
    for who in (cast.bo, cast.cy, NOBODY):
        with pytest.raises(Refused, match="posted the problem"):
            async with desk.writing(who) as work:
                await deed(work, offer_id)


@pytest.mark.parametrize("deed", [welcome_offer, refuse])
async def test_nobody_answers_for_an_imported_problem(desk, cast, imported, deed):
    offer_id = await offer(desk, cast.bo, imported)
    for who in (cast.ada, cast.bo, NOBODY):
        with pytest.raises(Refused, match="came in from elsewhere"):
            async with desk.writing(who) as work:
                await deed(work, offer_id)


async def test_declining_keeps_the_kind_word_and_uncounts(desk, cast, number):
    offer_id = await offer(desk, cast.bo, number)
    for expected in ([OfferDeclined(number, offer_id)], []):
        async with desk.writing(cast.ada) as work:
            await decline_offer(work, offer_id, words="We have one already, thank you.")
            assert work.events == expected
    async with desk.reading() as work:
        declined = await find_offer(work, offer_id)
    assert (declined.state, declined.answer) == ("declined", "We have one already, thank you.")
    assert (await look(desk, number)).offer_count == 0
    assert await brought(desk, number) == {}


async def test_withdrawing_while_it_waits(desk, cast, number):
    offer_id = await offer(desk, cast.bo, number)
    for expected in ([OfferWithdrawn(number, offer_id)], []):
        async with desk.writing(cast.bo) as work:
            await withdraw_offer(work, offer_id)
            assert work.events == expected
    assert (await look(desk, number)).offer_count == 0


@pytest.mark.parametrize("what", ["A van", "A van; and a driver", "A van;; ;"])
async def test_withdrawing_what_was_welcomed_steps_back(desk, cast, number, what):
    offer_id = await offer(desk, cast.bo, number, what=what)
    async with desk.writing(cast.ada) as work:
        await welcome_offer(work, offer_id)
    async with desk.writing(cast.bo) as work:
        await withdraw_offer(work, offer_id)
    assert await brought(desk, number) == {"bo": ("talker", "")}
    assert (await look(desk, number)).offer_count == 0


async def test_withdrawing_one_of_two_leaves_the_other(desk, cast, number):
    offers = [await offer(desk, cast.bo, number, what=what) for what in ("A van", "A ladder")]
    for one in offers:
        async with desk.writing(cast.ada) as work:
            await welcome_offer(work, one)
    async with desk.writing(cast.bo) as work:
        await withdraw_offer(work, offers[0])
    assert await brought(desk, number) == {"bo": ("helper", "A ladder")}
    assert (await look(desk, number)).offer_count == 1


async def test_only_the_helper_withdraws(desk, cast, number):
    offer_id = await offer(desk, cast.bo, number)
    for who in (cast.ada, cast.cy, NOBODY):
        with pytest.raises(Refused):
            async with desk.writing(who) as work:
                await withdraw_offer(work, offer_id)


async def test_answers_that_no_longer_fit_are_conflicts(desk, cast, number):
    withdrawn, declined, welcomed = [await offer(desk, cast.bo, number) for _ in range(3)]
    async with desk.writing(cast.bo) as work:
        await withdraw_offer(work, withdrawn)
    async with desk.writing(cast.ada) as work:
        await decline_offer(work, declined, words="Sorry, no.")
    async with desk.writing(cast.ada) as work:
        await welcome_offer(work, welcomed)
    for who, deed, one in (
        (cast.ada, welcome_offer, withdrawn),
        (cast.ada, refuse, withdrawn),
        (cast.ada, welcome_offer, declined),
        (cast.ada, refuse, welcomed),
        (cast.bo, withdraw_offer, declined),
    ):
        with pytest.raises(Conflict):
            async with desk.writing(who) as work:
                await deed(work, one)


async def test_a_welcome_and_a_withdrawal_at_once_end_in_one_state(desk, cast, number):
    for _ in range(5):
        offer_id = await offer(desk, cast.bo, number)

        async def welcome(one=offer_id):
            async with desk.writing(cast.ada) as work:
                await welcome_offer(work, one)

        async def withdraw(one=offer_id):
            async with desk.writing(cast.bo) as work:
                await withdraw_offer(work, one)

        results = await asyncio.gather(welcome(), withdraw(), return_exceptions=True)
        assert all(result is None or isinstance(result, Conflict) for result in results)
        async with desk.reading() as work:
            assert (await find_offer(work, offer_id)).state == "withdrawn"
    assert (await look(desk, number)).offer_count == 0
    assert {part for part, _ in (await brought(desk, number)).values()} <= {"talker"}


async def test_the_count_is_what_stands(desk, cast, number):
    offers = [await offer(desk, who, number) for who in (cast.bo, cast.cy, cast.dee, cast.bo)]
    async with desk.writing(cast.ada) as work:
        await welcome_offer(work, offers[0])
    async with desk.writing(cast.ada) as work:
        await decline_offer(work, offers[1], words="Sorry, no.")
    async with desk.writing(cast.dee) as work:
        await withdraw_offer(work, offers[2])
    async with desk.reading() as work:
        standing = [one for one in await offers_on(work, number) if one.stands]
        assert (await find_problem(work, number)).offer_count == len(standing) == 2
