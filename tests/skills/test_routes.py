"""The three steps without a script, the list of words, and what of it stands on pages for whom."""

from __future__ import annotations

import html
import re

import pytest

from civicboard.offers.actions import decline_offer
from civicboard.skills.actions import add_synonym, add_word, say_ability
from civicboard.skills.queries import find_ability
from tests.cast import an_offer
from tests.conftest import client_for

STEPS = ("/account/abilities", "/account/abilities/when", "/account/abilities/who")


@pytest.fixture
def own(desk, cast):
    async def finding(who=None):
        async with desk.reading(who or cast.bo) as work:
            return await find_ability(work)

    return finding


@pytest.fixture
async def words(desk, cast):
    async with desk.writing(cast.ada) as work:
        await add_word(work, tag="bookkeeping", synonyms=["book-keeping"], about="The books of a group.")
        await add_word(work, tag="driving a van", synonyms=["van"], about="")


def words_of(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)))


async def test_the_three_steps_without_a_script(bo_client, client, own, words):
    """From an empty page to what happens next, each step a page with an address of its own."""
    first = await bo_client.get(STEPS[0])
    assert "three short steps" in words_of(first.text)
    assert f'href="{STEPS[1]}">Skip this step' in first.text
    told = {
        "tags": "#Book-Keeping, juggling, van",
        "words": "Eleven *years*.",
        "things": "A van\nA ladder",
        "rooms": "The hut",
        "languages": "polish",
    }
    answer = await bo_client.post(STEPS[0], data=told)
    assert answer.status_code == 303
    how_well = await bo_client.get(answer.headers["location"])
    said = words_of(how_well.text)
    assert "We call bookkeeping what you called book-keeping" in said
    assert "We call driving a van what you called van" in said
    assert "juggling what" not in said
    levels = dict(re.findall(r'<label for="field-(level_[^"]+)">([^<]+?) <', how_well.text))
    assert levels == {
        "level_bookkeeping": "bookkeeping",
        "level_juggling": "juggling",
        "level_driving-a-van": "driving a van",
    }
    chosen = {"level_bookkeeping": "do", "level_driving-a-van": "living", "level_juggling": "", "level_more": "do"}
    answer = await bo_client.post("/account/abilities/levels", data=chosen)
    assert answer.headers["location"] == STEPS[1]
    when = await bo_client.get(STEPS[1])
    assert 'value="21:00"' in when.text
    assert 'value="08:00"' in when.text
    assert f'href="{STEPS[2]}">Skip this step' in when.text
    told = {
        "reach_brook-lane": "yes",
        "free_thu-evening": "yes",
        "hours_a_week": "2.5",
        "quiet_from": "20:00",
        "quiet_until": "07:30",
        "timezone": "Europe/London",
    }
    answer = await bo_client.post(STEPS[1], data=told)
    assert answer.headers["location"] == STEPS[2]
    assert 'href="/account/abilities/done">Skip this step' in (await bo_client.get(STEPS[2])).text
    answer = await bo_client.post(STEPS[2], data={"visibility": "public", "asks_a_week": "1"})
    done = words_of((await bo_client.get(answer.headers["location"])).text)
    assert "What happens next" in done
    assert "once a week at most" in done
    kept = await own()
    assert kept.tags == ["bookkeeping", "juggling", "driving a van"]
    assert kept.levels == {"bookkeeping": "do", "driving a van": "living"}
    assert (kept.free, kept.reach, kept.hours_a_week, kept.asks_a_week) == (["thu-evening"], ["brook-lane"], 2.5, 1)
    page = (await client.get("/people/bo")).text
    shown = ("bookkeeping", "I can do it", "juggling", "Eleven <em>years</em>.", "A van", "The hut", "Polish")
    for one in (*shown, "Thursday evening", "Brook Lane", '<a class="tag" href="/skills/driving-a-van">'):
        assert one in page, one
    # Whoever comes back finds it all as it was left.
    again = "".join([(await bo_client.get(step)).text for step in (*STEPS, "/account/abilities/levels")])
    for one in (
        'value="bookkeeping, juggling, driving a van"',
        "A van\nA ladder</textarea>",
        'name="free_thu-evening" value="yes" checked',
        'name="reach_brook-lane" value="yes" checked',
        'value="20:00"',
        '<option value="Europe/London" selected>',
        '<option value="living" selected>',
    ):
        assert one in again, one
    assert "three short steps" not in again


async def test_every_step_may_be_skipped(bo_client, own):
    assert (await bo_client.get("/account/abilities/levels")).headers["location"] == STEPS[0], "there are no tags yet"
    done = words_of((await bo_client.get("/account/abilities/done")).text)
    assert "You have not said what you can do" in done
    assert (await bo_client.post(STEPS[0], data={"tags": ""})).headers["location"] == STEPS[1]
    assert (await own()).tags == []


async def test_nobody_else_sees_it_until_they_have_chosen_who_does(app, bo_client, cast, own, words):
    """Between the first step and the third, and for good where the third is skipped; the end says so."""
    await bo_client.post(STEPS[0], data={"tags": "bookkeeping", "words": "Elevenyears"})
    assert (await own()).visibility == "matching"
    for viewer in ("", cast.tokens["ada"]):
        async with client_for(app, token=viewer) as browser:
            for page in ("/people/bo", "/skills/bookkeeping", "/search?q=Elevenyears"):
                shown = (await browser.get(page)).text.split("<main", 1)[1]
                assert "Elevenyears</p>" not in shown
                assert ('href="/people/bo"' in shown) is False
    who = (await bo_client.get(STEPS[2])).text
    assert "At the moment nobody else sees it" in who
    assert 'value="matching" checked' in who, "as it is"
    assert 'value="public" checked' not in who
    done = (await bo_client.get("/account/abilities/done")).text
    assert "Only you see what you can do" in words_of(done)
    assert '<a href="/account/abilities/who">' in done
    assert '<a href="/account/abilities/who">' in (await bo_client.get("/people/bo")).text
    await bo_client.post(STEPS[2], data={"visibility": "signed_in", "asks_a_week": "1"})
    await bo_client.post(STEPS[0], data={"tags": "bookkeeping", "words": "Twelveyears"})
    assert (await own()).visibility == "signed_in", "what was chosen stays"
    assert "At the moment nobody" not in (await bo_client.get(STEPS[2])).text


async def test_only_true_synonyms_of_ones_own_are_explained(bo_client, words, cast, desk):
    async with desk.writing(cast.bo) as work:
        await say_ability(work, tags=["van"])
    page = words_of((await bo_client.get("/account/abilities/levels?called=book-keeping,You+have+won,van")).text)
    assert "what you called van" in page
    assert "book-keeping" not in page
    assert "won" not in page


@pytest.mark.parametrize(
    ("step", "told", "field"),
    [
        (STEPS[0], {"tags": ", ".join(f"tag {n}" for n in range(13)), "words": "Kept"}, "tags"),
        (STEPS[0], {"things": "\n".join(f"thing {n}" for n in range(13)), "words": "Kept"}, "things"),
        (STEPS[1], {"hours_a_week": "some", "quiet_from": "20:15", "free_mon-morning": "yes"}, "hours_a_week"),
        (STEPS[1], {"reach_atlantis": "yes", "free_mon-morning": "yes"}, "reach"),
        (STEPS[1], {"timezone": "Nowhere", "hours_a_week": "7"}, "timezone"),
        (STEPS[2], {"visibility": "some", "asks_a_week": "1"}, "visibility"),
        (STEPS[2], {"visibility": "public", "asks_a_week": "9"}, "asks_a_week"),
    ],
)
async def test_what_cannot_be_used_comes_back_with_a_message(bo_client, own, step, told, field):
    answer = await bo_client.post(step, data=told)
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert f'href="#field-{field}"' in answer.text
    assert f'id="field-{field}"' in answer.text
    for name, value in told.items():
        if name != field and value == "yes" and "atlantis" not in name:
            assert f'name="{name}" value="yes" checked' in answer.text
        elif name in ("words", "quiet_from", "hours_a_week"):
            assert value in answer.text
    assert (await own()).said_at is None


async def test_signed_out_one_signs_in_first_and_nothing_is_lost(client, cast):
    answer = await client.get(STEPS[0])
    assert answer.headers["location"] == "/login?next=%2Faccount%2Fabilities"
    for step, told in (
        (STEPS[0], {"words": "Typed before", "tags": ",".join(map(str, range(13)))}),
        (STEPS[1], {"hours_a_week": "4", "free_sun-evening": "yes"}),
        (STEPS[2], {"visibility": "matching", "asks_a_week": "0"}),
    ):
        answer = await client.post(step, data=told)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"/login?next={step.replace('/', '%2F')}")
    client.cookies.set("session", cast.tokens["bo"], domain="testserver.local")
    assert "Typed before" in (await client.get(STEPS[0])).text
    assert 'name="free_sun-evening" value="yes" checked' in (await client.get(STEPS[1])).text
    assert 'value="matching" checked' in (await client.get(STEPS[2])).text


async def test_a_draft_goes_once_its_step_is_saved(bo_client):
    await bo_client.get(STEPS[1])
    assert (await bo_client.put("/drafts/abilities-when", data={"hours_a_week": "9"})).status_code == 204
    assert 'value="9"' in (await bo_client.get(STEPS[1])).text
    await bo_client.post(STEPS[1], data={"hours_a_week": "3"})
    assert 'value="3"' in (await bo_client.get(STEPS[1])).text


PRIVATE = {"hours_a_week": "13.25", "quiet_from": "19:17", "quiet_until": "06:43", "timezone": "Pacific/Auckland"}
CAN = {
    "tags": "bookkeeping",
    "words": "Elevenyears",
    "things": "Canaryvan",
    "rooms": "Canaryhut",
    "languages": "Gaelic",
}
SEEN = {"public": {"stranger", "ada", "bo"}, "signed_in": {"ada", "bo"}, "matching": {"bo"}}


@pytest.mark.parametrize(("visibility", "viewer"), [("matching", ""), ("matching", "ada"), ("signed_in", "")])
async def test_nobody_can_tell_what_is_not_shown_to_them_from_what_was_never_said(
    app, bo_client, cast, words, visibility, viewer
):
    """The same page to the letter, and no word of it untrue of either."""
    async with client_for(app, token=cast.tokens.get(viewer, "")) as browser:

        async def shown():
            page = (await browser.get("/people/bo")).text.partition("<main")[2].partition("</main")[0]
            return re.sub(r'name="csrf" value="[^"]+"', "", page)

        before = await shown()
        told = {
            "tags": "bookkeeping",
            "words": "Eleven years",
            "things": "A van",
            "rooms": "The hut",
            "languages": "polish",
        }
        await bo_client.post(STEPS[0], data=told)
        await bo_client.post(STEPS[1], data={"free_thu-evening": "yes", "reach_brook-lane": "yes"})
        await bo_client.post(STEPS[2], data={"visibility": visibility, "asks_a_week": "1"})
        assert await shown() == before
    assert "Bo Adeyemi has put nothing here for everybody to see." in words_of(before)
    assert "said yet" not in before


async def test_who_shows_only_what_they_lend_or_speak_is_not_said_to_show_nothing(client, bo_client, words):
    await bo_client.post(STEPS[2], data={"visibility": "public", "asks_a_week": "1"})
    for told, there in (({"things": "A van"}, "What I can lend"), ({"languages": "polish"}, "I speak Polish.")):
        await bo_client.post(STEPS[0], data=told)
        page = (await client.get("/people/bo")).text
        assert there in page
        assert "put nothing here" not in page
        assert ('id="can-title"' in page) is ("languages" in told), "no heading over nothing"


@pytest.mark.parametrize(("visibility", "seen_by"), SEEN.items())
async def test_what_bo_can_do_stands_where_he_chose(app, bo_client, cast, words, visibility, seen_by):
    """Each viewer on each page that could show it; quiet hours, hours a week and the time zone for nobody else."""
    await bo_client.post(STEPS[0], data=CAN)
    await bo_client.post(STEPS[1], data={**PRIVATE, "free_tue-morning": "yes"})
    await bo_client.post(STEPS[2], data={"visibility": visibility, "asks_a_week": "1"})
    await bo_client.post(f"/problems/{cast.problem}/offers", data={"what": "A pump"})
    pages = ["/people/bo", "/skills/bookkeeping", "/search?q=Elevenyears", "/search?q=bookkeeping"]
    pages += ["/skills", "/", "/?mine=1", f"/problems/{cast.problem}/network"]
    pages.append(f"/problems/{cast.problem}/basements-on-brook-lane-flood")
    for viewer in ("stranger", "ada", "bo"):
        async with client_for(app, token=cast.tokens.get(viewer, "")) as browser:
            answers = {page: await browser.get(page) for page in pages}
        assert {answer.status_code for answer in answers.values()} == {200}
        own, listed, said, called, *others = [answer.text.split("<main", 1)[1] for answer in answers.values()]
        shown = [word in own for word in ("Elevenyears", "Canaryvan", "Canaryhut", "Gaelic", "Tuesday morning")]
        assert shown == [viewer in seen_by] * 5
        for text in (listed, said, called):
            assert ('href="/people/bo"' in text) == (viewer in seen_by)
        assert ("Elevenyears" in called) == (viewer in seen_by), "a search says it back only if it was asked for"
        for text in others:
            assert not re.search("Elevenyears|Canary|Gaelic|Tuesday morning", text)
        for text in (own, listed, said, called, *others):
            assert not any(word in text for word in ("13.25", "19:17", "06:43", "Auckland"))
        if viewer == "bo" and visibility != "public":
            assert "Who sees this besides you" in own


async def test_a_persons_page_for_themself_and_for_others(ada_client, bo_client, client, cast, desk):
    await an_offer(desk, cast.bo, cast.problem, "A van on Saturdays")
    declined = await an_offer(desk, cast.bo, cast.problem, "A cake")
    async with desk.writing(cast.ada) as work:
        await decline_offer(work, declined, words="Thank you, we have three.")
    own = (await bo_client.get("/people/bo")).text
    assert "A cake" in own
    assert "/account/abilities" in own
    for browser in (client, ada_client):
        page = (await browser.get("/people/bo")).text
        assert "A van on Saturdays" in page
        assert "A cake" not in page
        assert "/account/abilities" not in page
    assert "Basements on Brook Lane flood" in (await client.get("/people/ada")).text


async def test_a_handle_is_the_same_in_capitals(client, cast):
    assert "Bo Adeyemi" in (await client.get("/people/BO")).text


async def test_nobody_of_that_handle_is_a_readable_404(client, cast):
    page = await client.get("/people/nobody-of-this-name")
    assert page.status_code == 404
    assert "<h1>" in page.text


async def test_the_list_is_read_by_everybody_and_looked_through(client, words, cast, desk):
    async with desk.writing(cast.bo) as work:
        await add_synonym(work, "bookkeeping", "ledgers")
    page = words_of((await client.get("/skills")).text)
    for one in ("bookkeeping", "also: book-keeping, ledgers", "The books of a group.", "driving a van"):
        assert one in page
    assert "Bo Adeyemi added another word for it: “ledgers” · bookkeeping" in page
    assert "Ada Kaur added the word · driving a van" in page
    assert "Sign in to add one." in page
    for sought in ("Ledger", "BOOK-KEEP", "of a group"):
        found = (await client.get("/skills", params={"q": sought})).text
        assert "<b>bookkeeping</b>" in found
        assert "<b>driving a van</b>" not in found
    assert "Nothing by that name" in (await client.get("/skills?q=zzz")).text


async def test_a_neighbour_adds_a_word_and_another_for_it(bo_client, client, words):
    answer = await bo_client.post(
        "/skills", data={"tag": "Tree Care", "synonyms": "trees, Tree surgery", "about": "Trees."}
    )
    assert answer.headers["location"] == "/skills/tree-care?said=word-added"
    answer = await bo_client.post("/skills/tree-care/synonyms", data={"word": "Pollarding"})
    assert answer.headers["location"] == "/skills/tree-care?said=synonym-added"
    assert "pollarding" in (await client.get("/skills/tree-care")).text
    answer = await bo_client.post("/skills/tree-care/synonyms?_method=DELETE", data={"word": "trees"})
    assert answer.headers["location"] == "/skills/tree-care?said=synonym-removed"
    page = (await bo_client.get("/skills/tree-care")).text
    assert 'value="trees"' not in page
    assert 'value="tree surgery"' in page
    assert "Take it out" in page
    assert "Take it out" not in (await client.get("/skills/tree-care")).text


@pytest.mark.parametrize(
    ("at", "told", "field", "says"),
    [
        ("/skills", {"tag": "book keeping", "about": "Kept"}, "tag", "is on the list already, as bookkeeping"),
        ("/skills", {"tag": "", "about": "Kept"}, "tag", "Please write the word"),
        (
            "/skills",
            {"tag": "sums", "synonyms": "van", "about": "Kept"},
            "synonyms",
            "stands for driving a van already",
        ),
        ("/skills/bookkeeping/synonyms", {"word": "van"}, "word", "stands for driving a van already"),
        ("/skills/bookkeeping/synonyms", {"word": "<b>"}, "word", "Tags are words"),
    ],
)
async def test_a_word_that_cannot_be_added_gets_a_message(bo_client, words, at, told, field, says):
    answer = await bo_client.post(at, data=told)
    assert answer.status_code == 422
    assert says in words_of(answer.text)
    assert f'id="error-{field}"' in answer.text
    assert "about" not in told or "Kept" in answer.text


async def test_who_came_today_reads_the_list_and_waits(app, desk, cast, words):
    from sqlalchemy import text

    async with desk.writing() as work:
        await work.session.execute(text("UPDATE people SET joined_at = now() WHERE handle = 'dee'"))
    async with client_for(app, token=cast.tokens["dee"]) as dee:
        assert "once your account is a day old" in (await dee.get("/skills")).text
        assert 'action="/skills"' in (await dee.get("/skills")).text, "the search"
        answer = await dee.post("/skills", data={"tag": "spam"})
        assert answer.status_code == 403
        assert "a day old" in answer.text


@pytest.mark.parametrize("path", ["/skills/no-such-word", "/skills/%3Cb%3E", "/skills/Bookkeeping%20"])
async def test_a_word_that_is_not_there_is_a_readable_404(client, bo_client, words, path):
    assert (await client.get(path)).status_code == 404
    assert (await bo_client.post(f"{path}/synonyms", data={"word": "sums"})).status_code == 404


async def test_a_word_in_another_script_has_a_page(bo_client, client, words):
    answer = await bo_client.post("/skills", data={"tag": "садоводство"})
    assert answer.status_code == 303
    assert (await client.get(answer.headers["location"])).status_code == 200
    assert "садоводство" in (await client.get("/skills")).text


@pytest.mark.parametrize("words_said", ["<img src=x onerror=alert(1)>", '<a data-hx-get="/x" hx-on:click="x">a</a>'])
async def test_peoples_words_stay_words(bo_client, client, words, words_said):
    told = {"tags": "bookkeeping", "words": words_said, "things": words_said, "rooms": words_said}
    assert (await bo_client.post(STEPS[0], data=told)).status_code == 303
    await bo_client.post("/skills", data={"tag": "sums", "about": words_said})
    for path in ("/people/bo", "/skills", "/skills/sums", "/skills/bookkeeping", "/skills?q=sums"):
        page = (await client.get(path)).text
        assert "<img src=x" not in page
        assert "<a data-hx-get" not in page


async def test_the_first_sign_in_offers_it_once(client, cast):
    """A link in the welcome, and no wall: the welcome is said once, and the page is the one that was asked for."""
    welcome = (await client.get("/?said=welcome")).text
    assert (
        'This is your account now. If you have a minute, <a href="/account/abilities">say what you can do</a>'
        in welcome
    )
    assert "If you have a minute" not in (await client.get("/")).text
