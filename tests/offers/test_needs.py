"""What a problem needs: who says so, what becomes of it, and what the board shows."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from civicboard.board.queries import Filter, Search, cards_on, search_needs
from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Conflict, Refused, SentAlready, Unfit
from civicboard.offers.actions import (
    add_need,
    decline_offer,
    dismiss_need,
    edit_need,
    end_offer,
    make_offer,
    reopen_need,
    settle_need,
    welcome_offer,
    withdraw_offer,
)
from civicboard.offers.events import NeedAdded, NeedChanged, NeedEdited
from civicboard.offers.queries import find_need, needs_on
from civicboard.problems.actions import follow, say_affected
from civicboard.progress.actions import set_stage
from civicboard.skills.models import Skill
from tests.cast import KEY, a_need, a_post, a_welcome_offer, an_imported_problem, an_offer, problem_now


async def state_of(desk, need_id):
    async with desk.reading() as work:
        return (await find_need(work, need_id)).state


async def board(desk, **wanted):
    async with desk.reading() as work:
        return [key[0] for key in (await cards_on(work, Filter(**wanted))).keys]


async def test_the_poster_says_what_is_needed_two_hours_unless_they_say_otherwise(desk, cast):
    async with desk.writing(cast.ada) as work:
        need_id = await add_need(
            work, cast.problem, kind="skill", what="Reads surveys", tags=["brook walks", "Brook walks"]
        )
        assert work.events == [NeedAdded(cast.problem, need_id)]
    async with desk.reading() as work:
        need = await find_need(work, need_id)
    assert (need.state, need.hours, need.tags, need.where, need.by_handle) == (
        "open",
        2.0,
        ["brook walks"],
        "either",
        "ada",
    )
    problem = await problem_now(desk, cast.problem)
    assert (problem.need_count, problem.need_kinds, problem.need_words) == (1, ["skill"], ["Reads surveys"])


async def test_a_need_is_named_by_the_word_that_stands_for_its_synonyms(desk, cast):
    async with desk.writing(cast.ada) as work:
        work.session.add(Skill(tag="flood surveys", synonyms=["culvert surveys"], about=""))
    need_id = await a_need(desk, cast.ada, cast.problem, tags=["Culvert surveys", "maps"])
    async with desk.reading() as work:
        assert (await find_need(work, need_id)).tags == ["flood surveys", "maps"]


@pytest.mark.parametrize(("kind", "hours"), [("skill", 3), ("room", 3), ("thing", None), ("introduction", None)])
async def test_hours_are_kept_where_they_make_sense(desk, cast, kind, hours):
    need_id = await a_need(desk, cast.ada, cast.problem, kind=kind, hours=3)
    async with desk.reading() as work:
        assert (await find_need(work, need_id)).hours == hours


async def test_whoever_is_involved_may_say_what_is_needed(desk, cast):
    """Who follows it, whom it affects, who has joined in; nobody else."""
    for who in (NOBODY, cast.bo, cast.cy, cast.dee):
        with pytest.raises(Refused):
            await a_need(desk, who, cast.problem)
    async with desk.writing(cast.bo) as work:
        await follow(work, cast.problem)
    async with desk.writing(cast.cy) as work:
        await say_affected(work, cast.problem)
    await a_post(desk, cast.dee, cast.problem)
    for who in (cast.bo, cast.cy, cast.dee):
        await a_need(desk, who, cast.problem)
    assert (await problem_now(desk, cast.problem)).need_count == 3


async def test_on_an_import_anyone_involved_settles_what_is_needed_but_words_stay_their_author_s(desk, cast):
    number = await an_imported_problem(desk)
    for who in (cast.bo, cast.cy):
        async with desk.writing(who) as work:
            await follow(work, number)
    need_id = await a_need(desk, cast.bo, number)
    with pytest.raises(Refused):
        async with desk.writing(cast.dee) as work:
            await settle_need(work, need_id)
    with pytest.raises(Refused):
        async with desk.writing(cast.cy) as work:
            await edit_need(work, need_id, kind="thing", what="Another ladder")
    async with desk.writing(cast.cy) as work:
        await settle_need(work, need_id)
    assert await state_of(desk, need_id) == "met"


async def test_who_added_it_and_the_poster_change_it_and_nobody_else(desk, cast):
    async with desk.writing(cast.bo) as work:
        await follow(work, cast.problem)
    need_id = await a_need(desk, cast.bo, cast.problem)
    for who, what in ((cast.bo, "A ladder"), (cast.ada, "Two ladders")):
        async with desk.writing(who) as work:
            await edit_need(work, need_id, kind="thing", what=what)
            assert work.events == [NeedChanged(cast.problem, need_id), NeedEdited(cast.problem, need_id)]
    for deed in (settle_need, dismiss_need, reopen_need):
        with pytest.raises(Refused):
            async with desk.writing(cast.cy) as work:
                await deed(work, need_id)
    assert (await problem_now(desk, cast.problem)).need_words == ["Two ladders"]


async def test_the_helper_does_not_say_that_it_is_met(desk, cast):
    need_id = await a_need(desk, cast.ada, cast.problem)
    await a_welcome_offer(desk, cast.bo, cast, need_id=need_id)
    with pytest.raises(Refused):
        async with desk.writing(cast.bo) as work:
            await settle_need(work, need_id)


async def test_an_edit_that_changes_nothing_is_none_and_one_that_came_late_is_told(desk, cast):
    need_id = await a_need(desk, cast.ada, cast.problem)
    async with desk.writing(cast.ada) as work:
        await edit_need(work, need_id, kind="thing", what="A long ladder", seen_version=1)
        assert work.events == []
    async with desk.writing(cast.ada) as work:
        await edit_need(work, need_id, kind="thing", what="A longer one", seen_version=1)
    with pytest.raises(Conflict):
        async with desk.writing(cast.ada) as work:
            await edit_need(work, need_id, kind="thing", what="The longest", seen_version=1)


async def test_a_form_sent_twice_is_one_need(desk, cast):
    first = await a_need(desk, cast.ada, cast.problem, form_key=KEY)
    assert await a_need(desk, cast.ada, cast.problem, form_key=KEY) == first
    with pytest.raises(SentAlready):
        await a_need(desk, cast.ada, cast.problem, "A short ladder", form_key=KEY)
    assert (await problem_now(desk, cast.problem)).need_count == 1


async def test_a_day_that_has_passed_is_refused(desk, cast, clock):
    with pytest.raises(Unfit) as unfit:
        await a_need(desk, cast.ada, cast.problem, by=clock.now.date() - timedelta(days=2))
    assert unfit.value.field == "by"


async def test_a_need_is_being_met_while_an_offer_to_it_is_welcomed(desk, cast):
    need_id = await a_need(desk, cast.ada, cast.problem)
    offer = await an_offer(desk, cast.bo, cast.problem, need_id=need_id)
    assert await state_of(desk, need_id) == "open"
    async with desk.writing(cast.ada) as work:
        await welcome_offer(work, offer)
    assert await state_of(desk, need_id) == "being_met"
    assert (await problem_now(desk, cast.problem)).need_count == 0
    async with desk.writing(cast.bo) as work:
        await withdraw_offer(work, offer)
    assert await state_of(desk, need_id) == "open"
    assert (await problem_now(desk, cast.problem)).need_words == ["A long ladder"]


async def test_an_offer_that_is_declined_leaves_its_need_open(desk, cast):
    need_id = await a_need(desk, cast.ada, cast.problem)
    offer = await an_offer(desk, cast.bo, cast.problem, need_id=need_id)
    async with desk.writing(cast.ada) as work:
        await decline_offer(work, offer, words="We have one, thank you.")
    async with desk.reading() as work:
        need = await find_need(work, need_id)
    assert (need.state, need.offer_count) == ("open", 0)


async def test_done_asks_whether_it_is_met_and_meets_nothing_by_itself(desk, cast, ada_client, bo_client):
    need_id = await a_need(desk, cast.ada, cast.problem)
    offer = await a_welcome_offer(desk, cast.bo, cast, need_id=need_id)
    async with desk.writing(cast.bo) as work:
        await end_offer(work, offer, hours_given=2)
    assert await state_of(desk, need_id) == "being_met"
    assert (
        "An offer to it is done. Is it met?"
        in (await ada_client.get(f"/problems/{cast.problem}/x", follow_redirects=True)).text
    )
    page = (await ada_client.get(f"/needs/{need_id}")).text
    assert "It is met" in page
    assert "It is still needed" in page
    assert "/settlement" not in (await bo_client.get(f"/needs/{need_id}")).text
    await ada_client.post(f"/needs/{need_id}/settlement?_method=DELETE")
    assert await state_of(desk, need_id) == "open"
    await ada_client.post(f"/needs/{need_id}/settlement")
    assert await state_of(desk, need_id) == "met"


async def test_reopened_it_is_being_met_if_somebody_is_on_it(desk, cast):
    need_id = await a_need(desk, cast.ada, cast.problem)
    await a_welcome_offer(desk, cast.bo, cast, need_id=need_id)
    for deed, state in ((dismiss_need, "not_needed"), (reopen_need, "being_met")):
        async with desk.writing(cast.ada) as work:
            await deed(work, need_id)
        assert await state_of(desk, need_id) == state


@pytest.mark.parametrize("deed", [settle_need, dismiss_need])
async def test_what_is_settled_takes_no_offers(desk, cast, deed):
    need_id = await a_need(desk, cast.ada, cast.problem)
    for _ in range(2):
        async with desk.writing(cast.ada) as work:
            await deed(work, need_id)
    with pytest.raises(Unfit) as unfit:
        await an_offer(desk, cast.bo, cast.problem, need_id=need_id)
    assert unfit.value.field == "need"


async def test_an_offer_answers_a_need_of_its_own_problem_only(desk, cast):
    elsewhere = await an_imported_problem(desk)
    need_id = await a_need(desk, cast.ada, cast.problem)
    with pytest.raises(Unfit):
        async with desk.writing(cast.bo) as work:
            await make_offer(work, elsewhere, what="A ladder", need_id=need_id)


async def test_the_needs_of_what_is_sorted_rest_until_it_is_opened_again(desk, cast, client):
    need_id = await a_need(desk, cast.ada, cast.problem, kind="room")
    path = (await problem_now(desk, cast.problem)).path
    for stage, shown in (("sorted", False), ("open", True)):
        async with desk.writing(cast.ada) as work:
            await set_stage(work, cast.problem, to=stage, why="It is so, as of today.")
        assert (cast.problem in await board(desk, needs=True)) is shown
        assert (cast.problem in await board(desk, need="room")) is shown
        assert ("I can help with this" in (await client.get(path)).text) is shown
        assert ("<b>Needs</b>" in (await client.get("/")).text) is shown
    assert await state_of(desk, need_id) == "open"


async def test_the_board_shows_what_is_needed_and_filters_by_it(desk, cast, client):
    other = await an_imported_problem(desk)
    for what, kind in (("A hall", "room"), ("A van", "thing"), ("A ladder", "thing"), ("A <b>saw", "thing")):
        await a_need(desk, cast.ada, cast.problem, what, kind=kind)
    page = (await client.get("/?need=room")).text
    assert "A hall, A van, A ladder and 1 more" in page
    assert 'data-kinds="|thing|room|"' in page
    assert '<option value="room" selected>' in page
    assert await board(desk, need="room") == await board(desk, need="thing") == [cast.problem]
    assert await board(desk, need="skill") == []
    assert other not in await board(desk, needs=True)
    assert (await client.get("/?need=nonsense")).text.count('<article class="notice') == 2
    assert "A &lt;b&gt;saw" in (await client.get(f"/problems/{cast.problem}/network")).text


async def test_a_problem_with_needs_alone_wants_help(desk, cast):
    number = await an_imported_problem(desk)
    async with desk.writing(cast.bo) as work:
        await follow(work, number)
    assert number not in await board(desk, needs=True)
    need_id = await a_need(desk, cast.bo, number)
    assert number in await board(desk, needs=True)
    async with desk.writing(cast.bo) as work:
        await settle_need(work, need_id)
    assert number not in await board(desk, needs=True)


async def test_what_comes_too_late_is_not_offered_instead(desk, cast, clock):
    """Nor is it found by a search; on its problem it stays."""
    skill = await a_need(desk, cast.ada, cast.problem, "Reads culvert surveys", kind="skill")
    late = await a_need(desk, cast.ada, cast.problem, "A culvert key", by=clock.now.date() + timedelta(days=1))

    async def found() -> set[int]:
        async with desk.reading() as work:
            return {need.id for need in await search_needs(work, Search(words="culvert"))}

    assert await found() == {late, skill}
    clock.turn(days=3)
    assert await found() == {skill}
    async with desk.reading() as work:
        assert len(await needs_on(work, cast.problem)) == 2


async def test_the_poster_makes_a_need_of_the_help_they_asked_for(desk, cast, ada_client, client):
    path = (await problem_now(desk, cast.problem)).path
    assert (
        f'data-for="{cast.ada.id}"><a class="button" href="/problems/{cast.problem}/needs/new?from=help"'
        in (await client.get(path)).text
    )
    form = (await ada_client.get(f"/problems/{cast.problem}/needs/new?from=help")).text
    assert 'value="someone who can read a culvert survey"' in form
    assert 'name="hours" type="text" value="2"' in form
    # Another need leaves it as it is; made into a need, it isn't said twice any more, and is kept in the history.
    await a_need(desk, cast.ada, cast.problem)
    assert "from=help" in (await client.get(path)).text
    told = {"kind": "skill", "what": "Somebody who can read a culvert survey", "hours": "2", "where": "either"}
    address = f"/problems/{cast.problem}/needs"
    assert (await ada_client.post(address, data={**told, "wish": "nonsense"})).status_code == 422
    assert (await ada_client.post(address, data={**told, "wish": "help"})).status_code == 303
    page = (await client.get(path)).text
    assert "from=help" not in page
    assert "<b>Needed</b>" not in page
    assert "someone who can read a culvert survey" in (await client.get(f"/problems/{cast.problem}/history")).text


async def test_only_the_poster_makes_a_need_of_it(desk, cast):
    async with desk.writing(cast.bo) as work:
        await follow(work, cast.problem)
    await a_need(desk, cast.bo, cast.problem, is_wish=True)
    assert (await problem_now(desk, cast.problem)).help_wanted


async def test_needs_by_their_forms(ada_client, dee_client, client, cast, desk):
    told = {
        "kind": "room",
        "what": "A dry room",
        "hours": "3",
        "where": "there",
        "tags": "meetings",
        "by": "2999-05-01",
    }
    answer = await ada_client.post(f"/problems/{cast.problem}/needs", data=told)
    assert answer.status_code == 303
    async with desk.reading() as work:
        (need,) = await needs_on(work, cast.problem)
    assert answer.headers["location"].endswith(f"?said=need-added#need-{need.id}")
    page = (await client.get(need.problem_path)).text
    for words in ("A dry room", "3 hours", "1 May 2999", "There", "meetings", f"offers/new?need={need.id}"):
        assert words in page
    offer = (await dee_client.get(f"/problems/{cast.problem}/offers/new?need={need.id}")).text
    assert f'<option value="{need.id}" selected>A dry room</option>' in offer
    assert "First say that it concerns you" in (await dee_client.get(f"/problems/{cast.problem}/needs/new")).text
    edit = await ada_client.post(
        f"/needs/{need.id}/edit", data={**told, "what": "A hall", "version": str(need.version)}
    )
    assert edit.status_code == 303
    late = await ada_client.post(
        f"/needs/{need.id}/edit", data={**told, "what": "A barn", "version": str(need.version)}
    )
    assert late.status_code == 409
    assert 'value="A barn"' in late.text
    assert "A hall" in late.text


@pytest.mark.parametrize("field", ["kind", "what", "hours", "by", "where", "tags"])
async def test_nothing_typed_is_lost_on_an_error(ada_client, cast, field):
    told = {"kind": "thing", "what": "A van", "words": "Kept <all>", field: "," * 7 if field == "what" else "<x>"}
    if field == "what":
        told["what"] = "x" * 121
    answer = await ada_client.post(f"/problems/{cast.problem}/needs", data=told)
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert "Kept &lt;all&gt;" in answer.text


async def test_what_was_typed_survives_the_sign_in(client, cast):
    await client.get(f"/problems/{cast.problem}/needs/new")
    answer = await client.post(f"/problems/{cast.problem}/needs", data={"kind": "thing", "what": "A tall ladder"})
    assert answer.headers["location"].startswith("/login?next=")
    assert "A tall ladder" in (await client.get(f"/problems/{cast.problem}/needs/new")).text


async def test_nobody_is_asked_to_help_with_a_need_of_their_own_problem(desk, cast, client):
    """The button stands there for everybody, and Ada's own style sheet hides it."""
    await a_need(desk, cast.ada, cast.problem)
    page = (await client.get(f"/problems/{cast.problem}", follow_redirects=True)).text
    assert re.search(rf'data-not-for="{cast.ada.id}"><a class="button" href="[^"]*/offers/new\?need=', page)
    rules = (await client.get(f"/viewer/{cast.ada.id}.css")).text
    assert f'[data-not-for~="{cast.ada.id}"] {{ display: none }}' in rules
