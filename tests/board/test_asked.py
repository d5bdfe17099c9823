"""What somebody is asked stands once on their page: among what they are asked, and not as a suggestion besides."""

from __future__ import annotations

import pytest
import pytest_asyncio

from civicboard.matching.actions.answering import accept_ask, decline_ask, decline_for_another, withdraw_ask
from civicboard.offers.actions import settle_need
from civicboard.people.models import Block
from tests.board.own_page import a_problem, able_to, cursor_of, errands, for_person, shown_to
from tests.cast import a_need as added
from tests.matching.people import CONFIG, NOON, by_the_clock, delivered
from tests.matching.people import an_ask as asks_by_name


@pytest_asyncio.fixture
async def need(desk, cast, clock):
    """Bo knows drains, and finds on his page that Ada's problem needs that."""
    clock.now = max(clock.now, NOON)
    await able_to(desk, cast.bo, "drainage", quiet_from=clock.now.time(), quiet_until=clock.now.time())
    number = await added(desk, cast.ada, cast.problem, "A drain expert", kind="skill", tags=["drainage"])
    await errands(desk)
    return number


async def asked(desk, cast, need):
    """Ada asks Bo, and he is asked at once."""
    made = await asks_by_name(desk, cast.ada, need, "bo", words="You <b>mended</b> the mill race.")
    assert (await delivered(desk, made)).state == "asked"
    return made


async def test_an_ask_that_comes_stands_in_the_place_of_the_suggestion(app, desk, cast, bo_client, need):
    before = (await bo_client.get("/for-you")).text
    assert f'id="fit-{cast.problem}"' in before
    assert '<div id="asks" class="stack" hidden>' in before
    cursor = await cursor_of(desk)
    made = await asked(desk, cast, need)
    page = (await bo_client.get("/for-you")).text
    assert f'id="ask-{made}"' in page
    assert f'id="fit-{cast.problem}"' not in page
    found = await shown_to(app, desk, cursor, cast.bo)
    assert f'<hx-partial hx-target="#fit-{cast.problem}" hx-swap="delete">' in found[f"#fit-{cast.problem}"]
    html = found[f"ask-{made}"]
    assert 'hx-target="#asks" hx-swap="outerHTML"' in html
    assert "You &lt;b&gt;mended&lt;/b&gt; the mill race." in html
    # The page that was open has now what a fresh one has.
    assert html.partition("<div")[2].rpartition("</div>")[0].strip() in page
    assert await shown_to(app, desk, cursor, cast.ada) == await shown_to(app, desk, cursor, cast.dee) == {}


async def test_what_waits_for_the_morning_changes_nothing_yet(app, desk, cast, bo_client, need):
    cursor = await cursor_of(desk)
    await asks_by_name(desk, cast.ada, need, "bo")
    assert f'id="fit-{cast.problem}"' in (await bo_client.get("/for-you")).text
    assert await shown_to(app, desk, cursor, cast.bo) == {}


@pytest.mark.parametrize("answer", ["not_now", "not_me", "yes"])
async def test_what_was_answered_does_not_come_back_as_a_suggestion(app, desk, cast, bo_client, need, answer):
    made = await asked(desk, cast, need)
    cursor = await cursor_of(desk)
    async with desk.writing(cast.bo) as work:
        if answer == "yes":
            await accept_ask(work, made)
        elif answer == "not_now":
            await decline_ask(work, made)
        else:
            await decline_for_another(work, made, config=CONFIG)
    await errands(desk)
    html = await shown_to(app, desk, cursor, cast.bo)
    assert '<div id="asks" class="stack" hidden>' in html["#asks"]
    assert "hx-upsert" not in "".join(html.values())
    assert await for_person(desk, cast.bo) == []
    page = (await bo_client.get("/for-you")).text
    assert f'id="ask-{made}"' not in page
    assert f'id="fit-{cast.problem}"' not in page
    # Nor when the need itself is told anew.
    if answer != "yes":
        cursor = await cursor_of(desk)
        await added(desk, cast.ada, cast.problem, "A ladder", kind="thing")
        await errands(desk)
        assert "hx-upsert" not in "".join((await shown_to(app, desk, cursor, cast.bo)).values())


async def test_another_need_of_the_problem_is_still_a_suggestion(app, desk, cast, need):
    await added(desk, cast.ada, cast.problem, "Somebody who draws drains", kind="skill", tags=["drainage"], hours=1)
    cursor = await cursor_of(desk)
    await asked(desk, cast, need)
    assert [one.what for one in await for_person(desk, cast.bo)] == ["Somebody who draws drains"]
    assert "Somebody who draws drains" in (await shown_to(app, desk, cursor, cast.bo))[f"fit-{cast.problem}"]


@pytest.mark.parametrize("end", ["taken back", "lapsed", "met"])
async def test_once_nobody_has_to_answer_it_may_be_a_suggestion_again(app, desk, cast, clock, bo_client, need, end):
    made = await asked(desk, cast, need)
    cursor = await cursor_of(desk)
    if end == "taken back":
        async with desk.writing(cast.ada) as work:
            await withdraw_ask(work, made)
    elif end == "met":
        async with desk.writing(cast.ada) as work:
            await settle_need(work, need)
    else:
        clock.turn(days=8)
        await by_the_clock(desk)
    found = await shown_to(app, desk, cursor, cast.bo)
    assert "hidden" in found["#asks"]
    page = (await bo_client.get("/for-you")).text
    stands = f'id="fit-{cast.problem}"' in page
    assert stands == (end != "met") == (f"fit-{cast.problem}" in found and "hx-upsert" in found[f"fit-{cast.problem}"])


async def test_what_is_asked_across_a_block_is_neither(desk, cast, bo_client, need):
    """Cy asked; Bo and Cy want nothing to do with each other: the ask is not there, and the need is as for anybody."""
    from civicboard.problems.actions import follow

    async with desk.writing(cast.cy) as work:
        await follow(work, cast.problem)
    made = await asks_by_name(desk, cast.cy, need, "bo")
    assert (await delivered(desk, made)).state == "asked"
    async with desk.writing() as work:
        work.session.add(Block(person_id=cast.bo.id, blocked_id=cast.cy.id, since=work.now))
    page = (await bo_client.get("/for-you")).text
    assert "You are asked" not in page
    assert f'id="fit-{cast.problem}"' in page


async def test_suggestions_of_other_problems_stay(desk, cast, need):
    await a_problem(desk, cast.ada, "The pump has stopped", tags=("drainage",), help_wanted="a hand")
    await asked(desk, cast, need)
    assert [one.title for one in await for_person(desk, cast.bo)] == ["The pump has stopped"]
