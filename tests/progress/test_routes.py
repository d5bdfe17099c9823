from __future__ import annotations

import re

import pytest

from civicboard.progress.queries import stage_changes_on
from tests.cast import problem_now
from tests.conftest import client_for


async def test_the_poster_moves_it(ada_client, client, cast, desk):
    answer = await ada_client.post(
        f"/problems/{cast.problem}/stage", data={"to": "sorted", "why": "The new *pump* works."}
    )
    assert answer.status_code == 303
    async with desk.reading() as work:
        (change,) = await stage_changes_on(work, cast.problem)
    assert answer.headers["location"].endswith(f"?said=stage-set#stage-{change.id}")
    for path in (
        f"/problems/{cast.problem}/basements-on-brook-lane-flood",
        f"/problems/{cast.problem}/stage",
    ):
        page = (await client.get(path)).text
        assert f'id="stage-{change.id}"' in page
        assert "<em>pump</em>" in page


async def test_a_script_gets_the_entry_and_the_head(app, cast):
    async with client_for(app, token=cast.tokens["ada"], script=True) as ada:
        answer = await ada.post(f"/problems/{cast.problem}/stage", data={"to": "trying"})
    assert answer.status_code == 200
    assert re.match(r'<hx-upsert hx-target="#thread"[^>]*><div id="stage-\d+"', answer.text)
    assert f'hx-target="#head-{cast.problem}"' in answer.text


async def test_only_the_poster_finds_the_form(ada_client, bo_client, client, cast):
    path = f"/problems/{cast.problem}/stage"
    assert "<textarea" in (await ada_client.get(path)).text
    for browser in (bo_client, client):
        page = await browser.get(path)
        assert page.status_code == 200
        assert "<textarea" not in page.text
        assert "For now, the person who posted a problem sets its stage" in page.text


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"to": "passed_on", "why": "short"}, "why"),
        ({"to": "sorted"}, "why"),
        ({"to": "solved", "why": "long enough a reason"}, "to"),
        ({"to": "open", "why": "long enough a reason"}, "to"),
        ({"why": "long enough a reason"}, "to"),
        ({"to": "trying", "why": "x" * 2001}, "why"),
    ],
)
async def test_what_does_not_fit_comes_back_with_a_message(ada_client, cast, desk, told, field):
    answer = await ada_client.post(f"/problems/{cast.problem}/stage", data=told)
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert told.get("why", "") in answer.text
    assert (await problem_now(desk, cast.problem)).stage == "open"


async def test_others_are_refused_in_words(bo_client, cast, desk):
    answer = await bo_client.post(f"/problems/{cast.problem}/stage", data={"to": "trying"})
    assert answer.status_code == 403
    assert "posted a problem" in answer.text
    assert (await problem_now(desk, cast.problem)).stage == "open"


async def test_signing_in_first_keeps_the_reason(client, cast, desk):
    await client.get(f"/problems/{cast.problem}/stage")
    told = {"to": "sorted", "why": "Typed before signing in"}
    answer = await client.post(f"/problems/{cast.problem}/stage", data=told)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")
    client.cookies.set("session", cast.tokens["ada"], domain="testserver.local")
    assert "Typed before signing in" in (await client.get(f"/problems/{cast.problem}/stage")).text


async def test_the_stage_of_what_is_not_there(ada_client, cast):
    assert (await ada_client.get("/problems/987654321/stage")).status_code == 404
    assert (await ada_client.post("/problems/987654321/stage", data={"to": "trying"})).status_code == 404
