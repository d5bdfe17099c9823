"""Finding things without JavaScript: filters, pages and search are all in the address."""

from __future__ import annotations

from playwright.async_api import expect

from civicboard.kit.work import Desk
from civicboard.problems.actions import post_problem
from tests.cast import Cast, Told
from tests.journeys.conftest import Arriving
from tests.journeys.servers import Served


async def test_finding_things_and_paging(board: Served, town: Desk, gathered: Cast, neighbour: Arriving) -> None:
    async with town.writing(gathered.ada) as work:
        for number in range(45):
            tags = ("many", "few") if number < 2 else ("many",)
            await post_problem(work, Told(title=f"Matter number {number} of many", tags=tags, help_wanted=""))
    dee = await neighbour(board.origin, java_script_enabled=False)
    page = dee.page
    await dee.go("/?tag=many")
    seen = set()
    while True:
        titles = await page.locator("#notices .notice h3").all_inner_texts()
        assert titles
        assert not seen & set(titles)
        seen |= set(titles)
        older = page.get_by_role("link", name="Older")
        if not await older.count():
            break
        await older.click()
    assert len(seen) == 45

    await dee.go("/")
    await page.get_by_role("link", name="Needs help").click()
    await expect(page.locator("#notices .notice h3").first).not_to_contain_text("of many")
    await page.get_by_text("Place, tag, need and order").click()
    await page.get_by_label("Place", exact=True).select_option(label="Brook Lane")
    await page.get_by_label("Order").select_option(index=1)
    await page.get_by_role("button", name="Show these").click()
    await expect(page.locator("#notices .notice")).to_have_count(1)
    assert "place=brook-lane" in page.url
    assert "needs=1" in page.url

    await page.get_by_role("link", name="Search").first.click()
    await page.get_by_label("What are you looking for?").fill("basments flood")
    await page.get_by_role("main").get_by_role("button", name="Search").click()
    await expect(page.locator("main .notice").first).to_contain_text("Basements on Brook Lane flood")
    await expect(page.locator("#count")).to_be_focused()

    await dee.go("/search?q=matter")
    await page.get_by_text("Narrow it down").click()
    await page.get_by_role("link", name="Only few 2 problems").click()
    await expect(page.get_by_role("link", name="take this away")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#narrow")).to_be_focused()
    dee.eye.saw_nothing()
