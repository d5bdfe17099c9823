"""The board and search, as strangers and neighbours ask for them."""

from __future__ import annotations

import html
import re

import httpx2
import pytest

from civicboard.kit.work import Desk
from civicboard.matching.policy.asking import MOST_A_WEEK
from civicboard.matching.policy.rings import RING_LASTS
from civicboard.networks.policy import CONVENES_FOR, UNDO_FOR
from civicboard.offers.policy import ANSWER_WITHIN, REACHABLE_FOR
from civicboard.posts.actions import write_post
from civicboard.problems.actions import post_problem, say_affected
from civicboard.progress.actions import set_stage
from tests.cast import Cast, Told, a_need, a_post, an_offer

FLOOD = "Basements on Brook Lane flood"


async def test_a_stranger_sees_the_board(client: httpx2.AsyncClient, cast: Cast) -> None:
    page = await client.get("/")
    assert page.status_code == 200
    assert FLOOD in page.text
    assert "someone who can read a culvert survey" in page.text


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("place=brook-lane", True),
        ("place=millbrook", True),  # a place holds what is in its parts
        ("place=nowhere", False),
        ("stage=open", True),
        ("stage=sorted", False),
        ("stage=nonsense", True),
        ("tag=Flooding", True),
        ("tag=bins", False),
        ("needs=1", True),
        ("place=millbrook&stage=open&tag=drains&needs=1&sort=affected", True),
        ("sort=posted", True),
        ("mine=1", True),  # nobody is signed in: there is no "mine" to narrow to
        ("after=garbage", True),
        ("after=99999999999999999-1", True),
        ("after=1-1", False),
    ],
)
async def test_the_filter_is_in_the_address(client: httpx2.AsyncClient, cast: Cast, query: str, is_there: bool) -> None:
    page = await client.get(f"/?{query}")
    assert page.status_code == 200
    assert (FLOOD in page.text) is is_there


async def test_mine_are_those_i_posted_follow_share_or_help(
    ada_client: httpx2.AsyncClient, dee_client: httpx2.AsyncClient, cast: Cast, desk: Desk
) -> None:
    assert FLOOD in (await ada_client.get("/?mine=1")).text
    assert FLOOD not in (await dee_client.get("/?mine=1")).text
    async with desk.writing(cast.dee) as work:
        await say_affected(work, cast.problem)
    assert FLOOD in (await dee_client.get("/?mine=1")).text


@pytest.mark.parametrize("sort", ["moved", "posted", "affected"])
async def test_pages_follow_each_other_without_a_gap_or_a_repeat(
    client: httpx2.AsyncClient, cast: Cast, desk: Desk, sort: str
) -> None:
    async with desk.writing(cast.bo) as work:
        for number in range(60):
            await post_problem(work, Told(title=f"Lamp {number:02d} is out", help_wanted=""))
    seen: list[str] = []
    address = f"/?sort={sort}"
    for _ in range(4):
        page = (await client.get(address)).text
        seen += [part.split('"')[0] for part in page.split('<article class="notice open" id="')[1:]]
        older = re.search(r'rel="next" href="([^"]+)"', page)
        if older is None:
            break
        address = html.unescape(older[1])
    assert len(seen) == len(set(seen)) == 61


async def test_the_newest_movement_comes_first(client: httpx2.AsyncClient, cast: Cast, desk: Desk, clock) -> None:  # type: ignore[no-untyped-def]
    clock.turn(minutes=1)
    async with desk.writing(cast.bo) as work:
        later = await post_problem(work, Told(title="Bins overflow on Fridays"))
    page = (await client.get("/?sort=moved")).text
    assert page.index("Bins overflow") < page.index(FLOOD)
    clock.turn(minutes=1)
    async with desk.writing(cast.bo) as work:
        await write_post(work, cast.problem, kind="reply", capacity="neighbour", words="I saw it too")
    page = (await client.get("/?sort=moved&x=1")).text
    assert page.index(f'id="problem-{cast.problem}"') < page.index(f'id="problem-{later.id}"')


@pytest.mark.parametrize("words", ["basements flood", "flooding", "BRÓOK", "basments floding", "culvert"])
async def test_search_forgives_accents_and_typing_errors(client: httpx2.AsyncClient, cast: Cast, words: str) -> None:
    assert FLOOD in (await client.get("/search", params={"q": words})).text


async def test_search_finds_what_was_said_and_marks_it(client: httpx2.AsyncClient, cast: Cast, desk: Desk) -> None:
    async with desk.writing(cast.bo) as work:
        await write_post(work, cast.problem, kind="reply", capacity="neighbour", words="The weir & its mill")
    page = (await client.get("/search?q=weir")).text
    assert "<mark>weir</mark> &amp; its mill" in page


async def test_search_that_finds_nothing_says_what_to_do(client: httpx2.AsyncClient, cast: Cast) -> None:
    page = (await client.get("/search?q=zeppelin")).text
    assert "Nothing found" in page
    assert "/problems/new" in page


async def test_search_shows_more_on_asking(client: httpx2.AsyncClient, cast: Cast, desk: Desk) -> None:
    async with desk.writing(cast.bo) as work:
        for number in range(40):
            await post_problem(work, Told(title=f"Lamp {number:02d} is out", place="", help_wanted=""))
    first = (await client.get("/search?q=lamp")).text
    assert "40 problems" in first
    assert 'id="found-30"' in first
    assert 'id="found-31"' not in first
    more = html.unescape(re.findall(r'href="(/search\?q=lamp[^"]*most[^"]+)"', first)[0])
    assert more.endswith("#found-31")
    second = (await client.get(more)).text
    assert "40 problems" in second
    assert 'id="found-31"' in second
    assert "Show more problems" not in second
    assert 'id="found-30"' in (await client.get("/search?q=lamp&most=-5")).text
    assert "Spelled nearly like it" not in second, "what has the word is enough"


async def test_a_problem_has_one_address(client: httpx2.AsyncClient, cast: Cast) -> None:
    for old in (f"/problems/{cast.problem}", f"/problems/{cast.problem}/an-older-title"):
        answer = await client.get(old)
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            f"/problems/{cast.problem}/basements-on-brook-lane-flood",
        )


async def test_the_thread_tells_posts_and_stages_in_order(
    client: httpx2.AsyncClient,
    cast: Cast,
    desk: Desk,
    clock,  # type: ignore[no-untyped-def]
) -> None:
    async with desk.writing(cast.bo) as work:
        await write_post(work, cast.problem, kind="reply", capacity="neighbour", words="First words")
    clock.turn(minutes=5)
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="exploring", why="We look into it")
    clock.turn(minutes=5)
    async with desk.writing(cast.bo) as work:
        await write_post(work, cast.problem, kind="update", capacity="professional", words="Last words")
    page = (await client.get(f"/problems/{cast.problem}/basements-on-brook-lane-flood")).text
    assert page.index("First words") < page.index("We look into it") < page.index("Last words")
    assert "sharing professional knowledge" in page


async def test_older_posts_are_a_page_away_and_a_permalink_finds_its_page(
    client: httpx2.AsyncClient, cast: Cast, desk: Desk
) -> None:
    async with desk.writing(cast.bo) as work:
        ids = [
            await write_post(work, cast.problem, kind="reply", capacity="neighbour", words=f"Post number {n}.")
            for n in range(230)
        ]
    page = (await client.get(f"/problems/{cast.problem}/basements-on-brook-lane-flood")).text
    assert "Post number 229." in page
    assert "Post number 3." not in page
    assert "Show older posts" in page
    to = (await client.get(f"/problems/{cast.problem}/posts/{ids[3]}")).headers["location"]
    older = (await client.get(to)).text
    assert "Post number 3." in older
    assert "Go to the newest" in older


async def test_how_the_space_works_says_what_the_board_does(client: httpx2.AsyncClient) -> None:
    """Needs, being asked, networks, who looks after a problem, and belonging, by the figures that the board goes by."""
    main = (await client.get("/about/space")).text.partition("<main")[2].partition("</main")[0]
    said = html.unescape(re.sub(r"<[^>]+>", "", main))
    assert (MOST_A_WEEK, UNDO_FOR.total_seconds() / 3600, ANSWER_WITHIN.days, RING_LASTS.days) == (2, 1, 7, 3)
    for words in (
        "a skill, a thing, a room or an introduction",
        "If nobody answers for a week, we say sorry",
        "twice a week at most, never in your quiet hours, and never again for the same after a no",
        "officers as well, whatever their department, then everybody, three days each",
        "yes, not now, or not me",
        f"look after it for {CONVENES_FOR.days} days, with the yes of who posted it",
        "not their own, and can delete nobody’s words",
        f"deleted {REACHABLE_FOR.days} days after the offer ended",
        "step out at any time, and undo it for an hour",
        "no power over a problem, and no better place among those who could help",
    ):
        assert words in said, words
    for address in dict.fromkeys(re.findall(r'href="(/[^"#]*)', main)):
        assert (await client.get(address)).status_code in (200, 303), address


async def test_no_link_of_a_problem_is_called_by_a_time_alone_and_its_tags_are_a_list(
    client: httpx2.AsyncClient, desk: Desk, cast: Cast
) -> None:
    """Read out among other links, “4 months ago” says nothing of where it leads."""
    await a_post(desk, cast.bo, cast.problem)
    await a_need(desk, cast.ada, cast.problem, tags=("pumps", "water"))
    await an_offer(desk, cast.cy, cast.problem)
    main = (await client.get(f"/problems/{cast.problem}", follow_redirects=True)).text.partition("<main")[2]
    named = [re.sub(r"<time.*?</time>|<[^>]+>", "", words).strip() for words in re.findall(r"<a .*?>(.*?)</a>", main)]
    assert {"This post,", "This need,", "This offer,"} <= set(named)
    assert all(named), "each says what it leads to"
    assert '<ul role="list" class="row"><li class="tag">pumps</li><li class="tag">water</li></ul>' in main
    assert '<ul role="list" class="row" aria-label="Tags"><li><a class="tag"' in main
