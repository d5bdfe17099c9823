"""The main job without JavaScript: everything is a link, a form and a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from civicboard.kit.work import Desk
from civicboard.places.actions import put_place
from tests.journeys.conftest import Arriving
from tests.journeys.servers import Served, free_port, login_settings
from tests.providers.oidc_provider import oidc_provider

TITLE = "The footbridge has lost two planks"


@pytest.fixture(scope="module")
def board(serve: Callable[..., Served]) -> Iterator[Served]:
    """A web process, and the provider that people sign in with."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with oidc_provider([f"{origin}/login/town/callback"], post_logout_redirect_uris=[f"{origin}/"]) as provider:
        login = login_settings(provider.issuer, provider.client_id, provider.client_secret)
        served = serve(port=port, **login)
        served.wait()
        yield served


async def test_the_main_job(board: Served, town: Desk, neighbour: Arriving) -> None:
    async with town.writing() as work:
        await put_place(work, slug="mill-end", name="Mill End", kind="street")
    provider = "http://127.0.0.1:"
    ada = await neighbour(board.origin, also=[provider], java_script_enabled=False)
    bo = await neighbour(board.origin, also=[provider], java_script_enabled=False)

    # Ada writes, looks at it, is told what is missing, signs in at the end, and posts it.
    page = ada.page
    await ada.go("/problems/new")
    await page.get_by_label("What is the matter, in one line?").fill(TITLE)
    await page.get_by_label("Where?").select_option("Mill End")
    await page.get_by_role("button", name="Sign in and post it").click()
    await expect(page.locator("#error-summary")).to_contain_text("Please say what is going on")
    await expect(page.locator("#error-summary")).to_be_focused()
    await page.get_by_label("What is going on?").fill("One slips **through**, at the far end of it.")
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator(".preview strong")).to_have_text("through")
    await expect(page.get_by_label("What is the matter, in one line?")).to_have_value(TITLE)
    await page.get_by_label("What help would be useful?").fill("a carpenter")
    await page.get_by_role("button", name="Sign in and post it").click()
    await ada.sign_in("Ada Kaur", place="Mill End")
    await expect(page.get_by_label("What help would be useful?")).to_have_value("a carpenter")
    await page.get_by_role("button", name="Post it").click()
    await expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    await expect(page.locator(".story strong")).to_have_text("through")
    problem = page.url.split("?")[0]

    # Bo finds it on the board, is affected too, follows it, and offers: welcomed.
    await bo.go("/?place=mill-end")
    await bo.page.get_by_role("link", name=TITLE).click()
    await bo.page.get_by_role("link", name="I can help").click()
    await make_offer(bo.page, "Thirty years of carpentry")
    await bo.sign_in("Bo Adeyemi")
    await expect(bo.page.get_by_label("What would you bring?")).to_have_value("Thirty years of carpentry")
    await bo.page.get_by_role("button", name="Offer this").click()
    await tap_and_take_back(bo.page)

    await page.reload()
    await page.get_by_role("link", name="Answer this offer").click()
    await page.locator("#answer").get_by_label("A kind word").fill("Gladly. On Saturday?")
    await page.get_by_role("button", name="Welcome this offer").click()
    await expect(page.locator("#members")).to_contain_text("Bo Adeyemi")
    await expect(page.locator("#offers")).to_contain_text("Gladly. On Saturday?")

    # A second offer is declined with a kind word, which has to be there; a third is withdrawn.
    await bo.page.goto(problem)
    await bo.page.get_by_role("link", name="I can help").click()
    await make_offer(bo.page, "A van full of planks")
    await page.goto(problem)
    await page.get_by_role("link", name="Answer this offer").click()
    await page.get_by_role("button", name="Decline with this kind word").click()
    await expect(page.locator("#error-summary")).to_contain_text("Please add a kind word")
    await page.get_by_label("A kind word").last.fill("The council has sent some.")
    await page.get_by_role("button", name="Decline with this kind word").click()
    await expect(page.locator("#offers .offer.declined")).to_contain_text("The council has sent some.")
    await bo.page.get_by_role("link", name="I can help").click()
    await make_offer(bo.page, "A ladder")
    ladder = bo.page.locator("#offers .offer", has_text="A ladder")
    await ladder.get_by_role("link", name="Withdraw this offer").click()
    await bo.page.get_by_role("button", name="Withdraw this offer").click()
    await expect(bo.page.locator("#offers .offer.withdrawn")).to_contain_text("A ladder")

    await talk_and_report(page, bo.page, problem)
    await sign_out(page)
    await page.goto(problem)
    await expect(page.get_by_role("link", name="Edit your words")).to_have_count(0)
    ada.eye.saw_nothing(but=["Failed to load resource"])
    bo.eye.saw_nothing(but=["Failed to load resource"])


async def make_offer(page: Page, what: str) -> None:
    await page.get_by_label("What would you bring?").fill(what)
    await page.get_by_label("How many hours, in all").fill("2")
    await page.get_by_label("Until when").fill((datetime.now(UTC) + timedelta(days=30)).date().isoformat())
    await page.get_by_role("button", name="Offer this").click()


async def tap_and_take_back(page: Page) -> None:
    for press, then in (
        ("This affects me too", "It affects you too. Take it back"),
        ("It affects you too. Take it back", "This affects me too"),
        ("Following. Stop", "Follow"),
        ("Follow", "Following. Stop"),
    ):
        await page.get_by_role("button", name=press, exact=True).click()
        await expect(page.get_by_role("button", name=then, exact=True)).to_be_visible()


async def talk_and_report(ada: Page, bo: Page, problem: str) -> None:
    """Reply, quote, edit, read the history, report progress, change the stage."""
    await bo.goto(problem)
    await bo.get_by_role("button", name="Post it").click()
    await expect(bo.locator("#error-summary")).to_contain_text("Please write something first")
    await bo.get_by_label("Your words").fill("I had a look, @ada. It is *oak*.")
    await bo.get_by_role("button", name="Preview").click()
    await expect(bo.locator(".preview em")).to_have_text("oak")
    await bo.get_by_label("sharing professional knowledge").check()
    await bo.get_by_role("button", name="Post it").click()
    post = bo.locator("#thread .post", has_text="I had a look")
    await expect(post).to_contain_text("sharing professional knowledge")
    await expect(post.get_by_role("link", name="@ada")).to_have_attribute("href", "/people/ada")

    await post.get_by_role("link", name="Edit").click()
    await bo.get_by_label("Your words").fill("I had a look, @ada. It is *elm*.")
    await bo.get_by_role("button", name="Save").click()
    await bo.locator("#thread .post").get_by_role("link", name="edited").click()
    await expect(bo.get_by_role("heading", name="Edit 1")).to_be_visible()
    await expect(bo.locator(".diff ins")).to_contain_text("elm")

    await ada.goto(problem)
    await ada.get_by_role("link", name="Quote Bo Adeyemi").click()
    words = ada.get_by_label("Your words")
    await expect(words).to_have_value(re.compile(r"^@bo wrote:\n\n> I had a look, @ada. It is \*elm\*.\n"))
    await words.fill(f"{await words.input_value()}Elm it is.")
    await ada.get_by_role("button", name="Post it").click()
    await expect(ada.locator("#thread .post blockquote")).to_contain_text("It is elm.")
    await ada.get_by_label("News on how it goes").check()
    await ada.get_by_label("Your words").fill("Two planks are in.")
    await ada.get_by_role("button", name="Post it").click()
    await expect(ada.locator("#thread .post.update")).to_contain_text("Two planks are in.")

    await ada.get_by_role("link", name="Change the stage").click()
    await ada.get_by_label("Sorted").check()
    await ada.get_by_role("button", name="Change the stage").click()
    await expect(ada.locator("#error-summary")).to_be_visible()
    await ada.get_by_label("Why").fill("Bo put two planks in. It holds a cow.")
    await ada.get_by_role("button", name="Change the stage").click()
    await expect(ada.locator("main header .stage")).to_have_text("Sorted")
    await expect(ada.locator("#thread .timeline-entry")).to_contain_text("It holds a cow.")

    await ada.get_by_role("link", name="Edit your words").click()
    await ada.get_by_label("What is going on?").fill("One slipped **through**, until Bo came.")
    await ada.get_by_label("Why the change?").fill("It is mended")
    await ada.get_by_role("button", name="Save").click()
    await ada.get_by_role("link", name="edited once").click()
    await expect(ada.locator("#revision-2")).to_contain_text("It is mended")
    await expect(ada.locator("#revision-2 ins").first).to_be_visible()


async def sign_out(page: Page) -> None:
    await page.get_by_role("button", name="Sign out").first.click()
    await page.get_by_role("button", name="Yes, sign me out").click()
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()
