"""A form that comes again: the same words are one problem, other words are not lost."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from civicboard.problems.actions import edit_problem
from civicboard.problems.queries import problems_by
from tests.cast import KEY, Told, key_in

FORM = {
    "title": "A lamp is out on Mill Street",
    "story": "It has been dark there since the storm last week.",
    "place": "brook-lane",
    "coordinates": "53.7, -1.95",
    "tags": "lamps, night",
    "key": KEY,
}


async def titles_by_bo(desk, cast):
    async with desk.reading() as work:
        return sorted(problem.title for problem in await problems_by(work, cast.bo.id))


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("title", "Two lamps are out on Mill Street"),
        ("story", "It has been dark there since the storm last month."),
        ("place", "millbrook"),
        ("coordinates", "53.7, -1.96"),
        ("tags", "lamps"),
        ("help_wanted", "A ladder"),
    ],
)
async def test_other_words_come_back_with_the_form(bo_client, desk, cast, field, words):
    await bo_client.post("/problems", data=FORM)
    answer = await bo_client.post("/problems", data={**FORM, field: words})
    assert answer.status_code == 409
    summary, _, form = answer.text.partition("<h1>")
    assert "This was posted already, with other words" in summary
    assert words in form
    assert key_in(form) != KEY
    assert await titles_by_bo(desk, cast) == [FORM["title"]]
    sent = await bo_client.post("/problems", data={**FORM, field: words, "key": key_in(form)})
    assert sent.status_code == 303
    assert len(await titles_by_bo(desk, cast)) == 2


async def test_the_same_words_lead_to_what_was_posted_even_after_an_edit(bo_client, desk, cast):
    posted = await bo_client.post("/problems", data=FORM)
    async with desk.reading() as work:
        [problem] = await problems_by(work, cast.bo.id)
    async with desk.writing(cast.bo) as work:
        told = Told(**{**asdict(Told()), "title": FORM["title"]})
        await edit_problem(work, problem.id, told, why="", seen_revision=1)
    again = await bo_client.post("/problems", data=FORM)
    assert (again.status_code, again.headers["location"]) == (303, posted.headers["location"])
    assert await titles_by_bo(desk, cast) == [FORM["title"]]
