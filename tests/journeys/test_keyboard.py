"""The main job with the keyboard alone, and the shortcuts."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from civicboard.kit.work import Desk
from civicboard.problems.actions import post_problem
from tests.cast import Cast, Told
from tests.journeys.conftest import Arriving
from tests.journeys.servers import Served

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


async def tab_to(page: Page, there: Locator, *, most: int = 90) -> None:
    """Press Tab until the focus is there; on its way it must always be seen."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        assert await page.evaluate(SHOWS_FOCUS), await page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if await there.evaluate("element => element === document.activeElement"):
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
    await tab_to(ada.page, ada.page.get_by_label("A reply"))
    await ada.page.keyboard.press("ArrowDown")
    await expect(ada.page.get_by_label("News on how it goes")).to_be_checked()
    await ada.page.keyboard.press("Shift+Tab")
    await expect(ada.page.get_by_label("Your words")).to_be_focused()
    await ada.page.keyboard.type("It stands.")
    await press(ada.page, "button", "Post it")
    await expect(bo.page.locator("#thread .post.update")).to_contain_text("It stands.")
    ada.eye.saw_nothing(but=["Failed to load resource: the server responded with a status of 422"])
    bo.eye.saw_nothing()


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
