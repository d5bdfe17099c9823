"""Saying what one can do, being asked for it and thanked: without JavaScript, by keys alone, on a narrow screen."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from playwright.async_api import Page, expect

from civicboard.kit.work import Desk
from civicboard.problems.actions import post_problem
from tests.cast import Cast, Told
from tests.journeys.conftest import Arriving
from tests.journeys.neighbours import Neighbour
from tests.journeys.servers import Served
from tests.journeys.test_keyboard import press, tab_to, write
from tests.matching.people import by_the_clock, can

PLAIN = {"java_script_enabled": False, "viewport": {"width": 360, "height": 740}}
NEED = "Somebody who knows drains"


async def test_from_saying_it_to_a_word_of_thanks(
    board: Served, town: Desk, gathered: Cast, neighbour: Arriving
) -> None:
    async with town.writing(gathered.ada) as work:
        number = (await post_problem(work, Told(title="The mill race backs up", help_wanted="", tags=()))).id
    ada = await neighbour(board.origin, token=gathered.tokens["ada"], **PLAIN)
    bo = await neighbour(board.origin, token=gathered.tokens["bo"], **PLAIN)
    await says_what_he_can_do(bo)
    quiet = (datetime.now(UTC) + timedelta(hours=6)).hour
    at_peace = {"quiet_from": time(quiet), "quiet_until": time((quiet + 1) % 24), "timezone": "UTC"}
    await can(town, gathered.bo, **at_peace)

    # Ada says what is needed, reads who could help and why, and asks.
    await ada.go(f"/problems/{number}")
    await press(ada.page, "link", "Say what is needed")
    await press_button(ada.page, "Add this need")
    await expect(ada.page.locator("#error-summary")).to_contain_text("Please choose what kind of help it is.")
    await tab_to(ada.page, ada.page.get_by_label("A skill"))
    await ada.page.keyboard.press("Space")
    await write(ada.page, "What is needed, in one line?", NEED)
    await write(ada.page, "Tags", "drains")
    await press_button(ada.page, "Add this need")
    await expect(ada.page.locator("#needs")).to_contain_text(NEED)
    await expect(ada.page.locator(".helper", has_text="Bo")).to_contain_text("drainage (does it for a living)")
    await press(ada.page, "link", "Ask them")
    await write(ada.page, "A word to them", "You cleared ours once.")
    await press_button(ada.page, "Ask them")
    await expect(ada.page.locator(".flash")).to_contain_text("They will be asked")
    await by_the_clock(town)

    # Bo reads it among his notices, opens it, and says yes with a word.
    await bo.go("/notices")
    await press(bo.page, "link", NEED)
    await expect(bo.page.get_by_text("You cleared ours once.")).to_be_visible()
    await tab_to(bo.page, bo.page.locator("summary", has_text="Yes, and say something with it"))
    await bo.page.keyboard.press("Enter")
    await write(bo.page, "A few words", "I have rods.")
    await write(bo.page, "How you can be reached", "01632 960003")
    await press_button(bo.page, "Yes, I can help", nth=1)
    await expect(bo.page.locator("#main")).to_contain_text("Welcomed")

    # Both can be reached now. It is done, and Ada thanks him.
    await ada.go("/notices")
    await press(ada.page, "link", NEED)
    await expect(ada.page.locator("#main")).to_contain_text("01632 960003")
    await bo.page.reload()
    await press_button(bo.page, "This is done")
    await ada.go(f"/problems/{number}")
    await expect(ada.page.locator("#members")).to_contain_text(f"helped, and brought: Help with “{NEED}”")
    for _ in ("to the offer", "to a word of thanks, begun"):
        await press(ada.page, "link", "Say thanks")
    await expect(ada.page.get_by_label("Your words")).to_have_value(f"Thank you, @bo, for this: Help with “{NEED}”. ")
    await tab_to(ada.page, ada.page.get_by_label("Your words"))
    await ada.page.keyboard.press("End")
    await ada.page.keyboard.type("It runs again.")
    await press_button(ada.page, "Post it")
    await expect(ada.page.locator("#thread")).to_contain_text("It runs again.")
    for one in (ada, bo):
        one.eye.saw_nothing(but=["Failed to load resource: the server responded with a status of 422"])


async def says_what_he_can_do(bo: Neighbour) -> None:
    """Three short steps, from his own page."""
    await bo.go("/for-you")
    await press(bo.page, "link", "Say what you can do")
    await write(bo.page, "A few tags", "drains")
    await press_button(bo.page, "Next")
    await tab_to(bo.page, bo.page.get_by_label("drainage"))
    await bo.page.keyboard.type("I do it for a living")
    await press_button(bo.page, "Next")
    await tab_to(bo.page, bo.page.get_by_label("Saturday morning"))
    await bo.page.keyboard.press("Space")
    await press_button(bo.page, "Next")
    # Until he has chosen nobody sees it; the next choice after the last is the first.
    await tab_to(bo.page, bo.page.locator("input[name=visibility]:checked"))
    await bo.page.keyboard.press("ArrowDown")
    await expect(bo.page.get_by_label("Everybody")).to_be_checked()
    await press_button(bo.page, "Save")
    await press(bo.page, "link", "your page")
    await expect(bo.page.locator("#main")).to_contain_text("I do it for a living")


async def press_button(page: Page, name: str, *, nth: int = 0) -> None:
    """Send the form that a button belongs to, and wait for the page that answers."""
    await tab_to(page, page.get_by_role("button", name=name).nth(nth))
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    # What is too wide for the screen hides its end.
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
