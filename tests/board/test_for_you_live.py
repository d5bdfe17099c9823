"""What stands on somebody's own page beside what needs them, live: questions, how others ended, what is new near."""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy import text, update

from civicboard.board.events import AlikeMoved, QuestionSuited, SilenceNoticed
from civicboard.board.jobs import mind_silence
from civicboard.kit.outbox import since
from civicboard.matching.actions.meanings import record_meanings
from civicboard.matching.models import Meaning
from civicboard.people.models import Block, Session
from civicboard.posts.actions import edit_post
from civicboard.problems.actions import edit_problem, follow
from civicboard.progress.actions import set_stage
from civicboard.skills.models import Skill
from civicboard.watching import watch_for_you
from tests.board.own_page import a_problem, able_to, cursor_of, errands, shown
from tests.cast import Told, a_post, an_offer
from tests.conftest import client_for


async def means(desk, kind, subject, *, alike=1.0):
    vector = [alike, (1 - alike**2) ** 0.5, *[0.0] * 382]
    async with desk.writing() as work:
        made = {"model": "a-model", "made_of": "x", "made_at": work.now, "vector": vector}
        work.session.add(Meaning(kind=kind, subject_id=subject, **made))


async def happened(desk, cursor, kind):
    async with desk.reading() as work:
        return [one.event for one in await since(work.session, cursor) if isinstance(one.event, kind)]


# Questions


async def test_a_question_comes_to_the_open_page_of_who_could_answer_it(app, desk, cast, bo_client):
    await able_to(desk, cast.bo, "flooding")
    await able_to(desk, cast.cy, "music")
    await able_to(desk, cast.dee, "flooding")
    await able_to(desk, cast.ada, "flooding")
    async with desk.writing() as work:  # what needs Bo is another thing
        await work.session.execute(text("UPDATE problems SET help_wanted = ''"))
    cursor = await cursor_of(desk)
    post = await a_post(desk, cast.dee, cast.problem, "Does the culvert have a grille?")
    await errands(desk, again=2)
    told = await happened(desk, cursor, QuestionSuited)
    assert told == [QuestionSuited(who.id, cast.problem, post) for who in (cast.ada, cast.bo)], (
        "once, and not its author"
    )
    key = f"question-{cast.problem}-{post}"
    html = (await shown(app, desk, cursor, f"for-you:{cast.bo.id}"))[key]
    assert 'hx-target="#questions"' in html
    assert "You know about flooding." in html
    piece = html[html.index("<article") : html.index("</article>")]
    assert piece in (await bo_client.get("/for-you")).text, "as the page itself shows it"
    assert key not in await shown(app, desk, cursor, f"for-you:{cast.cy.id}")


async def test_what_asks_nothing_or_stands_there_already_is_no_question_as_well(app, desk, cast):
    await able_to(desk, cast.bo, "flooding")
    await errands(desk)
    cursor = await cursor_of(desk)
    await a_post(desk, cast.dee, cast.problem, "It has a grille.")
    await errands(desk)
    assert await happened(desk, cursor, QuestionSuited) == []
    # The problem itself needs Bo, and stands above.
    await a_post(desk, cast.dee, cast.problem, "Or does it?")
    await errands(desk)
    assert len(await happened(desk, cursor, QuestionSuited)) == 1
    assert await shown(app, desk, cursor, f"for-you:{cast.bo.id}") == {}


async def test_a_question_comes_by_its_meaning_once_a_model_has_read_it(app, desk, cast):
    await able_to(desk, cast.bo, words="Thirty winters on becks.")
    await means(desk, "person", cast.bo.id)
    cursor = await cursor_of(desk)
    post = await a_post(desk, cast.dee, cast.problem, "Does the culvert have a grille?")
    await errands(desk)
    assert await happened(desk, cursor, QuestionSuited) == []
    await means(desk, "post", post)
    async with desk.writing() as work:
        await record_meanings(work, "post", [post], read_before=())
    await errands(desk)
    assert await happened(desk, cursor, QuestionSuited) == [QuestionSuited(cast.bo.id, cast.problem, post)]
    html = (await shown(app, desk, cursor, f"for-you:{cast.bo.id}"))[f"question-{cast.problem}-{post}"]
    assert "It is close to what you said you can do." in html


async def test_an_answer_is_told_where_the_question_stands_and_a_second_thought_is_none(app, desk, cast):
    post = await a_post(desk, cast.dee, cast.problem, "Does the culvert have a <grille>?")
    cursor = await cursor_of(desk)
    await a_post(desk, cast.dee, cast.problem, "The upper one, I mean.")
    key = f"question-{cast.problem}-{post}"
    assert key not in await shown(app, desk, cursor, "for-you")
    await a_post(desk, cast.ada, cast.problem, "It has one.")
    html = (await shown(app, desk, cursor, "for-you"))[key]
    assert f'hx-target="#{key}" hx-swap="outerHTML"' in html
    assert "It no longer waits for an answer." in html
    assert "Answer<" not in html


async def spoken(desk, cast):
    await a_post(desk, cast.dee, cast.problem, "I saw it too.")


async def offered(desk, cast):
    await an_offer(desk, cast.dee, cast.problem)


async def sorted_out(desk, cast):
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="sorted", why="It is dry.")


@pytest.mark.parametrize("deed", [spoken, offered, sorted_out])
async def test_a_problem_that_nobody_had_said_anything_about_waits_no_more(app, desk, cast, clock, bo_client, deed):
    await able_to(desk, cast.bo, "flooding")
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE problems SET help_wanted = ''"))
    clock.turn(days=3)
    key = f"question-{cast.problem}-0"
    assert f'id="{key}"' in (await bo_client.get("/for-you")).text
    cursor = await cursor_of(desk)
    await deed(desk, cast)
    assert "no longer waits" in (await shown(app, desk, cursor, "for-you"))[key]
    assert f'id="{key}"' not in (await bo_client.get("/for-you")).text


async def test_what_a_question_names_is_for_who_knows_of_it_whatever_the_problem_is_about(app, desk, cast):
    async with desk.writing() as work:
        work.session.add(Skill(tag="drainage", synonyms=["drains"]))
    await able_to(desk, cast.bo, "drainage")
    number = await a_problem(desk, cast.ada, "The lamp is out", tags=("lighting",))
    cursor = await cursor_of(desk)
    post = await a_post(desk, cast.dee, number, "The cable lies deep. Who knows where the drains run?")
    await errands(desk)
    assert QuestionSuited(cast.bo.id, number, post) in await happened(desk, cursor, QuestionSuited)
    html = (await shown(app, desk, cursor, f"for-you:{cast.bo.id}"))[f"question-{number}-{post}"]
    assert "You know about drainage." in html


async def test_an_edit_that_asks_something_is_heard_too(desk, cast):
    await able_to(desk, cast.bo, "flooding")
    cursor = await cursor_of(desk)
    post = await a_post(desk, cast.dee, cast.problem, "It has a grille.")
    async with desk.writing(cast.dee) as work:
        await edit_post(work, post, words="Has it a grille?", seen_version=1)
    await errands(desk)
    assert await happened(desk, cursor, QuestionSuited) == [QuestionSuited(cast.bo.id, cast.problem, post)]


async def test_what_is_only_perhaps_for_somebody_is_no_question_to_them(desk, cast, clock, bo_client):
    """A whole problem that nobody has asked them about, or reports of one name by the hundred."""
    await able_to(desk, cast.bo, words="Thirty winters on becks.")
    await means(desk, "person", cast.bo.id)
    numbers = [await a_problem(desk, cast.ada, "Roadway issue") for _ in range(3)]
    number = await a_problem(desk, cast.ada, "Wet shoes")
    for one in numbers:
        await means(desk, "problem", one)
    await means(desk, "problem", number, alike=0.3)
    clock.turn(days=3)
    page = (await bo_client.get("/for-you")).text
    assert re.findall(r'id="question-(\d+)-0"', page) == [str(max(numbers))]
    assert "Wet shoes" not in page.partition("questions-title")[2]


async def test_a_problem_that_falls_silent_comes_to_the_open_page_of_who_could_speak(app, desk, cast, clock, bo_client):
    await able_to(desk, cast.bo, "flooding")
    await able_to(desk, cast.cy, "music")
    await able_to(desk, cast.ada, "flooding")
    async with desk.writing() as work:  # what needs Bo is another thing
        await work.session.execute(text("UPDATE problems SET help_wanted = ''"))
    cursor = await cursor_of(desk)
    clock.turn(days=1, hours=23)
    await mind_silence(desk)
    assert await happened(desk, cursor, QuestionSuited) == []
    clock.turn(hours=2)
    for _ in range(2):
        await mind_silence(desk)
    told = await happened(desk, cursor, QuestionSuited)
    assert told == [QuestionSuited(cast.bo.id, cast.problem, None)], "once, and not who posted it"
    key = f"question-{cast.problem}-0"
    html = (await shown(app, desk, cursor, f"for-you:{cast.bo.id}"))[key]
    assert "Nobody has said anything yet" in html
    piece = html[html.index("<article") : html.index("</article>")]
    assert piece in (await bo_client.get("/for-you")).text, "as the page itself shows it"
    assert key not in await shown(app, desk, cursor, f"for-you:{cast.cy.id}")


@pytest.mark.parametrize("deed", [spoken, offered, sorted_out])
async def test_a_problem_that_somebody_has_spoken_of_falls_not_silent(desk, cast, clock, deed):
    await able_to(desk, cast.bo, "flooding")
    cursor = await cursor_of(desk)
    await deed(desk, cast)
    clock.turn(days=2, hours=1)
    await mind_silence(desk)
    assert await happened(desk, cursor, SilenceNoticed) == []


async def test_what_has_been_silent_for_long_is_no_news(desk, cast, clock):
    """Nor what an import brings of long ago, by the thousand: it stands on the page that is fetched."""
    await able_to(desk, cast.bo, "flooding")
    cursor = await cursor_of(desk)
    clock.turn(days=3, hours=1)
    await mind_silence(desk)
    assert await happened(desk, cursor, SilenceNoticed) == []


async def test_two_workers_tell_of_a_silence_once(desk, cast, clock):
    await able_to(desk, cast.bo, "flooding")
    cursor = await cursor_of(desk)
    clock.turn(days=2, hours=1)
    await asyncio.gather(*(mind_silence(desk) for _ in range(4)))
    assert await happened(desk, cursor, SilenceNoticed) == [SilenceNoticed(cast.problem)]
    assert len(await happened(desk, cursor, QuestionSuited)) == 1


async def test_a_question_that_is_put_in_other_words_says_so_where_it_stands(app, desk, cast, bo_client):
    await able_to(desk, cast.bo, "flooding")
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE problems SET help_wanted = ''"))
    post = await a_post(desk, cast.dee, cast.problem, "Does the culvert have a grille?")
    key = f"question-{cast.problem}-{post}"
    cursor = await cursor_of(desk)
    async with desk.writing(cast.dee) as work:
        await edit_post(work, post, words="Does the <upper> culvert have a grille?", seen_version=1)
    html = (await shown(app, desk, cursor, "for-you"))[f"{key}-says"]
    assert f'hx-target="#{key}-says" hx-swap="outerHTML"' in html
    piece = html[html.index("<div") : html.index("</div>")]
    assert "&lt;upper&gt;" in piece
    assert piece in (await bo_client.get("/for-you")).text


async def test_a_question_that_is_edited_away_comes_back_where_it_stood(app, desk, cast, bo_client):
    """On a page that stays open: what it says is put in its place, and the rest of its card is hidden meanwhile."""
    await able_to(desk, cast.bo, "flooding")
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE problems SET help_wanted = ''"))
    post = await a_post(desk, cast.dee, cast.problem, "Has the culvert a grille?")
    key = f"question-{cast.problem}-{post}"
    cursor = await cursor_of(desk)

    async def says(words, version):
        async with desk.writing(cast.dee) as work:
            await edit_post(work, post, words=words, seen_version=version)
        sent = await shown(app, desk, cursor, "for-you")
        assert key not in sent, "the card itself stays"
        return sent[f"{key}-says"]

    gone = await says("It has a grille, I see.", 1)
    assert '<p class="meta moved-on">It no longer waits for an answer.</p>' in gone
    assert key not in (await bo_client.get("/for-you")).text
    back = await says("Has it a <fine> grille?", 2)
    piece = back[back.index("<div") : back.index("</div>")]
    assert "&lt;fine&gt;" in piece
    assert "no longer waits" not in piece
    assert piece in (await bo_client.get("/for-you")).text
    assert "no longer waits" in await says("It has one.", 3)
    await a_post(desk, cast.ada, cast.problem, "It has.")
    async with desk.writing(cast.dee) as work:
        await edit_post(work, post, words="Has it one?", seen_version=4)
    assert "no longer waits" in (await shown(app, desk, cursor, "for-you"))[f"{key}-says"], "it has its answer by then"


async def test_the_title_of_a_problem_is_edited_over_what_was_asked_on_it(app, desk, cast, bo_client):
    await able_to(desk, cast.bo, "flooding")
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE problems SET help_wanted = ''"))
    answered = await a_post(desk, cast.bo, cast.problem, "Is it deep?")
    waiting = await a_post(desk, cast.dee, cast.problem, "Has it a <grille>?")
    said = await a_post(desk, cast.dee, cast.problem, "I mean the upper one.")
    cursor = await cursor_of(desk)
    told = Told(title="The brook is <high>", help_wanted="", tags=("flooding",))
    async with desk.writing(cast.ada) as work:
        await edit_problem(work, cast.problem, told, why="", seen_revision=1)
    sent = await shown(app, desk, cursor, "for-you")
    html = sent[f"question-{cast.problem}-{waiting}-says"]
    piece = html[html.index("<div") : html.index("</div>")]
    assert "The brook is &lt;high&gt;" in piece
    assert piece in (await bo_client.get("/for-you")).text, "as the page itself shows it"
    for other in (answered, said, 0):
        assert f"question-{cast.problem}-{other}-says" not in sent


async def test_a_silent_problem_that_is_edited_says_so_where_it_stands(app, desk, cast, clock, bo_client):
    await able_to(desk, cast.bo, "flooding")
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE problems SET help_wanted = ''"))
    clock.turn(days=2, hours=1)
    cursor = await cursor_of(desk)
    told = Told(title="The brook is <high>", help_wanted="", tags=("flooding",))
    async with desk.writing(cast.ada) as work:
        await edit_problem(work, cast.problem, told, why="", seen_revision=1)
    html = (await shown(app, desk, cursor, "for-you"))[f"question-{cast.problem}-0-says"]
    piece = html[html.index("<div") : html.index("</div>")]
    assert "&lt;high&gt;" in piece
    assert piece in (await bo_client.get("/for-you")).text
    await a_post(desk, cast.dee, cast.problem, "I saw it too.")
    assert f"question-{cast.problem}-0-says" not in await shown(app, desk, cursor, "for-you")


# Like yours, elsewhere


async def test_how_one_like_mine_ended_comes_to_my_open_page(app, desk, cast, dee_client):
    await a_problem(desk, cast.dee, "Our cellar is wet", tags=("flooding",))
    await a_problem(desk, cast.bo, "No hymn books", tags=("music",))
    await errands(desk)
    cursor = await cursor_of(desk)
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="sorted", why="A <grille> did it.")
    await errands(desk, again=2)
    told = {one.person_id for one in await happened(desk, cursor, AlikeMoved)}
    assert told == {cast.dee.id, cast.ada.id}, "who has one like it, and who posted it, whose list may be another"
    html = (await shown(app, desk, cursor, f"for-you:{cast.dee.id}"))[f"alike-{cast.problem}"]
    assert 'hx-target="#alike"' in html
    assert "A &lt;grille&gt; did it." in html
    piece = html[html.index("<li") : html.index("</li>")]
    assert piece in (await dee_client.get("/for-you")).text
    assert f"alike-{cast.problem}" not in await shown(app, desk, cursor, f"for-you:{cast.ada.id}"), "one's own is not"


async def test_one_that_is_like_mine_in_meaning_comes_once_it_is_read(app, desk, cast):
    """Dee only follows hers, and Bo, who is signed in nowhere, has no page open."""
    own = await a_problem(desk, cast.ada, "Wet shoes")
    for who in (cast.dee, cast.bo):
        async with desk.writing(who) as work:
            await follow(work, own)
    async with desk.writing() as work:
        await work.session.execute(update(Session).where(Session.person_id == cast.bo.id).values(ended_at=work.now))
    await means(desk, "problem", own)
    number = await a_problem(desk, cast.cy, "Damp socks")
    async with desk.writing(cast.cy) as work:
        await set_stage(work, number, to="trying", why="A stove, for a week.")
    await means(desk, "problem", number)
    await errands(desk)
    cursor = await cursor_of(desk)
    async with desk.writing() as work:
        await record_meanings(work, "problem", [number], read_before=())
    await errands(desk)
    told = {one.person_id for one in await happened(desk, cursor, AlikeMoved)}
    assert told == {cast.dee.id, cast.ada.id, cast.cy.id}
    html = (await shown(app, desk, cursor, f"for-you:{cast.dee.id}"))[f"alike-{number}"]
    assert "Like “Wet shoes”" in html
    cursor = await cursor_of(desk)
    async with desk.writing(cast.cy) as work:
        await set_stage(work, number, to="open", why="It smokes.")
    await errands(desk)
    html = (await shown(app, desk, cursor, f"for-you:{cast.dee.id}"))[f"#alike-{number}"]
    assert f'hx-target="#alike-{number}" hx-swap="delete"' in html, "nothing has come of it after all"


# New near you


async def test_what_is_new_is_fetched_by_each_page_for_its_own_person(app, desk, cast, dee_client):
    cursor = await cursor_of(desk)
    number = await a_problem(desk, cast.ada, "The lamp is <out>")
    hint = (await shown(app, desk, cursor, "for-you"))["#nearby-moved"]
    assert 'data-hint="5000"' in hint, "within five seconds, so that not all pages ask at once"
    assert "lamp" not in hint
    page = (await dee_client.get("/for-you")).text
    assert '<span id="nearby-moved" hidden></span>' in page
    async with client_for(app, token=cast.tokens["dee"], script=True) as dee:
        pieces = (await dee.get("/for-you/nearby")).text
        ids = re.findall(r'id="near-(\d+)"', pieces)
        assert ids == [str(cast.problem), str(number)], "the newest last, since it comes in at the end"
        for piece in re.findall(r"<li.*?</li>", pieces, re.DOTALL):
            assert piece in page
        async with desk.writing() as work:
            work.session.add(Block(person_id=cast.dee.id, blocked_id=cast.ada.id, since=work.now))
        assert "lamp" not in (await dee.get("/for-you/nearby")).text
    assert (await dee_client.get("/for-you/nearby")).headers["location"] == "/for-you#nearby-title"


async def test_what_was_new_says_that_it_is_sorted(app, desk, cast):
    cursor = await cursor_of(desk)
    await sorted_out(desk, cast)
    html = (await shown(app, desk, cursor, "for-you"))[f"near-{cast.problem}"]
    assert f'hx-target="#near-{cast.problem}" hx-swap="outerHTML"' in html
    assert "Sorted" in html


async def test_who_fits_something_fetches_nothing(desk, cast, bo_client):
    await able_to(desk, cast.bo, "flooding")
    assert "nearby-moved" not in (await bo_client.get("/for-you")).text


async def test_where_nothing_is_near_yet_what_comes_is_fetched(desk, cast, bo_client):
    await sorted_out(desk, cast)
    page = (await bo_client.get("/for-you")).text
    assert 'id="nearby-moved"' in page
    assert 'id="near-' not in page


async def test_what_all_such_pages_hear_is_for_who_is_signed_in(desk, cast):
    async with desk.reading(cast.bo) as work:
        assert (await watch_for_you(work, "")).counted is False
    async with desk.reading() as work:
        assert await watch_for_you(work, "") is None
