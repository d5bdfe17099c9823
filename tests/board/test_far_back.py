"""How far back a search looks on a board that is large: the numbers here stand far apart, as if much lay between."""

from __future__ import annotations

from datetime import timedelta

import httpx2
import pytest_asyncio

from civicboard.board.queries import search_posts, search_problems
from civicboard.board.queries.search import finding
from civicboard.board.queries.search.problems import FoundProblems
from civicboard.kit.buckets import BUCKET
from civicboard.kit.work import Desk, Work
from civicboard.posts.actions import write_post
from civicboard.problems.models import Problem
from tests.cast import Cast

#: Below this number nothing is in the buckets that are looked through first.
LAST = 100_000
EARLY = LAST - BUCKET * (finding.BUCKETS + 2)


def put(work: Work, cast: Cast, number: int, title: str) -> None:
    at = work.now + timedelta(seconds=number)
    problem = Problem(title=title, slug="p", story="s", posted_at=at, moved_at=at, poster_id=cast.bo.id)
    problem.id = number
    work.session.add(problem)


@pytest_asyncio.fixture
async def board(desk: Desk, cast: Cast) -> None:
    """The last hundred, of which forty are of lamps; and long before them forty lamps and one quagga."""
    async with desk.writing(cast.bo) as work:
        for nth in range(100):
            put(work, cast, LAST - nth, f"Lamp {nth}" if nth < 40 else f"Bench {nth}")
        for nth in range(40):
            put(work, cast, EARLY - nth, f"Lamp {nth + 40}")
        put(work, cast, EARLY - 100, "A quagga")


async def search(desk: Desk, words: str, most: int = 30) -> FoundProblems:
    async with desk.reading() as work:
        return await search_problems(work, words, most=most)


async def test_what_only_early_ones_have_is_found(desk: Desk, board: None) -> None:
    assert [one.card.problem.title for one in await search(desk, "quagga")] == ["A quagga"]
    assert (await search(desk, "quagga bench")).shown[0].card.problem.title == "A quagga"
    assert (await search(desk, "quagga")).more is False


async def test_of_what_many_have_the_last_are_found_and_it_says_that_there_may_be_more(desk: Desk, board: None) -> None:
    found = await search(desk, "lamp")
    assert {one.card.problem.id for one in found} <= set(range(LAST - 39, LAST + 1))
    assert (len(found), found.count, found.more) == (30, 40, True)


async def test_whoever_reads_on_gets_to_the_early_ones_too(desk: Desk, board: None) -> None:
    found = await search(desk, "lamp", most=90)
    assert (found.count, found.more) == (80, False)


async def test_what_has_only_some_of_the_words_is_found_among_the_last(desk: Desk, board: None) -> None:
    """Nothing has both. What is ranked first is of one word only, so that the other is looked up by itself."""
    found = await search(desk, "bench lamp", most=90)
    assert found.count == 2 * finding.MOST_PARTLY
    assert {one.card.problem.id for one in found} <= set(range(LAST - 99, LAST + 1))


async def test_whoever_reads_on_gets_past_many_that_are_among_the_last(desk: Desk, cast: Cast, board: None) -> None:
    async with desk.writing(cast.bo) as work:
        for nth in range(70):
            put(work, cast, LAST - 200 - nth, f"Lamp {nth + 100}")
    assert (await search(desk, "lamp", most=60)).more is True
    found = await search(desk, "lamp", most=90)
    assert (found.count, found.more) == (150, False)


async def test_every_kind_says_that_there_may_be_more(client: httpx2.AsyncClient, desk: Desk, cast: Cast) -> None:
    async with desk.writing(cast.bo) as work:
        for nth in range(40):
            await write_post(work, cast.problem, kind="reply", capacity="neighbour", words=f"Lamp {nth}.")
    async with desk.reading() as work:
        beside, alone = await search_posts(work, "lamp", most=5), await search_posts(work, "lamp", most=30)
    assert (len(beside), beside.count, beside.more) == (5, 30, True)
    assert (len(alone), alone.count, alone.more) == (30, 40, False)
    everything = (await client.get("/search", params={"q": "lamp"})).text
    assert "30 or more posts for" in everything
    assert "More: conversations</a>" in everything
    posts = (await client.get("/search", params={"q": "lamp", "kind": "post"})).text
    assert "40 posts for" in posts
    assert "or more" not in posts
