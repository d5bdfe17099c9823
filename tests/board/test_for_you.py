"""What is for one person: by what they said and where they are, with the reason."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from civicboard.board.actions import wave_away, wave_back
from civicboard.board.events import FitChanged
from civicboard.board.queries.for_you import (
    alike_elsewhere,
    nearby,
    questions_for,
)
from civicboard.board.queries.for_you.waiting import shown_of
from civicboard.kit.work import Missing, Refused
from civicboard.matching.models import Ask
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.able import find_able
from civicboard.networks.actions import come_back, step_out
from civicboard.people.models import Block
from civicboard.places.models import Place
from civicboard.problems.actions import follow
from civicboard.problems.models import Problem
from civicboard.progress.actions import set_stage
from civicboard.skills.models import Skill
from tests.board.own_page import (
    FLOODING,
    MUSIC,
    NEAR_FLOODING,
    a_need,
    a_problem,
    able_to,
    for_person,
    means,
    title_of,
    titles,
)
from tests.cast import a_post, an_offer

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
    "said", [{"state": "met"}, {"state": "being_met"}, {"state": "not_needed"}, {"by": "long ago"}, {"where": "there"}]
)
async def test_what_cannot_be_helped_any_more_is_not_there(desk, cast, clock, said):
    await able_to(desk, cast.bo, "drainage", online_only=True)
    if said.get("by"):  # over everywhere: until noon in London it still is yesterday somewhere
        said = {"by": (clock.now - timedelta(days=2)).date()}
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


async def test_what_i_have_stepped_out_of_is_suggested_no_more(desk, cast):
    await able_to(desk, cast.cy, "drainage")
    await a_need(desk, cast, cast.problem, tags=["drainage"])
    await a_post(desk, cast.cy, cast.problem, "I saw it too.")
    assert len(await for_person(desk, cast.cy)) == 1
    async with desk.writing(cast.cy) as work:
        await step_out(work, cast.problem)
    assert FitChanged(cast.cy.id, cast.problem) in work.events, "their open page looks again"
    assert await for_person(desk, cast.cy) == []
    async with desk.writing(cast.cy) as work:
        await come_back(work, cast.problem)
    assert FitChanged(cast.cy.id, cast.problem) in work.events
    assert len(await for_person(desk, cast.cy)) == 1


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


async def test_one_tag_of_many_makes_no_problem_like_mine(desk, cast):
    """Jumpers and a puddle are both about a school, and have nothing to say to each other."""
    await a_problem(desk, cast.dee, "A puddle at the school gate", tags=("schools", "flooding", "pavements"))
    ended = {}
    for title, tags in (
        ("School jumpers are dear", ("schools", "money")),
        ("A puddle at the chapel", ("flooding", "pavements")),
        ("A puddle at the nursery", ("schools", "flooding", "pavements")),
    ):
        ended[title] = await a_problem(desk, cast.ada, title, tags=tags)
        async with desk.writing(cast.ada) as work:
            await set_stage(work, ended[title], to="sorted", why="We saw to it.")
    async with desk.reading(cast.dee) as work:
        found = [row.title for row in await alike_elsewhere(work, cast.dee.id)]
    assert found == ["A puddle at the nursery", "A puddle at the chapel"]


async def test_what_i_follow_is_mine_too_and_meaning_finds_it(desk, cast):
    one = await a_problem(desk, cast.ada, "Wet shoes")
    other = await a_problem(desk, cast.ada, "Damp socks")
    far = await a_problem(desk, cast.ada, "No hymn books")
    hardly = await a_problem(desk, cast.ada, "A long queue")
    a_little = [0.47, 0.0, 0.0, (1 - 0.47**2) ** 0.5, *[0.0] * 380]
    for number, vector in ((one, FLOODING), (other, NEAR_FLOODING), (far, MUSIC), (hardly, a_little)):
        await means(desk, "problem", number, vector)
    async with desk.reading(cast.bo) as work:
        assert await alike_elsewhere(work, cast.bo.id) == []
    async with desk.writing(cast.bo) as work:
        await follow(work, one)
    async with desk.reading(cast.bo) as work:
        assert await alike_elsewhere(work, cast.bo.id) == [], "nothing has come of any of them"
    for number in (other, far, hardly):
        async with desk.writing(cast.ada) as work:
            await set_stage(work, number, to="trying", why="We try a stove.")
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
