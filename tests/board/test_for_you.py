"""What is for one person: by what they said and where they are, with the reason, and live."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from civicboard.app import RENDERERS
from civicboard.board.actions import tell_pages, wave_away, wave_back
from civicboard.board.events import ProblemSuited
from civicboard.board.jobs import suit
from civicboard.board.live import show_all_fits, show_suggestion
from civicboard.board.queries.for_you import (
    alike_elsewhere,
    find_suggestion,
    nearby,
    questions_for,
    suggestions_for,
)
from civicboard.board.queries.for_you.waiting import shown_of
from civicboard.kit.hub.rendering import Renderers
from civicboard.kit.outbox import present, since
from civicboard.kit.queue import Errand
from civicboard.kit.work import Missing, Refused
from civicboard.matching.models import Ask, Meaning
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.able import find_able
from civicboard.offers.actions import dismiss_need, edit_need, reopen_need, settle_need
from civicboard.offers.models import Need
from civicboard.organisations.actions import appoint
from civicboard.people.actions import update_profile
from civicboard.people.models import Block, Person
from civicboard.places.models import Place
from civicboard.problems.actions import follow, post_problem
from civicboard.problems.models import Problem
from civicboard.progress.actions import set_stage
from civicboard.skills.actions import say_ability
from civicboard.skills.events import AbilityChanged
from civicboard.skills.models import Ability, Skill
from civicboard.watching import watch_for_you
from tests.cast import Told, a_post, a_welcome_offer, an_offer
from tests.cast import a_need as added
from tests.conftest import client_for
from tests.organisations.council import an_organisation

#: Directions of meaning: what is near one has the same first number.
FLOODING, MUSIC = [1.0, *[0.0] * 383], [0.0, 1.0, *[0.0] * 382]
NEAR_FLOODING = [0.8, 0.0, 0.6, *[0.0] * 381]


async def able_to(desk, who, *tags, words="", place="", **more):
    """Somebody says what they can do, and perhaps where they live."""
    async with desk.writing() as work:
        work.session.add(Ability(person_id=who.id, tags=list(tags), words=words, **{"visibility": "public", **more}))
        if place:
            slug = (await work.session.execute(text("SELECT id FROM places WHERE slug = :s"), {"s": place})).scalar()
            await work.session.execute(update(Person).where(Person.id == who.id).values(place_id=slug))


async def a_problem(desk, who, title="The pump has stopped", **told):
    async with desk.writing(who) as work:
        return (await post_problem(work, Told(title=title, **{"tags": (), "help_wanted": "", **told}))).id


async def a_need(desk, cast, number, what="somebody who can read a culvert survey", **said):
    async with desk.writing() as work:
        values = {"kind": "skill", "by_id": cast.ada.id, "added_at": work.now, **said}
        need = Need(problem_id=number, what=what, **values)
        work.session.add(need)
        await work.session.execute(
            update(Problem).where(Problem.id == number).values(need_count=Problem.need_count + 1)
        )
        await work.session.flush()
        return need.id


async def means(desk, kind, subject, vector, model="a-model"):
    async with desk.writing() as work:
        work.session.add(
            Meaning(kind=kind, subject_id=subject, model=model, made_of="x", made_at=work.now, vector=vector)
        )


async def for_person(desk, who):
    async with desk.reading(who) as work:
        return await suggestions_for(work, await find_able(work, who.id), Weights())


async def title_of(desk, number):
    async with desk.reading() as work:
        return await work.session.scalar(select(Problem.title).where(Problem.id == number))


async def titles(desk, who):
    return [one.title for one in await for_person(desk, who)]


# Problems that need what I can do


async def test_a_need_is_found_by_its_tag_with_the_reason(desk, cast):
    await able_to(desk, cast.bo, "drainage", place="brook-lane")
    await a_need(desk, cast, cast.problem, tags=["drainage"], hours=3.0)
    (found,) = await for_person(desk, cast.bo)
    assert found.problem_id == cast.problem
    assert found.why == ("You know about drainage.", "You live in Brook Lane.")
    assert (found.what, found.kind_words, found.hours_words) == (
        "somebody who can read a culvert survey",
        "A skill",
        "3 hours",
    )


async def test_a_synonym_is_the_same_skill(desk, cast):
    async with desk.writing() as work:
        work.session.add(Skill(tag="drainage", synonyms=["drains", "sewers"]))
    await able_to(desk, cast.bo, "drains")
    await a_need(desk, cast, cast.problem, tags=["drainage"])
    (found,) = await for_person(desk, cast.bo)
    assert found.why[0] == "You know about drainage."


async def test_without_tags_and_meanings_their_words_are_compared(desk, cast):
    await able_to(desk, cast.bo, words="I have read many a culvert survey in my time.")
    await a_need(desk, cast, cast.problem)
    (found,) = await for_person(desk, cast.bo)
    assert found.why == ("It says “culvert” and “survey”, and so do you.", "It can be done online.")
    await able_to(desk, cast.cy, words="I play the oboe.")
    assert await for_person(desk, cast.cy) == []


async def test_what_is_near_in_meaning_is_found_without_a_word_in_common(desk, cast):
    await able_to(desk, cast.bo, words="Thirty winters on becks.")
    await able_to(desk, cast.cy, words="I play the oboe.")
    need = await a_need(desk, cast, cast.problem, "an eye on the water level")
    await means(desk, "need", need, FLOODING)
    await means(desk, "person", cast.bo.id, NEAR_FLOODING)
    await means(desk, "person", cast.cy.id, MUSIC)
    (found,) = await for_person(desk, cast.bo)
    assert "It is close to what you said you can do." in found.why
    assert await for_person(desk, cast.cy) == []


async def test_what_the_model_has_not_read_yet_is_found_by_its_words(desk, cast):
    """Once it has read a person, what came before its last reading is known by its meaning; what came since isn't."""
    await able_to(desk, cast.bo, words="I have read many a culvert survey in my time.")
    await means(desk, "person", cast.bo.id, NEAR_FLOODING)
    need = await a_need(desk, cast, cast.problem)
    assert await titles(desk, cast.bo) == [await title_of(desk, cast.problem)]
    await means(desk, "need", need, MUSIC)
    assert await titles(desk, cast.bo) == []
    await a_need(desk, cast, cast.problem, "a copy of the culvert survey")
    assert [one.what for one in await for_person(desk, cast.bo)] == ["a copy of the culvert survey"]


@pytest.mark.parametrize(
    "tag", ["Anti-social behaviour", "Covid-19", "C++", "d'Arcy's law", "a \\ b: (c | d) & !e <-> f*"]
)
async def test_a_tag_is_found_however_it_is_written(desk, cast, tag):
    for kind, who in (("with a model", cast.bo), ("without", cast.cy)):
        await able_to(desk, who, tag)
        if kind == "with a model":
            await means(desk, "person", who.id, MUSIC)
    need = await a_need(desk, cast, cast.problem, tags=[tag])
    await means(desk, "need", need, FLOODING)
    for who in (cast.bo, cast.cy):
        assert [one.why[0] for one in await for_person(desk, who)] == [f"You know about {tag}."]


async def test_vectors_of_different_models_are_never_compared(desk, cast):
    await able_to(desk, cast.bo, words="Thirty winters on becks.")
    need = await a_need(desk, cast, cast.problem, "an eye on the water level")
    await means(desk, "need", need, FLOODING, model="another")
    await means(desk, "person", cast.bo.id, FLOODING)
    assert await for_person(desk, cast.bo) == []


async def test_a_problem_that_only_says_what_would_help_is_found_too(desk, cast):
    await able_to(desk, cast.bo, "flooding")
    (found,) = await for_person(desk, cast.bo)
    assert found.what == "someone who can read a culvert survey"
    # Once it has needs of its own, those are what it wants.
    await a_need(desk, cast, cast.problem, "a long ladder", kind="thing")
    assert await for_person(desk, cast.bo) == []
    await able_to(desk, cast.cy, words="I can lend ladders.")
    (found,) = await for_person(desk, cast.cy)
    assert (found.what, found.kind_words) == ("a long ladder", "A thing to borrow")


async def test_each_problem_stands_there_once_with_what_fits_best(desk, cast):
    await able_to(desk, cast.bo, "drainage", words="oboe and ladder")
    await a_need(desk, cast, cast.problem, "an oboe")
    await a_need(desk, cast, cast.problem, "a drain expert", tags=["drainage"])
    (found,) = await for_person(desk, cast.bo)
    assert found.what == "a drain expert"


@pytest.mark.parametrize(
    "said", [{"state": "met"}, {"state": "being_met"}, {"state": "not_needed"}, {"by": "yesterday"}, {"where": "there"}]
)
async def test_what_cannot_be_helped_any_more_is_not_there(desk, cast, clock, said):
    await able_to(desk, cast.bo, "drainage", online_only=True)
    if said.get("by"):
        said = {"by": (clock.now - timedelta(days=1)).date()}
    await a_need(desk, cast, cast.problem, tags=["drainage"], **said)
    assert await for_person(desk, cast.bo) == []


async def test_neither_my_own_nor_what_i_offered_for_nor_what_is_sorted(desk, cast):
    for who in (cast.ada, cast.bo, cast.cy):
        await able_to(desk, who, "drainage")
    need = await a_need(desk, cast, cast.problem, tags=["drainage"])
    assert await for_person(desk, cast.ada) == []
    offer = await an_offer(desk, cast.bo, cast.problem)
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE offers SET need_id = :n WHERE id = :o"), {"n": need, "o": offer})
    assert await for_person(desk, cast.bo) == []
    assert len(await for_person(desk, cast.cy)) == 1
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="sorted", why="It is dry.")
    assert await for_person(desk, cast.cy) == []


@pytest.mark.parametrize("first", ["ada", "bo"])
async def test_blocked_people_never_meet_here(desk, cast, first):
    await able_to(desk, cast.bo, "drainage", "flooding")
    await a_need(desk, cast, cast.problem, tags=["drainage"])
    await a_post(desk, cast.ada, cast.problem, "Who knows about drainage?")
    one, other = (cast.ada, cast.bo) if first == "ada" else (cast.bo, cast.ada)
    async with desk.writing() as work:
        work.session.add(Block(person_id=one.id, blocked_id=other.id, since=work.now))
    assert await for_person(desk, cast.bo) == []
    async with desk.reading(cast.bo) as work:
        able = await find_able(work, cast.bo.id)
        assert await questions_for(work, able, leave_out=set(), weights=Weights()) == []
        assert cast.problem not in [one.id for one in await nearby(work, able)]


@pytest.mark.parametrize("first", ["ada", "bo"])
async def test_nor_in_what_is_like_ones_own_elsewhere(desk, cast, first):
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="stuck", why="Nobody answers.")
    own = await a_problem(desk, cast.bo)
    async with desk.writing() as work:
        await work.session.execute(update(Problem).values(tags=["drainage"]))
    async with desk.reading(cast.bo) as work:
        assert [one.problem_id for one in await alike_elsewhere(work, cast.bo.id)] == [cast.problem]
    await means(desk, "problem", own, FLOODING)
    await means(desk, "problem", cast.problem, NEAR_FLOODING)
    one, other = (cast.ada, cast.bo) if first == "ada" else (cast.bo, cast.ada)
    async with desk.writing() as work:
        work.session.add(Block(person_id=one.id, blocked_id=other.id, since=work.now))
    async with desk.reading(cast.bo) as work:
        assert await alike_elsewhere(work, cast.bo.id) == []


async def test_near_me_comes_first(desk, cast):
    async with desk.writing() as work:
        town = (await work.session.execute(text("SELECT id FROM places WHERE slug = 'millbrook'"))).scalar()
        ward = Place(slug="north", name="North", kind="ward", parent_id=town)
        work.session.add(ward)
        await work.session.flush()
        work.session.add(Place(slug="far-away", name="Far Away", kind="ward", parent_id=town))
        work.session.add(Place(slug="hill", name="Hill", kind="street", parent_id=ward.id))
        reached = Place(slug="reached", name="Reached", kind="ward", parent_id=town)
        work.session.add(reached)
        await work.session.flush()
        await work.session.execute(update(Place).where(Place.slug == "brook-lane").values(parent_id=ward.id))
    await able_to(desk, cast.bo, "pumps", place="brook-lane", reach_ids=[reached.id])
    for place in ("Far Away", "Hill", "Reached", "Brook Lane"):
        await a_problem(desk, cast.ada, f"In {place}", place=place, tags=("pumps",), help_wanted="a pump")
    assert await titles(desk, cast.bo) == ["In Brook Lane", "In Reached", "In Hill", "In Far Away"]
    reasons = {one.title: one.why for one in await for_person(desk, cast.bo)}
    assert reasons["In Hill"] == ("You know about pumps.", "You live nearby, in Brook Lane.")
    assert reasons["In Reached"] == ("You know about pumps.", "You can get to Reached.")
    assert reasons["In Far Away"] == ("You know about pumps.", "You live in Brook Lane, not far from Far Away.")


async def test_what_is_the_same_with_everything_is_no_reason(desk, cast):
    """When somebody is free counts in the score, and says nothing of one problem more than of another."""
    await able_to(desk, cast.bo, "drainage", free=["thu-evening"])
    await a_need(desk, cast, cast.problem, tags=["drainage"])
    (found,) = await for_person(desk, cast.bo)
    assert not [reason for reason in found.why if "free" in reason]


async def test_departments_are_no_part_of_it(desk, cast):
    """Two people who can do the same get the same, whatever they belong to: the query reads no affiliation at all."""
    for who in (cast.bo, cast.cy):
        await able_to(desk, who, "drainage")
    await a_need(desk, cast, cast.problem, tags=["drainage"])
    before = await for_person(desk, cast.cy)
    assert before == await for_person(desk, cast.bo)
    import civicboard.board.policy
    import civicboard.board.queries.for_you.suggestions as asked

    for module in (asked, civicboard.board.policy):
        assert not [name for name in vars(module) if re.search(r"affiliat|organisation|badge", name, re.I)]


# Less like this


async def test_less_like_this_lowers_what_is_alike_and_can_be_undone(desk, cast):
    await able_to(desk, cast.bo, "pumps", "music")
    music = await a_problem(desk, cast.ada, "Hymn books are missing", tags=("music",), help_wanted="hymn books")
    one = await a_problem(desk, cast.ada, "A pump in the yard", tags=("pumps",), help_wanted="a pump")
    await a_problem(desk, cast.ada, "A pump in the lane", tags=("pumps",), help_wanted="a pump")
    assert (await titles(desk, cast.bo))[0] == "A pump in the lane"
    for _ in range(2):
        async with desk.writing(cast.bo) as work:
            await wave_away(work, one)
    assert await titles(desk, cast.bo) == ["Hymn books are missing", "A pump in the lane"]
    async with desk.writing(cast.bo) as work:
        await wave_back(work, one)
    assert set(await titles(desk, cast.bo)) == {"Hymn books are missing", "A pump in the lane", "A pump in the yard"}
    assert (await titles(desk, cast.bo))[0].startswith("A pump")
    for deed in (wave_away, wave_back):
        with pytest.raises(Refused):
            async with desk.writing() as work:
                await deed(work, music)
        with pytest.raises(Missing):
            async with desk.writing(cast.bo) as work:
                await deed(work, 987_654)


async def test_what_is_near_in_meaning_to_it_is_lowered_too(desk, cast):
    await able_to(desk, cast.bo, "pumps", "music")
    waved = await a_problem(desk, cast.ada, "A pump in the yard", tags=("pumps",), help_wanted="a pump")
    alike = await a_problem(desk, cast.ada, "Wet shoes", tags=("music",), help_wanted="a hand")
    await means(desk, "problem", waved, FLOODING)
    await means(desk, "problem", alike, NEAR_FLOODING)
    before = {one.problem_id: one.score for one in await for_person(desk, cast.bo)}
    async with desk.writing(cast.bo) as work:
        await wave_away(work, waved)
    after = {one.problem_id: one.score for one in await for_person(desk, cast.bo)}
    assert after == {alike: pytest.approx(before[alike] / 2, abs=0.01)}


async def test_it_hides_nothing_anywhere_else(desk, cast, bo_client, ada_client):
    async with desk.writing(cast.bo) as work:
        await wave_away(work, cast.problem)
    for address in ("/", "/?needs=1", "/search?q=culvert"):
        for browser in (bo_client, ada_client):
            assert "Basements on Brook Lane flood" in (await browser.get(address)).text


async def test_the_page_has_the_button_and_its_undoing(desk, cast, bo_client):
    await able_to(desk, cast.bo, "flooding")
    page = (await bo_client.get("/for-you")).text
    assert f'form="less" formaction="/for-you/less/{cast.problem}"' in page
    answer = await bo_client.post(f"/for-you/less/{cast.problem}")
    assert answer.headers["location"] == "/for-you?said=less"
    page = (await bo_client.get(answer.headers["location"])).text
    assert "You will see less like this here." in page
    assert f'id="fit-{cast.problem}"' not in page
    assert f'formaction="/for-you/less/{cast.problem}?_method=DELETE"' in page
    answer = await bo_client.post(f"/for-you/less/{cast.problem}?_method=DELETE")
    assert answer.headers["location"] == "/for-you?said=again"
    assert f'id="fit-{cast.problem}"' in (await bo_client.get("/for-you")).text


# Questions, and what became of others


async def questions(desk, who, leave_out=frozenset()):
    async with desk.reading(who) as work:
        return await questions_for(work, await find_able(work, who.id), leave_out=set(leave_out), weights=Weights())


async def test_a_question_that_nobody_answered_is_for_who_knows_of_it(desk, cast):
    await able_to(desk, cast.bo, "flooding")
    await able_to(desk, cast.cy, "music")
    post = await a_post(desk, cast.dee, cast.problem, "Does the culvert have a grille?\n ")
    (found,) = await questions(desk, cast.bo)
    assert (found.post_id, found.by_name) == (post, "Dee Novak")
    assert found.why[0] == "You know about flooding."
    assert await questions(desk, cast.cy) == []
    assert await questions(desk, cast.bo, {cast.problem}) == []
    # Her own second thought is no answer; somebody else's is.
    await a_post(desk, cast.dee, cast.problem, "I mean the upper one?")
    (found,) = await questions(desk, cast.bo)
    assert found.words == "I mean the upper one?"
    await a_post(desk, cast.ada, cast.problem, "It has one.")
    assert await questions(desk, cast.bo) == []


def test_of_a_long_post_its_end_is_shown_which_asks():
    long = "We walked there on Sunday and looked at everything. " * 6 + "Does the culvert have a grille?"
    shown = shown_of(long, 7)
    assert shown.startswith("…")
    assert shown.endswith("looked at everything. Does the culvert have a grille?")
    assert shown[1:] in long
    assert f" {shown[1:]}" in long, "it begins with a whole word"
    assert shown_of(long, None).endswith("…"), "of a problem it is the beginning"


async def test_an_answer_is_asked_of_nobody_who_asked_it(desk, cast):
    await able_to(desk, cast.dee, "flooding")
    await a_post(desk, cast.dee, cast.problem, "Does the culvert have a grille?")
    assert await questions(desk, cast.dee) == []


async def test_a_problem_without_a_word_for_two_days_is_a_question(desk, cast, clock):
    await able_to(desk, cast.bo, "flooding")
    assert await questions(desk, cast.bo) == []
    clock.turn(days=3)
    (found,) = await questions(desk, cast.bo)
    assert (found.problem_id, found.post_id) == (cast.problem, None)
    await a_post(desk, cast.dee, cast.problem, "I saw it too.")
    assert await questions(desk, cast.bo) == []


async def test_problems_like_mine_say_how_they_ended(desk, cast, dee_client):
    mine = await a_problem(desk, cast.dee, "Our cellar is wet", tags=("flooding",))
    await a_problem(desk, cast.bo, "Also wet, and nothing yet", tags=("flooding",))
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="sorted", why="A grille at the culvert did it.")
    async with desk.reading(cast.dee) as work:
        (found,) = await alike_elsewhere(work, cast.dee.id)
    assert (found.problem_id, found.like_title, found.by_words) == (cast.problem, "Our cellar is wet", True)
    page = (await dee_client.get("/for-you")).text
    assert "A grille at the culvert did it." in page
    assert "Like “Our cellar is wet”, by its tags" in page
    assert f"/problems/{mine}/" not in page.partition("alike-title")[2].partition("</section>")[0]


async def test_what_i_follow_is_mine_too_and_meaning_finds_it(desk, cast):
    one = await a_problem(desk, cast.ada, "Wet shoes")
    other = await a_problem(desk, cast.ada, "Damp socks")
    far = await a_problem(desk, cast.ada, "No hymn books")
    hardly = await a_problem(desk, cast.ada, "A long queue")
    a_little = [0.4, 0.0, 0.0, 0.84**0.5, *[0.0] * 380]
    for number, vector in ((one, FLOODING), (other, NEAR_FLOODING), (far, MUSIC), (hardly, a_little)):
        await means(desk, "problem", number, vector)
    async with desk.reading(cast.bo) as work:
        assert await alike_elsewhere(work, cast.bo.id) == []
    async with desk.writing(cast.bo) as work:
        await follow(work, one)
    async with desk.reading(cast.bo) as work:
        assert [(row.problem_id, row.by_words) for row in await alike_elsewhere(work, cast.bo.id)] == [(other, False)]


# The page


async def test_a_stranger_is_told_what_it_is(client):
    page = await client.get("/for-you")
    assert page.status_code == 200
    assert 'href="/login?next=/for-you"' in page.text
    assert "for-you:" not in page.text


async def test_who_has_said_nothing_is_invited_and_sees_what_is_new(dee_client, cast):
    page = (await dee_client.get("/for-you")).text
    assert "Say once what you can do" in page
    assert 'href="/account/abilities"' in page
    assert "New on the board" in page
    assert "Basements on Brook Lane flood" in page
    assert f"/live?on=for-you:{cast.dee.id}" in page
    assert "never by a department" in page


async def test_it_says_when_only_words_were_compared(desk, cast, bo_client):
    await able_to(desk, cast.bo, "flooding")
    assert "Matched by words only" in (await bo_client.get("/for-you")).text
    await means(desk, "person", cast.bo.id, FLOODING)
    assert "Matched by words only" not in (await bo_client.get("/for-you")).text


async def test_what_i_am_asked_stands_first_and_is_nobody_elses(desk, cast, bo_client, dee_client):
    need = await a_need(desk, cast, cast.problem, "somebody with a <pump>")
    async with desk.writing() as work:
        for who, state in ((cast.bo, "asked"), (cast.cy, "waiting")):
            work.session.add(
                Ask(
                    need_id=need, person_id=who.id, by_id=cast.ada.id, ring=1, made_at=work.now, due_at=work.now,
                    why=["You know about pumps."], state=state, asked_at=work.now,
                )
            )  # fmt: skip
    page = (await bo_client.get("/for-you")).text
    assert page.index("You are asked") < page.index("Needs what you can do")
    assert "somebody with a &lt;pump&gt;" in page
    assert "Ada Kaur asks" in page
    assert "You know about pumps." in page
    answers = re.findall(r'formaction="/asks/\d+/answer" name="answer" value="(\w+)"', page)
    assert answers == ["yes", "not_now", "not_me"], "one tap from here as well"
    assert "You are asked" not in (await dee_client.get("/for-you")).text


async def test_peoples_words_are_escaped(desk, cast, bo_client):
    await able_to(desk, cast.bo, "pumps")
    await a_problem(desk, cast.ada, "A <b>pump</b> & more", tags=("pumps",), help_wanted="<i>one</i> pump")
    page = (await bo_client.get("/for-you")).text
    assert "A &lt;b&gt;pump&lt;/b&gt; &amp; more" in page
    assert "&lt;i&gt;one&lt;/i&gt; pump" in page


# Live


async def suited(desk, cursor):
    async with desk.reading() as work:
        return [one.event for one in await since(work.session, cursor) if isinstance(one.event, ProblemSuited)]


async def test_a_new_problem_is_told_to_the_pages_of_those_it_fits(app, desk, cast, bo_client):
    await able_to(desk, cast.bo, "pumps")
    await able_to(desk, cast.cy, "music")
    await able_to(desk, cast.ada, "pumps")
    async with desk.reading() as work:
        cursor = await present(work.session)
    number = await a_problem(desk, cast.ada, tags=("pumps",), help_wanted="a pump")
    async with desk.reading() as work:
        left = (await work.session.execute(text("SELECT entrypoint, payload FROM pgqueuer ORDER BY id"))).all()
    assert ("suit", f'{{"problem_id": {number}}}') in [(name, bytes(payload).decode()) for name, payload in left]
    # A worker that died at its end does it again, and nobody is told twice; Ada posted it.
    for _ in range(2):
        await suit(desk, {"problem_id": number})
    assert await suited(desk, cursor) == [ProblemSuited(cast.bo.id, number)]
    async with desk.reading() as work:
        fragment = await show_suggestion(work, ProblemSuited(cast.bo.id, number), weights=Weights())
        with pytest.raises(Missing):
            await show_suggestion(work, ProblemSuited(cast.cy.id, number), weights=Weights())
    assert (fragment.target, fragment.key) == ("#arrivals", f"fit-{number}")
    html = app.state.kit.pages.render(fragment.template, fragment.context).strip()
    assert html in (await bo_client.get("/for-you")).text


async def test_an_errand_that_breaks_off_has_told_nobody(desk, cast):
    await able_to(desk, cast.bo, "pumps")
    number = await a_problem(desk, cast.ada, tags=("pumps",))
    async with desk.reading() as work:
        cursor = await present(work.session)

    async def die():
        async with desk.writing() as work:
            assert await tell_pages(work, number) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await die()
    assert await suited(desk, cursor) == []
    await suit(desk, {"problem_id": 987_654})


async def errands(desk):
    """What was left to a worker, done as a worker does it; and what that was."""
    async with desk.writing() as work:
        left = [
            Errand.read(bytes(payload))
            for name, payload in await work.session.execute(
                text("SELECT entrypoint, payload FROM pgqueuer WHERE entrypoint = 'suit' ORDER BY id")
            )
        ]
        await work.session.execute(text("DELETE FROM pgqueuer"))
    for payload in left:
        await suit(desk, payload)
    return left


async def shown(app, desk, cursor, who):
    """What the open page of somebody got since then, as HTML, by the renderers that the hub goes by."""
    async with desk.reading() as work:
        happened = [one for one in await since(work.session, cursor) if one.event is not None]
        fragments = await Renderers(RENDERERS, weights=Weights()).render(work, happened, f"for-you:{who.id}")
    return {one.key or one.target: app.state.kit.pages.envelope(one) for one in fragments}


async def cursor_of(desk):
    async with desk.reading() as work:
        return await present(work.session)


async def test_an_officer_of_another_department_sees_a_new_need_on_an_open_page(app, desk, cast):
    """The parks' officer lives elsewhere, the problem speaks of books: what Cy can do decides, with the reason."""
    await able_to(desk, cast.cy, "drainage")
    await able_to(desk, cast.dee, "music")
    async with desk.writing() as work:
        made = await an_organisation(work, slug="millbrook-parks", name="Parks", kind="department", email_domains=[])
        await appoint(work, made, cast.cy.id, role="officer", title="Trees")
    number = await a_problem(desk, cast.ada, "The library smells", tags=("books",), place="Brook Lane")
    await errands(desk)
    cursor = await cursor_of(desk)
    await added(desk, cast.ada, number, "somebody who finds where it comes from", kind="skill", tags=["drainage"])
    # A worker that died at its end does it again.
    (payload,) = await errands(desk)
    await suit(desk, payload)
    assert await suited(desk, cursor) == [ProblemSuited(cast.cy.id, number)]
    html = (await shown(app, desk, cursor, cast.cy))[f"fit-{number}"]
    assert "The library smells" in html
    assert "You know about drainage." in html
    assert "Why you" in html
    assert await shown(app, desk, cursor, cast.dee) == await shown(app, desk, cursor, cast.ada) == {}


async def test_a_need_that_comes_after_its_problem_was_told_is_told(app, desk, cast):
    """What the problem itself says fitted Bo, so he was told of it just now; the need is news all the same."""
    await able_to(desk, cast.bo, "books", "drainage")
    number = await a_problem(desk, cast.ada, "The library smells", tags=("books",))
    await errands(desk)
    cursor = await cursor_of(desk)
    await added(desk, cast.ada, number, kind="skill", tags=["drainage"])
    await errands(desk)
    assert f"fit-{number}" in await shown(app, desk, cursor, cast.bo)


async def test_who_only_uses_the_same_words_sees_it_on_an_open_page(app, desk, cast):
    """As a fresh page would show it, where no model has read it."""
    await able_to(desk, cast.bo, words="I have read many a culvert survey in my time.")
    await able_to(desk, cast.cy, words="I play the oboe.")
    cursor = await cursor_of(desk)
    need = await added(desk, cast.ada, cast.problem, "Somebody for a culvert survey", kind="skill")
    await errands(desk)
    assert await suited(desk, cursor) == [ProblemSuited(cast.bo.id, cast.problem)]
    assert "culvert" in (await shown(app, desk, cursor, cast.bo))[f"fit-{cast.problem}"]
    # Once one has, words alone are no reason.
    await means(desk, "need", need, MUSIC)
    cursor = await cursor_of(desk)
    await added(desk, cast.ada, cast.problem, "Another culvert survey", kind="skill")
    await errands(desk)
    assert await suited(desk, cursor) == []


async def settled(desk, cast, need):
    async with desk.writing(cast.ada) as work:
        await settle_need(work, need)


async def dismissed(desk, cast, need):
    async with desk.writing(cast.ada) as work:
        await dismiss_need(work, need)


async def reworded(desk, cast, need):
    async with desk.writing(cast.ada) as work:
        await edit_need(work, need, kind="thing", what="Two oboes", tags=["music"])


async def sorted_out(desk, cast, need):
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="sorted", why="It is dry.")


async def met(desk, cast, need):
    await a_welcome_offer(desk, cast.dee, cast, need_id=need)


@pytest.mark.parametrize("deed", [settled, dismissed, reworded, sorted_out, met])
async def test_what_is_no_longer_needed_says_so_on_an_open_page(app, desk, cast, bo_client, deed):
    await able_to(desk, cast.bo, "drainage")
    need = await added(desk, cast.ada, cast.problem, kind="skill", tags=["drainage"])
    await errands(desk)
    assert f'id="fit-{cast.problem}"' in (await bo_client.get("/for-you")).text
    cursor = await cursor_of(desk)
    await deed(desk, cast, need)
    await errands(desk)
    html = (await shown(app, desk, cursor, cast.bo))[f"fit-{cast.problem}"]
    assert f'hx-target="#fit-{cast.problem}" hx-swap="outerHTML"' in html
    assert "no longer needed" in html
    assert "I can help" not in html
    assert f'id="fit-{cast.problem}"' not in (await bo_client.get("/for-you")).text


async def test_other_words_and_a_second_thought_are_shown_on_an_open_page(app, desk, cast, bo_client):
    await able_to(desk, cast.bo, "drainage")
    need = await added(desk, cast.ada, cast.problem, kind="skill", tags=["drainage"])
    await errands(desk)
    cursor = await cursor_of(desk)
    async with desk.writing(cast.ada) as work:
        await edit_need(work, need, kind="skill", what="Somebody with a long rod", tags=["drainage"])
    await settled(desk, cast, need)
    async with desk.writing(cast.ada) as work:
        await reopen_need(work, need)
    await errands(desk)
    html = (await shown(app, desk, cursor, cast.bo))[f"fit-{cast.problem}"]
    assert "Somebody with a long rod" in html
    assert "hx-upsert" in html


async def test_what_i_offer_for_goes_from_my_open_page_and_an_offer_that_waits_from_no_other(app, desk, cast):
    for who in (cast.bo, cast.cy):
        await able_to(desk, who, "drainage")
    need = await added(desk, cast.ada, cast.problem, kind="skill", tags=["drainage"])
    await errands(desk)
    cursor = await cursor_of(desk)
    await an_offer(desk, cast.bo, cast.problem, need_id=need)
    assert await errands(desk) == []
    assert "no longer needed" in (await shown(app, desk, cursor, cast.bo))[f"fit-{cast.problem}"]
    assert await shown(app, desk, cursor, cast.cy) == {}


async def test_who_says_what_they_can_do_sees_it_on_the_page_that_is_open(app, desk, cast, bo_client):
    await added(desk, cast.ada, cast.problem, kind="skill", tags=["drainage"])
    await a_problem(desk, cast.ada, "Hymn books are missing", tags=("music",), help_wanted="hymn books")
    cursor = await cursor_of(desk)
    for tags in (("music",), ("drainage",)):
        async with desk.writing(cast.bo) as work:
            await say_ability(work, tags=tags, words="")
    found = await shown(app, desk, cursor, cast.bo)
    page = (await bo_client.get("/for-you")).text
    assert "Basements on Brook Lane flood" in found["#notices"]
    assert "Hymn books" not in found["#notices"]
    assert "Nothing fits just now" in found["#no-fits"]
    async with desk.reading() as work:
        for fragment in await show_all_fits(work, AbilityChanged(cast.bo.id), weights=Weights()):
            assert app.state.kit.pages.render(fragment.template, fragment.context).strip() in page
    assert await shown(app, desk, cursor, cast.dee) == {}


async def test_where_i_live_is_heard_by_the_page_that_is_open(app, desk, cast):
    await able_to(desk, cast.bo, "flooding")
    async with desk.reading() as work:
        home = (await work.session.execute(text("SELECT id FROM places WHERE slug = 'brook-lane'"))).scalar()
    cursor = await cursor_of(desk)
    async with desk.writing(cast.bo) as work:
        await update_profile(work, name="Bo Adeyemi", about="", place_id=home, shows_presence=True)
    assert "You live in Brook Lane" in (await shown(app, desk, cursor, cast.bo))["#notices"]


async def test_who_is_signed_in_nowhere_is_told_nothing(desk, cast):
    await able_to(desk, cast.bo, "pumps")
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE sessions SET ended_at = now() WHERE person_id = :p"), {"p": cast.bo.id})
    async with desk.reading() as work:
        cursor = await present(work.session)
    await suit(desk, {"problem_id": await a_problem(desk, cast.ada, tags=("pumps",))})
    assert await suited(desk, cursor) == []


async def test_the_page_of_one_is_watched_by_no_other(desk, cast):
    async with desk.reading(cast.bo) as work:
        assert (await watch_for_you(work, str(cast.bo.id))).counted is False
        assert await watch_for_you(work, str(cast.ada.id)) is None
    async with desk.reading() as work:
        assert await watch_for_you(work, str(cast.bo.id)) is None


async def test_one_problem_fits_as_in_the_list(desk, cast):
    await able_to(desk, cast.bo, "drainage", place="brook-lane")
    await a_need(desk, cast, cast.problem, tags=["drainage"])
    (listed,) = await for_person(desk, cast.bo)
    async with desk.reading() as work:
        assert await find_suggestion(work, await find_able(work, cast.bo.id), cast.problem, Weights()) == listed


async def test_the_page_asks_for_nothing_by_script_alone(app, desk, cast):
    await able_to(desk, cast.bo, "flooding")
    async with client_for(app, token=cast.tokens["bo"], script=True) as bo:
        answer = await bo.post(f"/for-you/less/{cast.problem}")
    assert answer.headers["HX-Redirect"] == "/for-you?said=less"
