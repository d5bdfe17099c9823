from __future__ import annotations

from civicboard.offers.actions import decline_offer
from civicboard.skills.queries import find_ability
from tests.cast import an_offer


async def test_what_one_can_do_stands_on_ones_page(bo_client, client, cast):
    told = {"tags": "#Drainage, polish", "words": "Eleven *years*.", "lends": "A van"}
    answer = await bo_client.post("/account/abilities", data=told)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/people/bo?said=abilities"
    page = (await client.get("/people/bo")).text
    for words in ("drainage", "polish", "Eleven <em>years</em>.", "A van", "@bo"):
        assert words in page
    form = (await bo_client.get("/account/abilities")).text
    assert 'value="drainage, polish"' in form


async def test_too_many_tags_come_back_with_a_message(bo_client, cast, desk):
    told = {"tags": ", ".join(f"tag {n}" for n in range(13)), "words": "Kept"}
    answer = await bo_client.post("/account/abilities", data=told)
    assert answer.status_code == 422
    assert 'id="error-tags"' in answer.text
    assert "tag 12" in answer.text
    assert "Kept</textarea>" in answer.text
    async with desk.reading() as work:
        assert (await find_ability(work, cast.bo.id)).words == ""


async def test_signed_out_one_signs_in_first(client, cast):
    answer = await client.get("/account/abilities")
    assert answer.headers["location"] == "/login?next=%2Faccount%2Fabilities"
    for told in ({"words": "Typed before"}, {"words": "Typed before", "tags": ",".join(map(str, range(13)))}):
        answer = await client.post("/account/abilities", data=told)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=%2Faccount%2Fabilities")
    client.cookies.set("session", cast.tokens["bo"], domain="testserver.local")
    assert "Typed before" in (await client.get("/account/abilities")).text


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
