"""The main job with the keyboard alone, and the shortcuts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import select

from civicboard.kit import web
from civicboard.kit.work import Desk
from civicboard.people.models import Identity, Session
from civicboard.problems.actions import post_problem
from tests.cast import Cast, Told
from tests.journeys.conftest import Arriving
from tests.journeys.neighbours import Neighbour
from tests.journeys.servers import Served, free_port, login_settings
from tests.providers.oidc_provider import oidc_provider

#: Whether what has the focus shows it.
SHOWS_FOCUS = """() => {
  const shown = (element, part) => {
    const style = getComputedStyle(element, part);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  };
  const held = document.activeElement;
  return held === document.body || shown(held) || shown(held, "::before") || shown(held, "::after")
    || shown(held.closest("article, li, label") ?? held);
}"""
#: What is to be asked after each press of Tab, in one go: what has the focus and doesn't show it, whether it is the
#: element that was meant, and whether that one is still on the page.
THERE = f"""element => [
  ({SHOWS_FOCUS})() ? "" : document.activeElement.outerHTML.slice(0, 200),
  element === document.activeElement, element.isConnected,
]"""


@dataclass
class Town:
    """One web process, and the provider that people sign in with."""

    board: Served
    issuer: str


@pytest.fixture(scope="module")
def here(serve: Callable[..., Served]) -> Iterator[Town]:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with oidc_provider([f"{origin}/login/town/callback"], post_logout_redirect_uris=[f"{origin}/"]) as provider:
        served = serve(port=port, **login_settings(provider.issuer, provider.client_id, provider.client_secret))
        served.wait()
        yield Town(served, provider.issuer)


@pytest.fixture(scope="module")
def board(here: Town) -> Served:
    return here.board


async def tab_to(page: Page, there: Locator, *, most: int = 90) -> None:
    """Press Tab until the focus is there; on its way it must always be seen."""
    element = await there.element_handle()
    for _ in range(most):
        await page.keyboard.press("Tab")
        unseen, arrived, stands = await element.evaluate(THERE)
        assert not unseen, unseen
        if arrived:
            return
        if not stands:  # what happened live has put another in its place
            element = await there.element_handle()
            if await element.evaluate("element => element === document.activeElement"):
                return
    raise AssertionError(f"{there} can't be reached with {most} tabs")


async def write(page: Page, label: str, words: str) -> None:
    await tab_to(page, page.get_by_label(label))
    await page.keyboard.type(words)


async def press(page: Page, role: str, name: str) -> None:
    await tab_to(page, page.get_by_role(role, name=name).first)  # type: ignore[arg-type]  # a role
    if role == "link":
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
    else:
        await page.keyboard.press("Enter")


async def test_the_main_job(board: Served, gathered: Cast, neighbour: Arriving) -> None:
    ada = await neighbour(board.origin, token=gathered.tokens["ada"])
    bo = await neighbour(board.origin, token=gathered.tokens["bo"])
    title = "The bench by the weir has gone"
    await ada.go("/")
    await press(ada.page, "link", "Post a problem")
    await write(ada.page, "What is the matter, in one line?", title)
    await press(ada.page, "button", "Post it")
    await expect(ada.page.locator("#error-summary")).to_be_focused()
    await press(ada.page, "link", "Please say what is going on, in your own words.")
    await expect(ada.page.get_by_label("What is going on?")).to_be_focused()
    await ada.page.keyboard.type("It stood there for ninety years.")
    await press(ada.page, "button", "Post it")
    await expect(ada.page.get_by_role("heading", level=1, name=title)).to_be_visible()
    await ada.live()

    await bo.go("/")
    await bo.page.keyboard.press("Tab")
    await expect(bo.page.get_by_role("link", name="Skip to the main part")).to_be_focused()
    await expect(bo.page.get_by_role("link", name="Skip to the main part")).to_be_in_viewport()
    await bo.page.keyboard.press("Enter")
    await expect(bo.page.locator("main")).to_be_focused()
    await press(bo.page, "link", title)
    await press(bo.page, "link", "I can help")
    await write(bo.page, "What would you bring?", "A bench")
    await press(bo.page, "button", "Offer this")
    await expect(bo.page.locator("#offers .offer")).to_contain_text("A bench")
    await bo.live()

    await expect(ada.page.locator("#offers .offer")).to_contain_text("A bench")
    await press(ada.page, "link", "Answer this offer")
    await tab_to(ada.page, ada.page.get_by_label("A kind word").first)
    await ada.page.keyboard.type("How lovely.")
    await press(ada.page, "button", "Welcome this offer")
    await expect(bo.page.locator("#members")).to_contain_text("A bench")

    # Bo says two things in a row: the focus is where the next words go.
    await write(bo.page, "Your words", "I bring it on Sunday.")
    await press(bo.page, "button", "Post it")
    await expect(bo.page.get_by_label("Your words")).to_be_focused()
    await bo.page.keyboard.type("Or on Monday.")
    await press(bo.page, "button", "Post it")
    await expect(ada.page.locator("#thread .post")).to_have_count(2)
    await tab_to(ada.page, ada.page.get_by_label("A reply", exact=True))
    await ada.page.keyboard.press("ArrowDown")
    await expect(ada.page.get_by_label("News on how it goes")).to_be_checked()
    await ada.page.keyboard.press("Shift+Tab")
    await expect(ada.page.get_by_label("Your words")).to_be_focused()
    await ada.page.keyboard.type("It stands.")
    await press(ada.page, "button", "Post it")
    await expect(bo.page.locator("#thread .post.update")).to_contain_text("It stands.")
    ada.eye.saw_nothing(but=["Failed to load resource: the server responded with a status of 422"])
    bo.eye.saw_nothing()


async def test_from_the_board_signed_out_to_signing_out_again(
    here: Town, town: Desk, gathered: Cast, neighbour: Arriving
) -> None:
    ada = await neighbour(here.board.origin, token=gathered.tokens["ada"])
    eve = await neighbour(here.board.origin, also=[here.issuer])
    problem = f"/problems/{gathered.problem}"
    await ada.go(problem)
    await ada.live()
    await find_with_filters(eve, "Basements on Brook Lane flood")
    await sign_in(eve)
    await expect(eve.page.get_by_role("heading", level=1)).to_have_text("Basements on Brook Lane flood")
    await eve.live()

    await tab_to(eve.page, eve.page.locator("#affected-button"))
    await eve.page.keyboard.press("Space")
    await expect(eve.page.locator("#affected-button")).to_have_text("It affects you too. Take it back")
    await expect(eve.page.locator("#affected-button")).to_be_focused()
    await press(eve.page, "link", "I can help")
    await write(eve.page, "What would you bring?", "A pump")
    await write(eve.page, "Anything else they should know", "It is loud.")
    await write(eve.page, "How many hours, in all", "2.5")
    await write(eve.page, "Until when", "10102035")  # the tenth of the tenth, wherever one is
    await press(eve.page, "button", "Offer this")
    await expect(ada.page.locator("#offers .offer")).to_contain_text("10 October 2035")
    await eve.live()

    await press(ada.page, "link", "Answer this offer")
    await tab_to(ada.page, ada.page.get_by_label("A kind word").last)
    await ada.page.keyboard.type("Thank you, we have one by now.")
    await press(ada.page, "button", "Decline with this kind word")
    await expect(ada.page.locator(".flash")).to_contain_text("You have declined the offer")
    await expect(eve.page.locator("#offers .offer")).to_contain_text("we have one by now")
    await press(ada.page, "link", "Change the stage")
    await tab_to(ada.page, ada.page.get_by_label("Exploring"))
    await ada.page.keyboard.press("ArrowDown")
    await expect(ada.page.get_by_label("Trying something")).to_be_checked()
    await write(ada.page, "Why", "The pump is there.")
    await press(ada.page, "button", "Change the stage")
    await expect(eve.page.locator("#thread .timeline-entry")).to_contain_text("The pump is there.")
    await expect(eve.page.locator("main header .stage")).to_have_text("Trying something")

    await look_after_the_account(eve, town)
    await sign_out(eve)
    for one in (ada, eve):
        one.eye.saw_nothing(but=["Failed to load resource: the server responded with a status of 422"])


async def find_with_filters(eve: Neighbour, title: str) -> None:
    page = eve.page
    await eve.go("/")
    await press(page, "link", "Needs help")
    await expect(page.get_by_role("link", name="Needs help")).to_have_attribute("aria-current", "true")
    await tab_to(page, page.locator("details.more summary"))
    await page.keyboard.press("Enter")
    await choose(page, "Place", "Brook Lane")
    await write(page, "Tag", "drains")
    await choose(page, "Order", "Newest")
    async with page.expect_navigation():
        await press(page, "button", "Show these")
    assert "place=brook-lane" in page.url
    assert "tag=drains" in page.url
    await press(page, "link", title)


async def choose(page: Page, label: str, words: str) -> None:
    """Go through a select with the arrow until it shows these words."""
    select = page.get_by_label(label)
    await tab_to(page, select)
    for _ in range(10):
        if await select.evaluate("one => one.selectedOptions[0].label") == words:
            return
        await page.keyboard.press("ArrowDown")
    raise AssertionError(f"{label} never shows {words}")


async def sign_in(eve: Neighbour) -> None:
    """From the masthead through the provider and the form of the first sign-in, with a slip on the way."""
    page, keyboard = eve.page, eve.page.keyboard
    await press(page, "link", "Sign in")
    await press(page, "button", "Go on with Town hall")
    # The provider's page is not ours to style.
    await expect(page.get_by_label("Login name")).to_be_focused()
    await keyboard.type("eve")
    await keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    await keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="What should we call you?")).to_be_visible()
    await write(page, "Your name", "Eve Marsh")
    await write(page, "Your handle", "-")
    await choose(page, "Your neighbourhood", "Brook Lane")
    await press(page, "button", "Make my account")
    await expect(page.locator("#error-summary")).to_be_focused()
    await tab_to(page, page.locator("#error-summary a"))
    await keyboard.press("Enter")
    await expect(page.get_by_label("Your handle")).to_be_focused()
    await keyboard.press("ControlOrMeta+a")
    await keyboard.type("eve")
    await expect(page.get_by_label("Your neighbourhood")).to_have_value("brook-lane")
    await press(page, "button", "Make my account")
    await expect(page.locator(".flash")).to_contain_text("This is your account now")


async def look_after_the_account(eve: Neighbour, town: Desk) -> None:
    """Say something about oneself, and end the session of another browser."""
    page = eve.page
    async with town.writing() as work:
        identity = (await work.session.scalars(select(Identity).where(Identity.subject == "eve"))).one()
        other = Session(
            person_id=identity.person_id,
            identity_id=identity.id,
            token_hash=web.hashed("another browser of Eve's"),
            started_at=work.now,
            seen_at=work.now,
            ends_at=work.now + timedelta(days=1),
        )
        work.session.add(other)
        await work.session.flush()
        other_id = other.id
    await press(page, "link", "Account")
    await write(page, "A few words about you", "I mend pumps.")
    await tab_to(page, page.get_by_label("Show my name while I read"))
    await page.keyboard.press("Space")
    await press(page, "button", "Save")
    await expect(page.locator(".flash")).to_contain_text("Your profile is saved")
    await expect(page.get_by_label("Show my name while I read")).not_to_be_checked()
    await tab_to(page, page.locator(f"#session-{other_id} button"))
    await page.keyboard.press("Enter")
    await expect(page.locator(".flash")).to_be_visible()
    await expect(page.locator(f"#session-{other_id}")).to_have_count(0)


async def sign_out(eve: Neighbour) -> None:
    """Here and at the provider, and back to the board."""
    page = eve.page
    await press(page, "button", "Sign out")
    await expect(page.get_by_role("heading", name="Sign out of the test provider?")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Yes, sign me out")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    await eve.go("/account")
    await expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()


#: Counts what somebody who doesn't see is told.
COUNTED = """() => {
  window.told = [];
  const announcer = document.getElementById("announcer");
  new MutationObserver(() => told.push(announcer.textContent)).observe(announcer, { childList: true });
}"""


@pytest.mark.parametrize("width", [1280, 360])
async def test_search_and_narrow_and_take_it_back(
    board: Served, town: Desk, gathered: Cast, neighbour: Arriving, width: int
) -> None:
    async with town.writing(gathered.ada) as work:
        for number in range(3):
            told = Told(title=f"Kerb {number} at {width}", tags=("kerbs", f"step-{number % 2}"), help_wanted="")
            await post_problem(work, told)
    dee = await neighbour(board.origin, viewport={"width": width, "height": 740})
    page, keyboard = dee.page, dee.page.keyboard
    box, found = page.get_by_role("searchbox"), page.locator("#found")
    await dee.go("/search")
    await expect(box).to_be_focused()
    await page.evaluate(COUNTED)
    await keyboard.type(f'"at {width}"')
    await expect(page).to_have_title(re.compile(f'^Search for "at {width}" · '))
    assert await page.evaluate("told") == [f'3 problems for "at {width}".']
    await expect(box).to_be_focused()

    # Each choice is where one was, says what it is, and is taken back there.
    await press(page, "link", "Problems 3")
    await expect(page.locator("#kind-problem")).to_be_focused()
    await expect(page.locator("#announcer")).to_have_text(f'3 problems for "at {width}".')
    # (axe leaves out what is one letter long.)
    colours = "one => [one, one.parentElement].map((each) => getComputedStyle(each).color)"
    assert len(set(await page.locator("#kind-problem small").evaluate(colours))) == 1, "its number is as dark"
    await tab_to(page, page.locator("#narrow"))
    await keyboard.press("Enter")
    await press(page, "link", "Only step-0 2 problems")
    await expect(page.get_by_role("link", name=re.compile("^step-0.*take this away"))).to_be_focused()
    await expect(page.locator("#chosen-tag")).to_be_in_viewport(ratio=1)
    await expect(found.locator(".notice")).to_have_count(2)
    async with page.expect_navigation():
        await keyboard.press("Enter")
    await expect(page.locator("#narrow")).to_be_focused()
    await expect(page.locator("#narrow")).to_be_in_viewport(ratio=1)
    await expect(found.locator(".notice")).to_have_count(3)

    # Whoever has gone on to the results before the last of them came stays where they were, with what they unfolded.
    await keyboard.press("Enter")
    await box.focus()
    await keyboard.press("End")
    await keyboard.type(" -1")
    held = found.get_by_role("link", name=f"Kerb 0 at {width}")
    await held.focus()
    there = await held.evaluate("one => one.getBoundingClientRect().top")
    await expect(page).to_have_url(re.compile("-1"))
    await expect(held).to_be_focused()
    assert abs(await held.evaluate("one => one.getBoundingClientRect().top") - there) < 2
    await expect(found.locator("details.facets")).to_have_attribute("open", "")
    await box.focus()
    await keyboard.press("End")
    await keyboard.type(" -kerb")
    await held.focus()
    await expect(page.locator("#count")).to_be_focused()
    await expect(page.locator("#count")).to_have_text(re.compile("^Nothing found for"))

    await box.fill(f"at {width}")
    await expect(page).to_have_url(re.compile(rf"q=at\+{width}&"))
    await box.focus()
    async with page.expect_navigation():
        await keyboard.press("Enter")
    await expect(page.locator("#count")).to_be_focused()
    assert await page.evaluate(SHOWS_FOCUS)
    dee.eye.saw_nothing()


#: A question on an open page that is edited so that it asks nothing, while somebody is about to answer it.
EDITED_AWAY = """() => {
  document.querySelector("main").innerHTML = `<article class="panel question" id="question">
    <div id="question-says"><p>Has it a grille?</p></div><div><a href="/login">Answer</a></div></article>`;
  const link = document.querySelector("#question a");
  link.focus();
  const message = { data: JSON.stringify({}) };
  const comes = (when) => document.dispatchEvent(
    new CustomEvent(`htmx:ws:${when}:message:incoming`, { detail: { message } }));
  comes("before");
  document.getElementById("question-says").innerHTML = `<p class="moved-on">It no longer waits for an answer.</p>`;
  comes("after");
  return [link.getClientRects().length, document.activeElement.id];
}"""


async def test_a_question_that_asks_nothing_any_more_takes_no_answer_and_keeps_the_focus(
    board: Served, neighbour: Arriving
) -> None:
    dee = await neighbour(board.origin)
    await dee.go("/about/space")
    assert await dee.page.evaluate(EDITED_AWAY) == [0, "question"]
    dee.eye.saw_nothing()


async def test_shortcuts(board: Served, town: Desk, gathered: Cast, neighbour: Arriving) -> None:
    async with town.writing(gathered.ada) as work:
        for number in range(3):
            await post_problem(work, Told(title=f"Something for the keyboard, {number}"))
    dee = await neighbour(board.origin)
    page, keyboard = dee.page, dee.page.keyboard
    await dee.go("/")
    links = page.locator("#notices .notice h3 a")
    for key, there in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        await keyboard.press(key)
        await expect(links.nth(there)).to_be_focused()
        assert await page.evaluate(SHOWS_FOCUS)
    await keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    await keyboard.press("n")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    await keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    await keyboard.press("/")
    await expect(page.get_by_label("What are you looking for?")).to_be_focused()
    await keyboard.type("n?/")
    await expect(page.get_by_label("What are you looking for?")).to_have_value("n?/")
    await dee.go("/")
    await keyboard.press("n")
    await expect(page.get_by_role("heading", level=1, name="Post a problem")).to_be_visible()

    # They can be turned off, and stay off.
    await dee.go("/")
    await keyboard.press("?")
    await page.get_by_label("Use these shortcuts").uncheck()
    await page.get_by_role("button", name="Close").click()
    await page.reload()
    await keyboard.press("n")
    await keyboard.press("j")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("What needs sorting")
    await expect(links.first).not_to_be_focused()
    dee.eye.saw_nothing()
