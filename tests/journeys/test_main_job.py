"""The main job, from sign-in to first help: two neighbours, two browsers, two web processes, one board."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Page, expect

from civicboard.kit.work import Desk
from civicboard.places.actions import put_place
from tests.journeys.conftest import Arriving
from tests.journeys.neighbours import Neighbour
from tests.journeys.servers import Served, free_port, login_settings
from tests.providers.oidc_provider import oidc_provider

#: What a browser says by itself while the board it looks at has been killed.
AWAY = (
    "Failed to load resource",
    "WebSocket connection to",
    "htmx: htmx:ws:error",
    "htmx: htmx:error: Failed to fetch",
)


@dataclass
class TwoProcesses:
    """Two web processes on one database, each with an address of its own, and the provider that both know."""

    first: Served
    second: Served
    issuer: str


@pytest.fixture(scope="module")
def both(serve: Callable[..., Served]) -> Iterator[TwoProcesses]:
    ports = free_port(), free_port()
    origins = [f"http://127.0.0.1:{port}" for port in ports]
    with oidc_provider(
        [f"{origin}/login/town/callback" for origin in origins],
        post_logout_redirect_uris=[f"{origin}/" for origin in origins],
    ) as provider:
        login = login_settings(provider.issuer, provider.client_id, provider.client_secret)
        first, second = (serve(port=port, **login) for port in ports)
        first.wait()
        second.wait()
        yield TwoProcesses(first, second, provider.issuer)


async def test_two_neighbours_do_the_whole_job(both: TwoProcesses, town: Desk, neighbour: Arriving) -> None:
    async with town.writing() as work:
        await put_place(work, slug="canal-side", name="Canal Side", kind="street")
    ada = await neighbour(both.first.origin, also=[both.issuer], reduced_motion="no-preference")
    bo = await neighbour(both.second.origin, also=[both.issuer], reduced_motion="no-preference")
    await bo.go("/")
    await bo.live()
    await bo.stay()

    title = "The towpath floods under the railway bridge"
    await post_a_problem(ada, title)
    here = ada.page.url.split("?")[0]
    assert here.startswith(both.first.origin)

    # Bo's board was open all the while, on another web process.
    notice = bo.page.locator("#notices .notice", has_text=title)
    await expect(notice).to_contain_text("Canal Side")
    await expect(notice).to_contain_text("someone who can read a culvert survey")
    assert await bo.stayed()

    await ada.stay()
    await notice.get_by_role("link", name=title).click()
    await offer_help(bo)
    await ada.live()
    offer = ada.page.locator("#offers .offer", has_text="Eleven years of culvert surveys")
    await expect(offer).to_contain_text("Bo Adeyemi")
    await expect(offer).to_contain_text("2 hours")
    await expect(ada.page.locator("main header .count", has_text="1 offer")).to_be_visible()
    await ada.watching(2)
    assert await ada.stayed()

    # A second window of Ada's shows who is on it, and follows as well.
    network = await ada.context.new_page()
    await network.goto(f"{'/'.join(here.split('/')[:5])}/network")
    await expect(network.locator("body")).to_have_attribute("data-connection", "open")
    await expect(network.locator("#members")).not_to_contain_text("Bo Adeyemi")
    await bo.live()
    await bo.stay()

    await welcome(ada)
    for page in (ada.page, bo.page, network):
        await expect(page.locator("#members")).to_contain_text("Bo Adeyemi")
        await expect(page.locator("#members")).to_contain_text("Eleven years of culvert surveys")
    await expect(bo.page.locator("#offers")).to_contain_text("Thank you, could you come by on Saturday?")

    await report_progress(ada, "Bo has read the survey. The **culvert** is blocked at the far end.")
    update = bo.page.locator("#thread .post.update", has_text="blocked at the far end")
    await expect(update.locator("strong", has_text="culvert")).to_be_visible()
    assert await bo.stayed()

    await ada.stay()
    written = await write_through_a_crash(ada.page, both.first)
    await bo.page.get_by_label("Your words").fill("And I could bring a pump.")
    await bo.page.get_by_role("button", name="Post it").click()

    for page in (ada.page, bo.page):
        await expect(page.locator("#thread .post", has_text="And I could bring a pump.")).to_have_count(1)
        await expect(page.locator("#thread .post", has_text=written[-1])).to_have_count(1)
        assert await said_on(page, written) == dict.fromkeys(written, 1)
    await expect(ada.page.locator("body")).to_have_attribute("data-connection", "open")
    assert await ada.stayed()
    assert await bo.stayed()

    # What the pages show by now is what the board would show to anybody who comes anew.
    for page in (ada.page, bo.page):
        shown = await page.locator("#thread").inner_text()
        await page.reload()
        assert ignoring_times(shown) == ignoring_times(await page.locator("#thread").inner_text())
    ada.eye.saw_nothing(but=AWAY)
    bo.eye.saw_nothing()


async def post_a_problem(ada: Neighbour, title: str) -> None:
    """From the board, signed out: write it, look at it, sign in at the end, post it."""
    page = ada.page
    await ada.go("/")
    await page.get_by_role("link", name="Post a problem").first.click()
    await page.get_by_label("What is the matter, in one line?").press_sequentially(title)
    story = page.get_by_label("What is going on?")
    await story.fill("Each time it rains, **ankle deep**.\n\nSince the works of last spring.")
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator("#story-preview strong")).to_have_text("ankle deep")
    await page.get_by_label("Where?").select_option("Canal Side")
    await page.get_by_label("Tags").fill("flooding, towpath")
    async with page.expect_response(lambda answer: "culvert" in (answer.request.post_data or "")) as saved:
        await page.get_by_label("What help would be useful?").fill("someone who can read a culvert survey")
    assert (await saved.value).url.endswith("/drafts/problem")
    await expect(page.locator(".draft-state")).to_contain_text("Draft saved")

    await page.reload()
    await expect(page.get_by_label("What is the matter, in one line?")).to_have_value(title)
    await page.get_by_role("button", name="Sign in and post it").click()
    await expect(page.locator(".flash")).to_contain_text("What you wrote is kept")
    await ada.sign_in("Ada Kaur", place="Canal Side")

    await expect(page.get_by_label("What is the matter, in one line?")).to_have_value(title)
    await expect(story).to_have_value("Each time it rains, **ankle deep**.\n\nSince the works of last spring.")
    await expect(page.get_by_label("Tags")).to_have_value("flooding, towpath")
    await page.get_by_role("button", name="Post it").click()
    await expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    await expect(page.locator(".flash")).to_contain_text("Your problem is on the board")
    await expect(page.locator(".story strong")).to_have_text("ankle deep")
    await expect(page.locator("#follow-button")).to_have_text("Following. Stop")
    await ada.live()


async def offer_help(bo: Neighbour) -> None:
    """From the problem's page, signed out: say what one would bring, sign in at the end, offer it."""
    page = bo.page
    await page.get_by_role("link", name="I can help").click()
    await page.get_by_label("What would you bring?").fill("Eleven years of culvert surveys")
    await page.get_by_label("How many hours, in all").fill("2")
    await page.get_by_role("button", name="Offer this").click()
    await bo.sign_in("Bo Adeyemi")
    await expect(page.get_by_label("What would you bring?")).to_have_value("Eleven years of culvert surveys")
    await page.get_by_role("button", name="Offer this").click()
    await expect(page.locator("#offers .offer")).to_contain_text("Eleven years of culvert surveys")


async def welcome(ada: Neighbour) -> None:
    page = ada.page
    await page.get_by_role("link", name="Answer this offer").click()
    await page.locator("#answer").get_by_label("A kind word").fill("Thank you, could you come by on Saturday?")
    await page.get_by_role("button", name="Welcome this offer").click()
    await expect(page.locator("#offers .offer.welcomed")).to_contain_text("Eleven years of culvert surveys")


async def report_progress(ada: Neighbour, words: str) -> None:
    page = ada.page
    await ada.live()
    await page.get_by_label("News on how it goes").check()
    await page.get_by_label("Your words").fill(words)
    await page.get_by_role("button", name="Post it").click()
    await expect(page.locator("#thread .post.update")).to_have_count(1)
    await expect(page.get_by_label("Your words")).to_have_value("")


async def write_through_a_crash(page: Page, board: Served) -> list[str]:
    """Write line after line, insisting on each until the board has taken it, while its web process dies and returns.

    Returns the lines, every one of them acknowledged by an emptied form.
    """
    lines = [f"Line {number} of what happened" for number in range(1, 11)]
    words, post = page.get_by_label("Your words"), page.get_by_role("button", name="Post it")
    coming_back: asyncio.Task[None] | None = None
    for line in lines:
        await words.fill(line)
        if line == lines[3]:
            # The form is on its way when the process dies: nobody can know whether it arrived.
            await post.click(no_wait_after=True)
            await asyncio.to_thread(board.kill)
            coming_back = asyncio.create_task(asyncio.to_thread(board.start))
        while await words.input_value() == line:
            await post.click(no_wait_after=True)
            try:
                await expect(words).to_have_value("", timeout=400)
            except AssertionError:
                # Not taken yet: one sees that it was not lost, and presses again.
                assert await words.input_value() in (line, "")
        assert await words.input_value() == ""
    assert coming_back is not None
    await coming_back
    return lines


async def said_on(page: Page, lines: list[str]) -> dict[str, int]:
    """How often each line stands in the conversation."""
    posts = [text.strip() for text in await page.locator("#thread .post .prose").all_inner_texts()]
    counted = Counter(posts)
    return {line: counted[line] for line in lines}


def ignoring_times(text: str) -> list[str]:
    return [line for line in text.splitlines() if " ago" not in line and "just now" not in line]
