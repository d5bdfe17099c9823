"""A form whose answer was lost on the way: sent again it counts once, and other words are not lost."""

from __future__ import annotations

from playwright.async_api import Route, expect

from civicboard.kit.work import Desk
from civicboard.problems.actions import follow
from tests.cast import Cast
from tests.journeys.conftest import Arriving
from tests.journeys.servers import Served


async def test_other_words_under_an_old_key_are_shown_again(
    board: Served, town: Desk, gathered: Cast, neighbour: Arriving
) -> None:
    async with town.writing(gathered.bo) as work:
        await follow(work, gathered.problem)
    bo = await neighbour(board.origin, token=gathered.tokens["bo"])
    await bo.go(f"/problems/{gathered.problem}")
    await bo.live()
    composer, thread = bo.page.locator("#composer"), bo.page.locator("#thread .post")
    words, post = composer.get_by_label("Your words"), composer.get_by_role("button", name="Post it")

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await bo.page.route("**/posts", lose_the_answer, times=1)
    await words.fill("The grate is full.")
    # Bo follows it, and is one of its people now, so his page asks who could help: that says nothing of what he wrote.
    async with bo.page.expect_response("**/helping"):
        await post.click(no_wait_after=True)
    await expect(thread).to_have_count(1)
    await expect(composer.locator(".draft-state")).to_contain_text("What you wrote is still here")

    await words.fill("The grate is full of leaves.")
    await post.click(no_wait_after=True)
    await expect(composer.locator("#error-summary")).to_contain_text("This was posted already, with other words.")
    await expect(words).to_have_value("The grate is full of leaves.")
    await expect(thread).to_have_count(1)

    await post.click(no_wait_after=True)
    await expect(thread).to_have_count(2)
    await expect(thread.last).to_contain_text("full of leaves")
    await expect(words).to_have_value("")
    await expect(composer.locator("#error-summary")).to_have_count(0)
    bo.eye.saw_nothing(but=["Failed to load resource", "htmx: htmx:error: Failed to fetch"])


async def test_without_a_script_too(board: Served, gathered: Cast, neighbour: Arriving) -> None:
    bo = await neighbour(board.origin, token=gathered.tokens["bo"], java_script_enabled=False)
    await bo.go("/problems/new")
    title, story = bo.page.get_by_label("What is the matter, in one line?"), bo.page.get_by_label("What is going on?")
    post = bo.page.get_by_role("button", name="Post it")
    key = await bo.page.locator("input[name=key]").input_value()
    await title.fill("The grate is full")
    await story.fill("It has been full of leaves since the autumn.")
    told = {"title": "The grate is full", "story": "It has been full of leaves since the spring.", "key": key}
    headers = {"Origin": board.origin, "Sec-Fetch-Site": "same-origin"}
    sent = await bo.context.request.post(f"{board.origin}/problems", form=told, headers=headers, max_redirects=0)
    assert sent.status == 303

    await post.click()
    await expect(bo.page.locator("#error-summary")).to_contain_text("This was posted already, with other words")
    await expect(story).to_have_value("It has been full of leaves since the autumn.")
    await post.click()
    await expect(bo.page.get_by_role("heading", level=1, name="The grate is full")).to_be_visible()
    await expect(bo.page.get_by_text("since the autumn")).to_be_visible()
