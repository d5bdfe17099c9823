"""The pages of organisations, and what stands beside names everywhere."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from civicboard.app import Board
from civicboard.kit.work import Desk
from civicboard.organisations import actions
from civicboard.places.actions import put_place
from tests.cast import Cast, a_post, an_offer
from tests.conftest import client_for
from tests.organisations.council import DOMAIN, NAME, SLUG, an_organisation, badges, gathered, proved

HERE = f"/organisations/{SLUG}"
WORDS = f"Officer, {NAME}"


@pytest.fixture
async def there(desk: Desk, cast: Cast) -> dict[str, Any]:
    return await gathered(desk, cast)


async def test_everybody_reads_which_organisations_there_are(
    client: httpx2.AsyncClient, desk: Desk, there: dict[str, Any]
) -> None:
    async with desk.writing() as work:
        council = await an_organisation(
            work, about="The *building* with the clock.", website="https://millbrook.gov.uk"
        )
        await an_organisation(work, slug="parks", name="Parks", kind="department", parent_id=council.id)
    listed = (await client.get("/organisations")).text
    assert listed.index("Councils</h2>") < listed.index("Council departments</h2>")
    assert "2 people here" in listed
    assert "nobody here yet" in listed
    page = (await client.get(HERE)).text
    for words in ("<em>building</em>", 'href="/people/cy"', "Parks", 'href="/organisations/parks"', "Ada Kaur"):
        assert words in page
    assert f'href="{HERE}">{NAME}</a>' in (await client.get("/organisations/parks")).text
    assert (await client.get("/organisations/nowhere")).status_code == 404
    # Who asks, and the buttons, are the stewards' own.
    for hidden in ("Bo Adeyemi", "Name steward", "No longer here", '<form method="post"'):
        assert hidden not in page.partition("<main")[2]


async def test_no_organisation_yet(client: httpx2.AsyncClient, cast: Cast) -> None:
    assert "None yet" in (await client.get("/organisations")).text


async def test_a_website_is_an_address_of_one(client: httpx2.AsyncClient, desk: Desk, cast: Cast) -> None:
    async with desk.writing() as work:
        await an_organisation(work, website="javascript:alert(1)")
    assert "javascript" not in (await client.get(HERE)).text


async def test_the_badge_stands_beside_the_name_everywhere(
    client: httpx2.AsyncClient, desk: Desk, cast: Cast, there: dict[str, Any]
) -> None:
    await a_post(desk, cast.cy, cast.problem)
    await an_offer(desk, cast.cy, cast.problem)
    problem = f"/problems/{cast.problem}/basements-on-brook-lane-flood"
    badge = f'<span class="badge">{WORDS}</span>'
    for _ in range(2):  # rendered, and then kept
        page = (await client.get(problem)).text
        assert all(badge in part for part in re.findall(r'(?s)<article class="post.*?</article>', page))
        assert all(badge in part for part in re.findall(r'(?s)<li id="offer-.*?</li>', page))
        assert page.count(badge) == 4  # Cy's post and offer, and two people round it: Ada is an officer too
    assert badge in (await client.get(f"/problems/{cast.problem}/network")).text
    person = (await client.get("/people/cy")).text
    assert f'Officer, <a href="{HERE}">{NAME}</a>' in person
    assert "Parks" in person
    assert "badge" not in (await client.get("/people/dee")).text.partition("<main")[2]
    async with desk.writing(cast.cy) as work:
        await actions.leave(work, SLUG)
    assert (await client.get(problem)).text.count(badge) == 1
    assert NAME not in (await client.get("/people/cy")).text


async def test_joining_by_a_form(dee_client: httpx2.AsyncClient, desk: Desk, cast: Cast, there: dict[str, Any]) -> None:
    async with desk.writing() as work:
        await put_place(work, slug="brook", name="Brook", kind="ward")
    await proved(desk, cast.dee)
    page = (await dee_client.get(f"{HERE}/affiliation")).text
    assert f"You signed in with an address at <b>{DOMAIN}</b>" in page
    assert 'value="brook"' in page
    assert 'value="brook-lane"' not in page  # a street is no ward
    wrong = {"role": "councillor", "place": "atlantis", "title": "Independent"}
    answer = await dee_client.post(f"{HERE}/affiliation", data=wrong)
    assert answer.status_code == 422
    assert "We don&#39;t know a place of that name" in answer.text
    assert 'value="Independent"' in answer.text
    for bad in ({"role": "member"}, {"role": "king"}, {}, {"role": "officer", "title": "x" * 81}):
        assert (await dee_client.post(f"{HERE}/affiliation", data=bad)).status_code == 422, bad
    answer = await dee_client.post(f"{HERE}/affiliation", data={**wrong, "place": "brook"})
    assert answer.status_code == 303
    assert await badges(desk, cast.dee) == [f"Councillor for Brook ward, {NAME}"]
    mine = (await dee_client.get("/account/affiliations")).text
    assert f"Councillor for Brook ward, {NAME}" in mine
    assert 'href="/account/affiliations"' in (await dee_client.get("/account")).text
    assert (await dee_client.delete(f"{HERE}/affiliation")).headers["location"].endswith("said=affiliation-left")
    assert await badges(desk, cast.dee) == []


async def test_asking_and_being_answered(
    app: Board,
    bo_client: httpx2.AsyncClient,
    ada_client: httpx2.AsyncClient,
    desk: Desk,
    cast: Cast,
    there: dict[str, Any],
) -> None:
    mine = (await bo_client.get("/account/affiliations")).text
    assert "no answer yet" in mine
    at = f"{HERE}/requests/{there['id']}"
    assert "Nobody has answered yet" in (await bo_client.get(at)).text
    page = (await ada_client.get(HERE)).text
    assert f'href="{at}"' in page
    assert "I drive the gritter." in (await ada_client.get(at)).text
    answer = await ada_client.post(f"{at}/refusal", data={"reason": ""})
    assert (answer.status_code, "Please say why" in answer.text) == (422, True)
    answer = await ada_client.post(f"{at}/refusal", data={"reason": "Come by the <office>."})
    assert answer.headers["location"] == f"{HERE}?said=affiliation-declined"
    assert "Come by the &lt;office&gt;." in (await bo_client.get("/account/affiliations")).text
    late = await ada_client.post(f"{at}/confirmation", data={"words": "Oh, it is you."})
    assert (late.status_code, "Oh, it is you." in late.text) == (409, True)
    assert await badges(desk, cast.bo) == []


async def test_a_word_with_a_yes_is_read_too(
    bo_client: httpx2.AsyncClient, ada_client: httpx2.AsyncClient, desk: Desk, cast: Cast, there: dict[str, Any]
) -> None:
    at = f"{HERE}/requests/{there['id']}"
    await ada_client.post(f"{at}/confirmation", data={"words": "Good to have you here."})
    mine = (await bo_client.get("/account/affiliations")).text
    assert "Confirmed: Good to have you here." in mine
    assert await badges(desk, cast.bo) == [WORDS]
    assert "It was confirmed." in (await bo_client.get(at)).text


async def test_taking_back_what_one_asked(
    bo_client: httpx2.AsyncClient, ada_client: httpx2.AsyncClient, there: dict[str, Any]
) -> None:
    await bo_client.delete(f"{HERE}/affiliation")
    assert "Bo Adeyemi" not in (await ada_client.get(HERE)).text
    assert (await ada_client.get(f"{HERE}/requests/{there['id']}")).status_code == 404


async def test_a_steward_sends_away_and_names_another(
    app: Board, ada_client: httpx2.AsyncClient, desk: Desk, cast: Cast, there: dict[str, Any]
) -> None:
    person = f"{HERE}/people/{there['affiliation']}"
    assert (await ada_client.post(f"{person}/steward")).headers["location"] == f"{HERE}?said=steward-named"
    async with client_for(app, token=cast.tokens["cy"]) as cy:
        assert "Bo Adeyemi" in (await cy.get(HERE)).text
    assert (await ada_client.delete(person)).headers["location"] == f"{HERE}?said=affiliation-ended"
    assert await badges(desk, cast.cy) == []
    async with client_for(app, token=cast.tokens["cy"]) as cy:
        assert "Bo Adeyemi" not in (await cy.get(HERE)).text
        assert (await cy.post(f"{HERE}/requests/{there['id']}/confirmation")).status_code == 404
    assert (await ada_client.post(f"{person}/steward")).status_code == 409


async def test_an_officer_gets_no_other_buttons_or_answers_than_a_neighbour(
    app: Board, desk: Desk, cast: Cast, there: dict[str, Any]
) -> None:
    """Cy is an officer and a steward by now, Dee belongs nowhere: on a problem each sees and may the same."""
    await a_post(desk, cast.bo, cast.problem)
    offer = await an_offer(desk, cast.bo, cast.problem)
    async with desk.writing(cast.ada) as work:
        await actions.name_steward(work, SLUG, there["affiliation"])
    pages = ["/", "/search?q=brook", f"/problems/{cast.problem}/basements-on-brook-lane-flood", "/problems/new"]
    pages += [f"/problems/{cast.problem}/{page}" for page in ("network", "stage", "offers/new", "edit", "history")]
    pages += [f"/offers/{offer}", "/people/bo"]
    deeds: list[tuple[str, dict[str, str]]] = [
        (f"/problems/{cast.problem}/stage", {"to": "sorted", "why": "Because I say so."}),
        (
            f"/problems/{cast.problem}/edit",
            {"title": "Another title here", "story": "It is not so at all.", "revision": "1"},
        ),
        (f"/problems/{cast.problem}/posts/1/edit", {"words": "Other words", "version": "1"}),
        (f"/offers/{offer}/welcome", {"words": "Yes."}),
        (f"/offers/{offer}/refusal", {"reason": "No, thank you."}),
        (f"/offers/{offer}/withdrawal", {}),
    ]
    seen: dict[str, list[tuple[int, str]]] = {}
    for who in (cast.cy, cast.dee):
        async with client_for(app, token=cast.tokens[who.handle]) as browser:
            got = [await browser.get(page) for page in pages]
            got += [await browser.post(address, data=typed) for address, typed in deeds]
        seen[who.handle] = [(one.status_code, _neutral(one.text, who.id or 0, who.handle, who.name)) for one in got]
    assert [status for status, _ in seen["cy"][-len(deeds) :]] == [403] * len(deeds)
    for page, cy, dee in zip([*pages, *(address for address, _ in deeds)], seen["cy"], seen["dee"], strict=True):
        assert cy == dee, page


def _neutral(page: str, number: int, handle: str, name: str) -> str:
    """A page without what is the reader's own: their name, their number, tokens, and the moment."""
    page = re.sub(r'(name="(?:csrf|key)" value|data-cursor)="[^"]*"', "", page)
    page = page.replace(f"/viewer/{number}.css", "/viewer").replace(f'data-viewer="{number}"', "data-viewer")
    page = re.sub(rf"\bperson:{number}\b", "person:me", page)
    page = page.replace(f"/people/{handle}", "/people/me").replace(f"%2Fpeople%2F{handle}", "")
    initials = "".join(word[0] for word in name.split())
    return page.replace(name, "Me").replace(f'<span class="face" aria-hidden="true">{initials}</span>', "")
