from __future__ import annotations

import html
import re
from dataclasses import asdict

import pytest

from civicboard.kit import web
from civicboard.kit.diff import A_PAGE
from civicboard.people.queries import find_draft
from civicboard.places.actions import put_place
from civicboard.problems.actions import edit_problem
from civicboard.problems.queries import find_problem, revisions_of
from civicboard.settings import Settings
from tests.cast import Cast, Told, problem_now
from tests.conftest import client_for, running

FORM = {
    "title": "Basements on Brook Lane flood again",
    "story": "Twelve houses by now, and it came through the wall.",
    "place": "Brook Lane",
    "whereabouts": "",
    "coordinates": "",
    "tags": "flooding",
    "help_wanted": "",
    "why": "More houses",
}


@pytest.fixture
def path(cast):
    return f"/problems/{cast.problem}/edit"


async def edit(desk, cast, revision, **words):
    async with desk.writing(cast.ada) as work:
        told = Told(**{**asdict(Told()), **words})
        await edit_problem(work, cast.problem, told, why="", seen_revision=revision)


async def draft_of(desk, browser, name):
    async with desk.reading() as work:
        return await find_draft(work, web.hashed(browser.cookies["browser"]), name)


@pytest.mark.parametrize("changed", [{}, {"title": ""}, {"do": "preview"}])
async def test_an_edit_outlives_the_session(app, client, desk, cast, path, changed):
    answer = await client.post(path, data={**FORM, "revision": "1", **changed})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/login?next=%2Fproblems%2F{cast.problem}%2Fedit")
    client.cookies.set("session", cast.tokens["ada"], domain="testserver.local")
    form = await client.get(path)
    assert form.status_code == 200
    assert FORM["story"] in form.text
    assert "This is how you left it" in form.text
    assert f'data-draft="edit:{cast.problem}"' in form.text
    afresh = await client.get(f"{path}?afresh=1")
    assert FORM["story"] not in afresh.text
    saved = await client.post(path, data={**FORM, "revision": "1"})
    assert saved.status_code == 303
    assert await draft_of(desk, client, f"edit:{cast.problem}") is None
    assert "This is how you left it" not in (await client.get(path)).text


async def test_an_edit_meanwhile_loses_nobody_s_words(ada_client, desk, cast, path):
    await edit(desk, cast, 1, story="Somebody else was quicker, and says <so> here.")
    answer = await ada_client.post(path, data={**FORM, "revision": "1"})
    assert answer.status_code == 409
    summary, _, rest = answer.text.partition("<h1>")
    assert "edited in another tab meanwhile" in summary
    form, _, now = rest.partition('id="as-it-is"')
    assert FORM["story"] in form
    assert 'name="revision" value="2"' in form
    assert "Somebody else was quicker, and says &lt;so&gt; here." in now
    again = await ada_client.post(path, data={**FORM, "revision": "2"})
    assert again.status_code == 303
    async with desk.reading() as work:
        assert (await find_problem(work, cast.problem)).story == FORM["story"]


async def test_saving_without_a_change_changes_nothing(ada_client, desk, cast, path):
    form = (await ada_client.get(path)).text
    typed = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', form)}
    story = html.unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", form, re.S)[1])
    before = await problem_now(desk, cast.problem)
    answer = await ada_client.post(path, data={**typed, "story": story, "place": "brook-lane", "do": ""})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{before.path}?said=edited"
    async with desk.writing(cast.ada) as work:
        await edit_problem(work, cast.problem, Told(), why="", seen_revision=1)
        assert work.events == []
    assert await problem_now(desk, cast.problem) == before


async def test_an_edit_that_comes_again_after_a_lost_answer_is_done(ada_client, desk, cast, path):
    first, again = [await ada_client.post(path, data={**FORM, "revision": "1"}) for _ in range(2)]
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    assert (await problem_now(desk, cast.problem)).revision_count == 2
    other = await ada_client.post(path, data={**FORM, "revision": "1", "tags": "drains"})
    assert other.status_code == 409
    await edit(desk, cast, 2, story="Thirteen houses, and the school.")
    assert (await ada_client.post(path, data={**FORM, "revision": "1"})).status_code == 409


async def test_a_browser_without_its_cookie_gets_none_for_having_nothing_to_forget(ada_client, path):
    new = {"title": "A lamp is out on Mill Street", "story": "It has been dark there since the storm."}
    for answer in (
        await ada_client.post("/problems", data=new),
        await ada_client.post(path, data={**FORM, "revision": "1"}),
    ):
        assert answer.status_code == 303
        assert "set-cookie" not in answer.headers


async def test_edits_are_counted_as_comments(app, ada_client, path):
    counted = []

    async def count(rule, key, *, new_account=False):
        counted.append(rule)
        return await hit(rule, key, new_account=new_account)

    hit, app.state.kit.rates.hit = app.state.kit.rates.hit, count
    await ada_client.post(path, data={**FORM, "revision": "1"})
    assert "comment" in counted


async def test_a_long_history_has_pages(client, desk, cast):
    for revision in range(1, A_PAGE + 5):
        await edit(desk, cast, revision, story=f"It has flooded {revision} times by now, they say.")
    history = f"/problems/{cast.problem}/history"
    newest = await client.get(history)
    assert newest.text.count("<article") == A_PAGE
    assert "<del>23</del><ins>24</ins> times" in newest.text
    assert f'href="{history}?before=6"' in newest.text
    # The oldest on the page is compared with the one that the next page begins with.
    assert "<del>4</del><ins>5</ins> times" in newest.text
    oldest = await client.get(f"{history}?before=6")
    assert oldest.text.count("<article") == 5
    assert "As posted" in oldest.text
    assert f'rel="prev" href="{history}"' in oldest.text
    assert 'rel="next"' not in oldest.text


async def test_no_more_of_a_history_is_read_than_a_page_shows(desk, cast):
    for revision in range(1, A_PAGE + 5):
        await edit(desk, cast, revision, story=f"It has flooded {revision} times by now, they say.")
    async with desk.reading() as work:
        found = await revisions_of(work, cast.problem, before=A_PAGE + 4)
    assert [revision.number for revision in found] == list(range(A_PAGE + 3, 2, -1))


async def test_a_slip_does_not_count_and_sending_again_leads_to_what_was_posted(settings: Settings, cast: Cast) -> None:
    """At the real rates: two problems in five minutes."""
    words = {
        "title": "A lamp is out on Mill Street",
        "story": "It has been dark there since the storm last week.",
        "key": "0f8fad5b-d9cb-469f-a165-70867728950e",
    }
    real = settings.model_copy(update={"rate_scale": 1.0})
    async with running(real) as board, client_for(board, token=cast.tokens["bo"]) as bo:
        for _ in range(3):
            assert (await bo.post("/problems", data={**words, "place": "Brok Lane"})).status_code == 422
        posted = await bo.post("/problems", data=words)
        again = await bo.post("/problems", data=words)
        assert posted.status_code == again.status_code == 303
        assert posted.headers["location"] == again.headers["location"]
        assert (await bo.post("/problems", data={**words, "key": ""})).status_code == 303
        too_many = await bo.post("/problems", data={**words, "key": ""})
        assert too_many.status_code == 429
        assert "That was a lot in a short time. Please try again in" in too_many.text
        assert words["story"] in too_many.text, "nothing is lost, also without a script"
        assert int(too_many.headers["retry-after"]) > 0


async def test_a_version_keeps_all_that_was_said(client, desk, cast):
    """Place and point too; and what was taken out stays readable."""
    await edit(desk, cast, 1, place="", whereabouts="", coordinates=None, tags=(), help_wanted="")
    await edit(desk, cast, 2, place="Millbrook", coordinates=(53.71, -1.96))
    history = (await client.get(f"/problems/{cast.problem}/history")).text
    newest, taken_out, posted = (article.split("</article>")[0] for article in history.split("<article")[1:])
    for label, words in (("Where", "Millbrook"), ("Coordinates", "53.71, -1.96")):
        assert f'<b>{label}:</b> <span class="change"><ins>{words}</ins></span>' in newest
    for label, words in (
        ("Needed", "someone who can read a culvert survey"),
        ("Where", "Brook Lane"),
        ("Where exactly", "The brook side"),
        ("Coordinates", "53.7, -1.95"),
        ("Tags", "flooding, drains"),
    ):
        assert f'<b>{label}:</b> <span class="change"><del>{words}</del></span>' in taken_out
        assert f'<b>{label}:</b> <span class="change">{words}</span>' in posted


async def test_a_place_is_chosen_from_all_that_there_are(client, desk, cast):
    """Two of one name can be told apart, and one that is not on the list is refused beside the field."""
    async with desk.writing() as work:
        mill_end = await put_place(work, slug="mill-end", name="Mill End", kind="ward")
        await put_place(work, slug="mill-end-brook-lane", name="Brook Lane", kind="street", parent_id=mill_end)
    client.cookies.set("session", cast.tokens["ada"], domain="testserver.local")
    form = (await client.get("/problems/new")).text
    assert '<option value="brook-lane">Brook Lane, Millbrook</option>' in form
    assert '<option value="mill-end-brook-lane">Brook Lane, Mill End</option>' in form
    assert '<option value="mill-end">Mill End</option>' in form
    words = {**FORM, "place": "mill-end-brook-lane"}
    posted = await client.post("/problems", data=words)
    assert 'href="/?place=mill-end-brook-lane"' in (await client.get(posted.headers["location"])).text
    edited = (await client.get(posted.headers["location"].split("?")[0].rsplit("/", 1)[0] + "/edit")).text
    assert '<option value="mill-end-brook-lane" selected>' in edited
    refused = await client.post("/problems", data={**words, "place": "nowhere"})
    assert refused.status_code == 422
    assert 'id="error-place"' in refused.text
