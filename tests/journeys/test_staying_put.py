"""What is live never moves what one is reading, and never takes what one is writing."""

from __future__ import annotations

import pytest_asyncio
from playwright.async_api import Page, Route, expect

from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Desk
from civicboard.posts.actions import edit_post, write_post
from civicboard.posts.queries import find_post
from civicboard.problems.actions import post_problem
from tests.cast import Cast, Told
from tests.journeys.conftest import Arriving
from tests.journeys.neighbours import Neighbour
from tests.journeys.servers import Served

#: Where everything that is on the screen stands, to the pixel.
PLACES = """() => {
  const all = [...document.querySelectorAll("main :is(.notice, .post, .story, textarea, #offers-title)")];
  return Object.fromEntries(all
    .map((one, number) => [one.id || `element ${number}`, Math.round(one.getBoundingClientRect().top)])
    .filter(([, top]) => top > 0 && top < innerHeight));
}"""

#: A key that is pressed when the answer is in its place already, and htmx is still busy with it.
TYPED_AT_THE_LAST_MOMENT = """() => {
  document.addEventListener("htmx:before:settle", function typed(event) {
    if (!event.detail.newContent.some((element) => element.id === "composer")) return;
    document.querySelector("#composer textarea").value += ", just so";
    document.removeEventListener("htmx:before:settle", typed);
  });
}"""


@pytest_asyncio.fixture(scope="module")
async def long_thread(town: Desk, gathered: Cast) -> int:
    """The number of a problem of Ada's on which much has been said."""
    async with town.writing(gathered.ada) as work:
        number = (await post_problem(work, Told(title="The long story of the millrace"))).id
    async with town.writing(gathered.cy) as work:
        for turn in range(30):
            await write_post(
                work, number, kind="reply", capacity="neighbour", words=f"Chapter {turn} of it.\n\nAnd so on."
            )
    return number


async def say(town: Desk, who: Viewer, number: int, *words: str) -> list[int]:
    """Posts by somebody elsewhere; gives their ids."""
    posts = []
    for one in words:
        async with town.writing(who) as work:
            posts.append(await write_post(work, number, kind="reply", capacity="neighbour", words=one))
    return posts


async def settled(page: Page) -> dict[str, int]:
    """Where everything on the screen stands, once two frames have been drawn."""
    await page.evaluate("document.fonts.ready")
    await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    places: dict[str, int] = await page.evaluate(PLACES)
    return places


async def test_new_posts_wait_below_for_a_reader_further_up(
    board: Served, town: Desk, gathered: Cast, long_thread: int, neighbour: Arriving
) -> None:
    bo = await neighbour(board.origin, token=gathered.tokens["bo"])
    await bo.go(f"/problems/{long_thread}")
    await bo.live()
    await bo.page.locator("#thread .post").nth(4).scroll_into_view_if_needed()
    before, scrolled = await settled(bo.page), await bo.page.evaluate("scrollY")
    assert before

    posts = await say(town, gathered.ada, long_thread, "One more thing.", "And another.", "And the last.")
    pill = bo.page.get_by_role("button", name="3 new posts")
    await expect(pill).to_be_visible()
    assert await settled(bo.page) == before
    assert await bo.page.evaluate("scrollY") == scrolled
    assert not await bo.in_view(f"#post-{posts[0]}")

    await pill.click()
    await expect(bo.page.locator(f"#post-{posts[0]}")).to_be_in_viewport()
    await expect(pill).to_be_hidden()
    bo.eye.saw_nothing()


async def test_the_field_one_writes_in_stays_where_it_is(
    board: Served, town: Desk, gathered: Cast, long_thread: int, neighbour: Arriving
) -> None:
    bo = await neighbour(board.origin, token=gathered.tokens["bo"], viewport={"width": 360, "height": 640})
    await bo.go(f"/problems/{long_thread}#composer")
    await bo.live()
    words = bo.page.get_by_label("Your words")
    await words.press_sequentially("I was just going to s")
    before = (await settled(bo.page))["field-words"]

    [post] = await say(town, gathered.ada, long_thread, "Something long.\n\nIn three parts.\n\nThe third.")
    await expect(bo.page.locator(f"#post-{post}")).to_be_attached()
    assert abs((await settled(bo.page))["field-words"] - before) <= 1
    await expect(words).to_be_focused()
    await bo.page.keyboard.type("ay so.")
    await expect(words).to_have_value("I was just going to say so.")
    bo.eye.saw_nothing()


async def test_an_edit_of_the_post_one_is_on_keeps_the_focus(
    board: Served, town: Desk, gathered: Cast, long_thread: int, neighbour: Arriving
) -> None:
    [post] = await say(town, gathered.cy, long_thread, "It was in 1974.")
    bo = await neighbour(board.origin, token=gathered.tokens["bo"])
    await bo.go(f"/problems/{long_thread}")
    await bo.live()
    quote = bo.page.locator(f"#post-{post}").get_by_role("link", name="Quote")
    await quote.focus()
    async with town.writing(gathered.cy) as work:
        version = (await find_post(work, post)).version
        await edit_post(work, post, words="It was in 1975.", seen_version=version)
    await expect(bo.page.locator(f"#post-{post}")).to_contain_text("1975")
    await expect(quote).to_be_focused()
    bo.eye.saw_nothing()


async def test_new_problems_wait_above_for_a_reader_further_down(
    board: Served, town: Desk, gathered: Cast, neighbour: Arriving
) -> None:
    async with town.writing(gathered.ada) as work:
        for turn in range(12):
            await post_problem(work, Told(title=f"An earlier matter, the {turn}th"))
    bo = await neighbour(board.origin, token=gathered.tokens["bo"])
    await bo.go("/")
    await bo.live()
    await bo.page.locator("#notices .notice").nth(6).scroll_into_view_if_needed()
    before = await settled(bo.page)
    assert before

    async with town.writing(gathered.ada) as work:
        await post_problem(work, Told(title="The weir is loud again"))
    pill = bo.page.get_by_role("button", name="1 new problem")
    await expect(pill).to_be_visible()
    assert await settled(bo.page) == before
    await expect(bo.page.locator("#notices")).not_to_contain_text("The weir is loud again")

    await pill.click()
    await expect(bo.page.locator("#notices .notice").first).to_contain_text("The weir is loud again")
    await expect(bo.page.locator("#notices .notice").first).to_be_in_viewport()
    bo.eye.saw_nothing()


async def test_pressing_twice_posts_once_and_loses_nothing(board: Served, gathered: Cast, neighbour: Arriving) -> None:
    bo = await neighbour(board.origin, token=gathered.tokens["bo"])
    await bo.go(f"/problems/{gathered.problem}")
    await bo.live()
    words, post = bo.page.get_by_label("Your words"), bo.page.get_by_role("button", name="Post it")
    await words.fill("Twice is too often.")
    await post.dblclick()
    await expect(bo.page.locator("#thread .post", has_text="Twice is too often.")).to_have_count(1)
    await expect(words).to_have_value("")

    # The answer comes late, and the next words are on their way already; a key is even pressed while it arrives.
    await hold_the_next_post(bo)
    await bo.page.evaluate(TYPED_AT_THE_LAST_MOMENT)
    await words.fill("The first words.")
    await post.click(no_wait_after=True)
    await words.press("End")
    await words.press_sequentially(" And more")
    await expect(bo.page.locator("#thread .post", has_text="The first words.")).to_have_count(1)
    await expect(words).to_have_value("The first words. And more, just so")
    await expect(words).to_be_focused()
    await bo.page.reload()
    await expect(bo.page.locator("#thread .post", has_text="Twice is too often.")).to_have_count(1)
    bo.eye.saw_nothing()


async def test_what_is_refused_is_not_called_posted(board: Served, gathered: Cast, neighbour: Arriving) -> None:
    """Somebody sends the form too early, and writes on until the answer comes."""
    bo = await neighbour(board.origin, token=gathered.tokens["bo"])
    await bo.go(f"/problems/{gathered.problem}")
    await bo.live()
    composer = bo.page.locator("#composer")
    words = composer.get_by_label("Your words")
    await hold_the_next_post(bo)
    await composer.get_by_role("button", name="Post it").click(no_wait_after=True)
    await words.press_sequentially("Now then")
    await expect(composer.locator("#error-summary")).to_be_visible()
    await expect(words).to_be_focused()
    await bo.page.keyboard.type(", here it is.")
    await expect(words).to_have_value("Now then, here it is.")
    await expect(composer.locator(".draft-state")).not_to_contain_text("Posted")
    bo.eye.saw_nothing(but=["Failed to load resource: the server responded with a status of 422"])


async def test_a_refusal_can_be_seen_and_nothing_is_lost(board: Served, gathered: Cast, neighbour: Arriving) -> None:
    bo = await neighbour(board.origin, token=gathered.tokens["bo"])
    await bo.go(f"/problems/{gathered.problem}")
    await bo.live()
    post = bo.page.get_by_role("button", name="Post it")
    await bo.page.get_by_label("Your words").fill("These words are in nobody's way.")
    await bo.page.route("**/posts", lambda route: route.abort())
    await post.click(no_wait_after=True)
    state = bo.page.locator("#composer .draft-state")
    await expect(state).to_contain_text("What you wrote is still here")
    await bo.page.unroute("**/posts")

    # A page that was open for long: its session has ended meanwhile.
    await bo.context.clear_cookies()
    async with bo.page.expect_navigation():
        await post.click(no_wait_after=True)
    await expect(bo.page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    await bo.context.add_cookies([{"name": "session", "value": gathered.tokens["bo"], "url": board.origin}])


async def hold_the_next_post(someone: Neighbour) -> None:
    """Let the next form arrive at the board a second late, as on a slow line."""

    async def late(route: Route) -> None:
        await someone.page.evaluate("new Promise(done => setTimeout(done, 1500))")
        await route.continue_()

    await someone.page.route("**/posts", late, times=1)
