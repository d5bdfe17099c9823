from __future__ import annotations

import re
from datetime import timedelta

import pytest

from civicboard.offers.actions import withdraw_offer
from civicboard.offers.queries import find_offer, offers_on
from tests.cast import KEY, an_offer, key_in, problem_now
from tests.conftest import client_for

PATH = "/problems/{}/basements-on-brook-lane-flood"


@pytest.fixture
async def offer_id(desk, cast):
    """What Bo offers on Ada's problem."""
    return await an_offer(desk, cast.bo, cast.problem, words="With a *driver*.")


async def state_of(desk, offer_id):
    async with desk.reading() as work:
        return (await find_offer(work, offer_id)).state


async def test_the_form_is_there_for_everybody(client, cast):
    page = await client.get(f"/problems/{cast.problem}/offers/new")
    assert page.status_code == 200
    assert "Basements on Brook Lane flood" in page.text
    assert "someone who can read a culvert survey" in page.text
    assert f'action="/problems/{cast.problem}/offers"' in page.text


async def test_the_poster_is_told_that_it_is_their_own(ada_client, cast):
    page = await ada_client.get(f"/problems/{cast.problem}/offers/new")
    assert page.status_code == 200
    assert "This problem is your own" in page.text
    assert "<textarea" not in page.text


async def test_an_offer_is_made_and_shown_on_the_problem(bo_client, client, cast, desk):
    told = {"what": "A van", "words": "With a *driver*.", "hours": "2,5", "until": "2999-05-31"}
    answer = await bo_client.post(f"/problems/{cast.problem}/offers", data=told)
    assert answer.status_code == 303
    async with desk.reading() as work:
        (offer,) = await offers_on(work, cast.problem)
    assert answer.headers["location"] == f"{PATH.format(cast.problem)}?said=offered#offer-{offer.id}"
    assert "Your offer is on the board" in (await bo_client.get(answer.headers["location"])).text
    page = await client.get(PATH.format(cast.problem))
    assert f'id="offer-{offer.id}"' in page.text
    for words in ("2.5 hours", "31 May 2999", "<em>driver</em>", "Waiting for an answer"):
        assert words in page.text


async def test_a_script_gets_the_very_partial_of_the_page(app, client, cast, desk):
    async with client_for(app, token=cast.tokens["bo"], script=True) as bo:
        answer = await bo.post(f"/problems/{cast.problem}/offers", data={"what": "A van"})
    assert answer.status_code == 200
    partial = re.fullmatch(r'<hx-upsert hx-target="#offers"[^>]*>(<li.*</li>)</hx-upsert>', answer.text, re.S)
    assert partial
    assert partial[1] in (await client.get(PATH.format(cast.problem))).text


async def test_the_same_form_sent_twice_is_one_offer(bo_client, cast, desk):
    page = await bo_client.get(f"/problems/{cast.problem}/offers/new")
    key = key_in(page.text)
    sent = [
        await bo_client.post(f"/problems/{cast.problem}/offers", data={"what": "A van", "key": key}) for _ in range(2)
    ]
    assert sent[0].headers["location"] == sent[1].headers["location"]
    async with desk.reading() as work:
        assert len(await offers_on(work, cast.problem)) == 1


async def test_the_same_form_with_other_words_keeps_them(bo_client, cast, desk):
    path, told = f"/problems/{cast.problem}/offers", {"what": "A van", "words": "On Mondays", "key": KEY}
    await bo_client.post(path, data=told)
    answer = await bo_client.post(path, data={**told, "words": "On Tuesdays"})
    assert answer.status_code == 409
    assert "You have offered this already, in other words." in answer.text
    assert "On Tuesdays</textarea>" in answer.text
    assert key_in(answer.text) != KEY
    assert (await bo_client.post(path, data={**told, "key": key_in(answer.text)})).status_code == 303
    assert (await problem_now(desk, cast.problem)).offer_count == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("what", "ab"),
        ("what", "x" * 121),
        ("hours", "many"),
        ("hours", "1000"),
        ("until", "31/2/2027"),
        ("until", "2020-01-01"),
    ],
)
async def test_nothing_typed_is_lost_on_an_error(bo_client, cast, field, value):
    told = {"what": "A van", "words": "Kept <all> of it", field: value}
    answer = await bo_client.post(f"/problems/{cast.problem}/offers", data=told)
    assert answer.status_code == 422
    assert "Please look at this again" in answer.text
    assert f'id="error-{field}"' in answer.text
    assert "Kept &lt;all&gt; of it" in answer.text
    assert f'value="{value}"' in answer.text


@pytest.mark.parametrize(
    "told",
    [
        {"what": "A v\0n"},
        {"what": "A van", "words": "\0"},
        {"what": "A van", "hours": "9" * 300},
        {"key": "x"},
        {},
    ],
)
async def test_bad_input_is_never_a_server_error(bo_client, cast, told):
    answer = await bo_client.post(f"/problems/{cast.problem}/offers", data=told)
    assert answer.status_code in (400, 422)


async def test_signing_in_first_keeps_what_was_typed(client, cast, desk):
    await client.get(f"/problems/{cast.problem}/offers/new")
    told = {"what": "A van", "words": "Typed before signing in"}
    answer = await client.post(f"/problems/{cast.problem}/offers", data=told)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2Fproblems%2F")
    page = await client.get(f"/problems/{cast.problem}/offers/new")
    assert "Typed before signing in" in page.text
    client.cookies.set("session", cast.tokens["bo"], domain="testserver.local")
    answer = await client.post(f"/problems/{cast.problem}/offers", data=told)
    assert answer.status_code == 303
    assert "Typed before" not in (await client.get(f"/problems/{cast.problem}/offers/new")).text


async def test_a_draft_that_stayed_behind_does_not_swallow_the_next_offer(bo_client, cast, desk):
    page = await bo_client.get(f"/problems/{cast.problem}/offers/new")
    key = key_in(page.text)
    await bo_client.post(f"/problems/{cast.problem}/offers", data={"what": "A van", "key": key})
    kept = await bo_client.put(f"/drafts/offer:{cast.problem}", data={"what": "A van", "key": key})
    assert kept.status_code == 204
    page = await bo_client.get(f"/problems/{cast.problem}/offers/new")
    assert 'value="A van"' in page.text
    assert key not in page.text


async def test_the_poster_finds_both_answers_and_others_find_none(ada_client, bo_client, dee_client, client, offer_id):
    for browser, answers, withdraws in (
        (ada_client, True, False),
        (bo_client, False, True),
        (dee_client, False, False),
        (client, False, False),
    ):
        page = await browser.get(f"/offers/{offer_id}")
        assert page.status_code == 200
        assert ("/welcome" in page.text, "/refusal" in page.text) == (answers, answers)
        assert ("/withdrawal" in page.text) is withdraws


async def test_a_welcome_stands_beside_the_offer_and_in_the_network(ada_client, client, cast, offer_id):
    answer = await ada_client.post(f"/offers/{offer_id}/welcome", data={"words": "Oh, **thank you**."})
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"?said=welcomed#offer-{offer_id}")
    page = await client.get(PATH.format(cast.problem))
    assert "<strong>thank you</strong>" in page.text
    assert "helps, and brings: A van on Saturdays" in page.text
    again = await ada_client.post(f"/offers/{offer_id}/welcome", data={})
    assert again.status_code == 303


async def test_a_refusal_without_a_kind_word_is_asked_for_one(ada_client, desk, offer_id):
    answer = await ada_client.post(f"/offers/{offer_id}/refusal", data={"reason": ""})
    assert answer.status_code == 422
    assert answer.text.count('id="error-summary"') == 1
    assert 'id="error-reason"' in answer.text
    assert await state_of(desk, offer_id) == "waiting"


async def test_a_refusal_with_a_kind_word(ada_client, desk, offer_id):
    answer = await ada_client.post(f"/offers/{offer_id}/refusal", data={"reason": "Thank you, we have one."})
    assert answer.status_code == 303
    assert await state_of(desk, offer_id) == "declined"


async def test_a_welcome_that_is_too_long_keeps_its_words(ada_client, desk, offer_id):
    answer = await ada_client.post(f"/offers/{offer_id}/welcome", data={"words": "kind " * 101})
    assert answer.status_code == 422
    assert "kind kind kind" in answer.text
    assert await state_of(desk, offer_id) == "waiting"


async def test_the_helper_withdraws(bo_client, desk, offer_id):
    for _ in range(2):
        assert (await bo_client.post(f"/offers/{offer_id}/withdrawal")).status_code == 303
    assert await state_of(desk, offer_id) == "withdrawn"


async def test_others_deeds_are_refused_in_words(bo_client, dee_client, ada_client, desk, offer_id):
    for browser, deed, told in (
        (bo_client, "welcome", {}),
        (dee_client, "welcome", {}),
        (dee_client, "refusal", {"reason": "Sorry, no."}),
        (dee_client, "withdrawal", {}),
        (ada_client, "withdrawal", {}),
    ):
        answer = await browser.post(f"/offers/{offer_id}/{deed}", data=told)
        assert answer.status_code == 403
        assert "Only the person who" in answer.text
    assert await state_of(desk, offer_id) == "waiting"


@pytest.mark.parametrize(("deed", "field"), [("welcome", "words"), ("refusal", "reason")])
async def test_answering_what_was_withdrawn_meanwhile_loses_no_words(ada_client, cast, desk, offer_id, deed, field):
    async with desk.writing(cast.bo) as work:
        await withdraw_offer(work, offer_id)
    answer = await ada_client.post(f"/offers/{offer_id}/{deed}", data={field: "Thank <you>, Bo."})
    assert answer.status_code == 409
    assert "withdrawn meanwhile" in answer.text
    assert "These were your words" in answer.text
    assert "Thank &lt;you&gt;, Bo." in answer.text


async def test_a_welcome_without_words_that_comes_too_late_shows_none(ada_client, cast, desk, offer_id):
    async with desk.writing(cast.bo) as work:
        await withdraw_offer(work, offer_id)
    answer = await ada_client.post(f"/offers/{offer_id}/welcome", data={"words": ""})
    assert answer.status_code == 409
    assert "withdrawn meanwhile" in answer.text
    assert "These were your words" not in answer.text


@pytest.mark.parametrize("deed", ["welcome", "refusal", "withdrawal"])
async def test_signed_out_one_is_asked_to_sign_in_and_comes_back(client, desk, offer_id, deed):
    await client.get(f"/offers/{offer_id}")
    told = {"words": "A kind word", "reason": "A kind word"}
    answer = await client.post(f"/offers/{offer_id}/{deed}", data=told)
    assert answer.status_code == 303
    assert f"next=%2Foffers%2F{offer_id}" in answer.headers["location"]
    assert await state_of(desk, offer_id) == "waiting"


async def test_a_kind_word_survives_the_sign_in(client, cast, offer_id):
    await client.get(f"/offers/{offer_id}")
    await client.post(f"/offers/{offer_id}/refusal", data={"reason": "Thank you, we have one."})
    client.cookies.set("session", cast.tokens["ada"], domain="testserver.local")
    assert "Thank you, we have one." in (await client.get(f"/offers/{offer_id}")).text


@pytest.mark.parametrize(
    "path", ["/offers/987654321", "/offers/99999999999999999999", "/problems/987654321/offers/new"]
)
async def test_what_is_not_there_is_a_readable_404(client, cast, path):
    assert (await client.get(path)).status_code == 404


async def test_deeds_on_what_is_not_there(ada_client, cast):
    assert (await ada_client.post("/offers/987654321/welcome")).status_code == 404
    assert (await ada_client.post("/problems/987654321/offers", data={"what": "A van"})).status_code == 404


@pytest.mark.parametrize("words", ["<img src=x onerror=alert(1)>", '<a data-hx-get="/x" hx-on:click="x">a</a>'])
async def test_peoples_words_stay_words(bo_client, ada_client, client, cast, desk, words):
    await bo_client.post(f"/problems/{cast.problem}/offers", data={"what": words, "words": words})
    async with desk.reading() as work:
        (offer,) = await offers_on(work, cast.problem)
    await ada_client.post(f"/offers/{offer.id}/welcome", data={"words": words})
    for path in (
        PATH.format(cast.problem),
        f"/offers/{offer.id}",
        "/people/bo",
        f"/problems/{cast.problem}/network",
    ):
        page = (await client.get(path)).text
        assert "<img src=x" not in page
        assert "<a data-hx-get" not in page


async def test_the_list_and_the_count_agree_on_the_page(app, cast, desk, clock):
    async with client_for(app, token=cast.tokens["bo"]) as bo:
        for _ in range(3):
            await bo.post(f"/problems/{cast.problem}/offers", data={"what": "A van"})
            clock.now += timedelta(seconds=1)
    assert (await problem_now(desk, cast.problem)).offer_count == 3
