"""The way of a need: an officer of another department reads on an open page why it fits, is asked, and says yes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, time, timedelta

import pytest
from playwright.async_api import expect
from sqlalchemy import text

from civicboard.kit.work import Desk
from civicboard.problems.actions import post_problem
from civicboard.skills.actions import say_ability
from tests.cast import Cast, Told
from tests.journeys.conftest import Arriving
from tests.journeys.servers import Served, Working
from tests.organisations.council import council

#: What there must be one of, however often a worker died.
ONCE = """
    SELECT (SELECT count(*) FROM asks), (SELECT count(*) FROM offers), (SELECT count(*) FROM members),
        (SELECT count(*) FROM notices WHERE kind = 'asked'), (SELECT count(*) FROM notices WHERE kind = 'offer_made'),
        (SELECT count(*) FROM events WHERE kind = 'PersonAsked')
"""


@pytest.fixture
def worker(town_url: str) -> Iterator[Callable[[], Working]]:
    """Starts workers on that database, each in a process of its own, and ends them afterwards."""
    with ExitStack() as running:

        def start() -> Working:
            working = Working(DATABASE_URL=town_url)
            running.callback(working.close)
            working.launch()
            return working

        yield start


async def test_an_officer_of_another_department_is_found_asked_and_welcome(
    board: Served, town: Desk, gathered: Cast, neighbour: Arriving, worker: Callable[[], Working]
) -> None:
    """Workers die on the way, before and in the middle of what they do; nothing is done twice or forgotten."""
    number = await prepare(town, gathered)
    ada = await neighbour(board.origin, token=gathered.tokens["ada"])
    cy = await neighbour(board.origin, token=gathered.tokens["cy"])
    await ada.go(f"/problems/{number}")
    await cy.go("/for-you")
    for one in (ada, cy):
        await one.live()
        await one.stay()

    # What is needed is said while no worker lives: the errand waits for the next one.
    first = worker()
    await asyncio.to_thread(first.wait)
    first.kill()
    tab = await neighbour(board.origin, token=gathered.tokens["ada"])
    await tab.go(f"/problems/{number}/needs/new")
    await tab.page.get_by_label("A skill").check()
    await tab.page.get_by_label("What is needed, in one line?").fill("Somebody who can read a culvert survey")
    await tab.page.get_by_label("Tags").fill("culvert surveys")
    await tab.page.get_by_role("button", name="Add this need").click()
    await expect(ada.page.locator("#needs")).to_contain_text("Somebody who can read a culvert survey")
    await expect(cy.page.locator(f"#fit-{number}")).to_have_count(0)
    second = worker()
    fits = cy.page.locator(f"#fit-{number}")
    await expect(fits).to_contain_text("You know about culvert surveys")

    # Whoever begins to follow the problem finds who could help on the page that is open.
    dee = await neighbour(board.origin, token=gathered.tokens["dee"])
    await dee.go(f"/problems/{number}")
    await dee.live()
    await dee.stay()
    await expect(dee.page.locator("#who-could-help")).to_have_count(0)
    await dee.page.locator("#standing").get_by_role("button", name="Follow", exact=True).click()
    await expect(dee.page.locator("#who-could-help")).to_contain_text("See who fits")
    assert await dee.stayed(), "it came to the open page"

    # Ada sees who could help, and why, and asks. The worker dies while it tells Cy.
    helper = tab.page.locator(".helper", has_text="Cy Barnes")
    await expect(helper).to_contain_text("culvert surveys (does it for a living)")
    await helper.get_by_role("link", name="Ask them").click()
    async with town.writing() as held:
        # Nobody can be told anything for as long as this is open: the worker waits in the middle of its deed.
        await held.session.execute(text("LOCK TABLE notices IN SHARE MODE"))
        await tab.page.get_by_role("button", name="Ask them").click()
        await expect(tab.page.locator(".flash")).to_contain_text("They will be asked, when it suits them")
        await waits_for_a_lock(town)
        second.kill()
    await half_a_minute_later(town)
    third = worker()
    await expect(cy.page.locator("#unread")).to_contain_text("1")
    assert await cy.stayed(), "what is new came to the open page"

    # One tap. Ada's page, open all the while, shows who has joined.
    await cy.go("/notices")
    await cy.page.locator("#told").get_by_role("link", name="Somebody who can read a culvert survey").click()
    await expect(cy.page.get_by_role("heading", name="Why you")).to_be_visible()
    await cy.page.get_by_role("button", name="Yes, I can help").first.click()
    await expect(cy.page).to_have_url(re.compile(r"/offers/\d+"))
    await expect(ada.page.locator("#members")).to_contain_text("Cy Barnes")
    await expect(ada.page.locator("#members")).to_contain_text("Somebody who can read a culvert survey")
    await expect(ada.page.locator("#needs")).to_contain_text("Being met")
    assert await ada.stayed(), "the page was never loaded again"

    # A worker that does the killed one's errands again changes nothing.
    await asyncio.to_thread(third.stop)
    async with town.reading() as work:
        found = (await work.session.execute(text(ONCE))).one()
    assert tuple(found) == (1, 1, 1, 1, 1, 1)
    for one in (ada, cy, dee, tab):
        # Whoever goes on at once leaves before the page has asked who could help.
        one.eye.saw_nothing(but=("htmx: htmx:error: Failed to fetch",))


async def prepare(town: Desk, cast: Cast) -> int:
    """Cy is an officer of the parks, knows about culverts, and has no quiet hours at this time of day.

    Returns the number of a problem of Ada's that says nothing of them.
    """
    quiet = (datetime.now(UTC) + timedelta(hours=6)).hour
    async with town.writing() as work:
        await council(work, cast)
    async with town.writing(cast.cy) as work:
        await say_ability(
            work,
            tags=["culvert surveys"],
            words="I have read culvert surveys for eleven years.",
            levels={"culvert surveys": "living"},
            quiet_from=time(quiet),
            quiet_until=time((quiet + 1) % 24),
            timezone="UTC",
            visibility="public",
        )
    told = Told(title="The mill race backs up", story="After each rain.", tags=("flooding",), help_wanted="")
    async with town.writing(cast.ada) as work:
        return (await post_problem(work, told)).id


async def half_a_minute_later(town: Desk) -> None:
    """What a worker has taken is free again when nothing was heard of it for so long; the test needn't wait."""
    async with town.writing() as work:
        await work.session.execute(text("UPDATE pgqueuer SET heartbeat = now() - interval '1 minute'"))


async def waits_for_a_lock(town: Desk) -> None:
    """Wait until somebody in that database waits for a lock."""
    waiting = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
    waiting += " WHERE NOT l.granted AND d.datname = current_database()"
    for _ in range(300):
        async with town.reading() as work:
            if await work.session.scalar(text(waiting)):
                return
        await asyncio.sleep(0.05)
    raise AssertionError("no worker came to the middle of its deed")
