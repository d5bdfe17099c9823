from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Conflict, Missing, Refused, SentAlready, Unfit
from civicboard.networks.events import MemberJoined
from civicboard.networks.queries import members_of
from civicboard.offers.actions import decline_offer, make_offer, welcome_offer, withdraw_offer
from civicboard.offers.events import OfferDeclined, OfferMade, OfferWelcomed, OfferWithdrawn
from civicboard.offers.queries import find_offer, offers_on
from civicboard.problems.queries import find_standing
from tests.cast import KEY, a_welcome_offer, an_imported_problem, an_offer, problem_now


async def refuse(work, offer_id):
    await decline_offer(work, offer_id, words="Sorry, no.")


async def brought(desk, number):
    async with desk.reading() as work:
        return {m.handle: (m.part, m.brings) for m in await members_of(work, number) if m.part != "poster"}


async def test_an_offer_waits_is_counted_and_followed(desk, cast):
    async with desk.writing(cast.bo) as work:
        offer_id = await make_offer(work, cast.problem, what="A van", words="On *Saturdays*", hours=2.5)
        assert work.events == [OfferMade(cast.problem, offer_id)]
    async with desk.reading(cast.bo) as work:
        made = await find_offer(work, offer_id)
        assert (await find_standing(work, cast.problem)).follows
    assert (made.state, made.hours, made.words, made.helper_handle) == (
        "waiting",
        2.5,
        "On *Saturdays*",
        "bo",
    )
    problem = await problem_now(desk, cast.problem)
    assert (problem.offer_count, problem.follower_count) == (1, 2)


async def test_who_only_offered_is_not_among_the_people_yet(desk, cast):
    await an_offer(desk, cast.bo, cast.problem)
    assert await brought(desk, cast.problem) == {}
    assert (await problem_now(desk, cast.problem)).member_count == 0


async def test_an_offer_brings_the_problem_up_and_outdates_its_card(desk, cast):
    before = await problem_now(desk, cast.problem)
    await an_offer(desk, cast.bo, cast.problem)
    after = await problem_now(desk, cast.problem)
    assert after.version > before.version
    assert after.moved_at >= before.moved_at


async def test_one_form_on_two_problems_at_once_is_one_offer(desk, cast):
    """The second waits until the first is done, and is told so."""
    elsewhere = await an_imported_problem(desk)

    async def send(number):
        async with desk.writing(cast.bo) as work:
            return await make_offer(work, number, what="A van", form_key=KEY)

    async with desk.writing(cast.bo) as work:
        first = await make_offer(work, cast.problem, what="A van", form_key=KEY)
        second = asyncio.create_task(send(elsewhere))
        await asyncio.wait([second], timeout=0.3)
    with pytest.raises(SentAlready):
        await second
    async with desk.reading() as work:
        assert [offer.id for offer in await offers_on(work, cast.problem)] == [first]


async def test_nobody_offers_on_their_own_problem(desk, cast):
    with pytest.raises(Refused, match="your own"):
        await an_offer(desk, cast.ada, cast.problem)
    assert (await problem_now(desk, cast.problem)).offer_count == 0


async def test_signed_out_nobody_offers(desk, cast):
    with pytest.raises(Refused, match="sign in"):
        await an_offer(desk, NOBODY, cast.problem)


async def test_there_is_no_offering_on_what_is_not_there(desk, cast):
    with pytest.raises(Missing):
        await an_offer(desk, cast.bo, 987_654_321)


@pytest.mark.parametrize(("hour", "days_ago", "fits"), [(3, 0, True), (3, 1, True), (3, 2, False), (15, 1, False)])
async def test_the_last_day_is_today_or_later(desk, cast, clock, hour, days_ago, fits):
    """In UTC, and until noon still yesterday as well: whoever lives west of here is not behind the times."""
    clock.now = clock.now.replace(hour=hour)
    day = clock.now.date() - timedelta(days=days_ago)
    if not fits:
        with pytest.raises(Unfit) as unfit:
            await an_offer(desk, cast.bo, cast.problem, until=day)
        assert unfit.value.field == "until"
        return
    offer_id = await an_offer(desk, cast.bo, cast.problem, until=day)
    async with desk.reading() as work:
        assert (await find_offer(work, offer_id)).until == day


async def test_the_same_form_sent_twice_at_once_makes_one_offer(desk, cast):
    first, second = await asyncio.gather(*(an_offer(desk, cast.bo, cast.problem, form_key=KEY) for _ in range(2)))
    assert first == second
    assert (await problem_now(desk, cast.problem)).offer_count == 1


@pytest.mark.parametrize("other", [{"what": "A ladder"}, {"words": "On Mondays."}, {"hours": 3.0}])
async def test_the_same_form_with_other_words_is_said_to_be_sent_already(desk, cast, other):
    await an_offer(desk, cast.bo, cast.problem, hours=2.5, form_key=KEY)
    with pytest.raises(SentAlready):
        await an_offer(desk, cast.bo, cast.problem, **{"hours": 2.5, **other}, form_key=KEY)
    assert (await problem_now(desk, cast.problem)).offer_count == 1


async def test_two_people_may_send_forms_of_the_same_key(desk, cast):
    first, second = [await an_offer(desk, who, cast.problem, form_key=KEY) for who in (cast.bo, cast.cy)]
    assert first != second


async def test_a_welcome_makes_a_helper_and_says_what_they_bring(desk, cast):
    offer_id = await an_offer(desk, cast.bo, cast.problem)
    async with desk.writing(cast.ada) as work:
        await welcome_offer(work, offer_id, words="Thank you.")
        assert work.events == [MemberJoined(cast.problem, cast.bo.id), OfferWelcomed(cast.problem, offer_id)]
    async with desk.reading() as work:
        welcomed = await find_offer(work, offer_id)
    assert (welcomed.state, welcomed.answer) == ("welcomed", "Thank you.")
    assert welcomed.answered_at is not None
    assert await brought(desk, cast.problem) == {"bo": ("helper", "A van on Saturdays")}
    problem = await problem_now(desk, cast.problem)
    assert (problem.offer_count, problem.member_count) == (1, 1)


async def test_welcoming_twice_at_once_counts_once(desk, cast):
    offer_id = await an_offer(desk, cast.bo, cast.problem)

    async def welcome():
        async with desk.writing(cast.ada) as work:
            await welcome_offer(work, offer_id, words="Thank you.")
            return work.events.count(OfferWelcomed(cast.problem, offer_id))

    assert sum(await asyncio.gather(welcome(), welcome())) == 1
    assert await brought(desk, cast.problem) == {"bo": ("helper", "A van on Saturdays")}
    assert (await problem_now(desk, cast.problem)).member_count == 1


async def test_a_second_offer_adds_to_what_one_brings(desk, cast):
    for what in ("A van", "A ladder"):
        await a_welcome_offer(desk, cast.bo, cast, what)
    assert await brought(desk, cast.problem) == {"bo": ("helper", "A van; A ladder")}


@pytest.mark.parametrize("deed", [welcome_offer, refuse])
async def test_only_the_poster_answers(desk, cast, deed):
    offer_id = await an_offer(desk, cast.bo, cast.problem)
    for who in (cast.bo, cast.cy, NOBODY):
        with pytest.raises(Refused, match="posted the problem"):
            async with desk.writing(who) as work:
                await deed(work, offer_id)


@pytest.mark.parametrize("deed", [welcome_offer, refuse])
async def test_nobody_answers_for_an_imported_problem(desk, cast, deed):
    offer_id = await an_offer(desk, cast.bo, await an_imported_problem(desk))
    for who in (cast.ada, cast.bo, NOBODY):
        with pytest.raises(Refused, match="came in from elsewhere"):
            async with desk.writing(who) as work:
                await deed(work, offer_id)


async def test_declining_keeps_the_kind_word_and_uncounts(desk, cast):
    offer_id = await an_offer(desk, cast.bo, cast.problem)
    for expected in ([OfferDeclined(cast.problem, offer_id)], []):
        async with desk.writing(cast.ada) as work:
            await decline_offer(work, offer_id, words="We have one already, thank you.")
            assert work.events == expected
    async with desk.reading() as work:
        declined = await find_offer(work, offer_id)
    assert (declined.state, declined.answer) == ("declined", "We have one already, thank you.")
    assert (await problem_now(desk, cast.problem)).offer_count == 0
    assert await brought(desk, cast.problem) == {}


async def test_withdrawing_while_it_waits(desk, cast):
    offer_id = await an_offer(desk, cast.bo, cast.problem)
    for expected in ([OfferWithdrawn(cast.problem, offer_id)], []):
        async with desk.writing(cast.bo) as work:
            await withdraw_offer(work, offer_id)
            assert work.events == expected
    assert (await problem_now(desk, cast.problem)).offer_count == 0


@pytest.mark.parametrize("what", ["A van", "A van; and a driver", "A van;; ;"])
async def test_withdrawing_what_was_welcomed_steps_back(desk, cast, what):
    offer_id = await a_welcome_offer(desk, cast.bo, cast, what)
    async with desk.writing(cast.bo) as work:
        await withdraw_offer(work, offer_id)
    assert await brought(desk, cast.problem) == {"bo": ("talker", "")}
    assert (await problem_now(desk, cast.problem)).offer_count == 0


async def test_withdrawing_one_of_two_leaves_the_other(desk, cast):
    offers = [await a_welcome_offer(desk, cast.bo, cast, what) for what in ("A van", "A ladder")]
    async with desk.writing(cast.bo) as work:
        await withdraw_offer(work, offers[0])
    assert await brought(desk, cast.problem) == {"bo": ("helper", "A ladder")}
    assert (await problem_now(desk, cast.problem)).offer_count == 1


async def test_only_the_helper_withdraws(desk, cast):
    offer_id = await an_offer(desk, cast.bo, cast.problem)
    for who in (cast.ada, cast.cy, NOBODY):
        with pytest.raises(Refused):
            async with desk.writing(who) as work:
                await withdraw_offer(work, offer_id)


async def test_answers_that_no_longer_fit_are_conflicts(desk, cast):
    withdrawn, declined = [await an_offer(desk, cast.bo, cast.problem) for _ in range(2)]
    welcomed = await a_welcome_offer(desk, cast.bo, cast)
    async with desk.writing(cast.bo) as work:
        await withdraw_offer(work, withdrawn)
    async with desk.writing(cast.ada) as work:
        await decline_offer(work, declined, words="Sorry, no.")
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


async def test_a_welcome_and_a_withdrawal_at_once_end_in_one_state(desk, cast):
    for _ in range(5):
        offer_id = await an_offer(desk, cast.bo, cast.problem)

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
    assert (await problem_now(desk, cast.problem)).offer_count == 0
    assert {part for part, _ in (await brought(desk, cast.problem)).values()} <= {"talker"}


async def test_the_count_is_what_stands(desk, cast):
    await a_welcome_offer(desk, cast.bo, cast)
    declined, withdrawn, _ = [await an_offer(desk, who, cast.problem) for who in (cast.cy, cast.dee, cast.bo)]
    async with desk.writing(cast.ada) as work:
        await decline_offer(work, declined, words="Sorry, no.")
    async with desk.writing(cast.dee) as work:
        await withdraw_offer(work, withdrawn)
    async with desk.reading() as work:
        standing = [one for one in await offers_on(work, cast.problem) if one.stands]
    assert (await problem_now(desk, cast.problem)).offer_count == len(standing) == 2
