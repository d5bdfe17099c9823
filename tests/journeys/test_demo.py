"""The board as ``make run`` starts it: on an empty folder, with the demo neighbourhood and its sign-in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest
from playwright.async_api import expect

from tests.journeys.conftest import Arriving
from tests.journeys.servers import Served


@pytest.fixture
def demo() -> Iterator[Served]:
    """A board that nobody has started yet."""
    served = Served(CIVICBOARD_DEMO="1")
    served.quickly = False
    try:
        yield served
    finally:
        # What a test that failed has left running belongs to its folder, and may end with it.
        if served.process is not None and served.process.poll() is None:
            served.stop()
        for process in postgres_of(served):
            with suppress(psutil.Error):
                process.kill()
        served.close()


def family(served: Served) -> list[psutil.Process]:
    """Everything that the board has started: what is below its process, and the PostgreSQL of its data folder."""
    below = psutil.Process(served.pid).children(recursive=True)
    return [*below, *(one for one in postgres_of(served) if one not in below)]


def postgres_of(served: Served) -> list[psutil.Process]:
    """The server processes that have the data folder open."""
    cluster = str(served.data / "postgres")
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and cluster in process.cmdline():
                found.append(process)
    return found


def gone(processes: list[psutil.Process], patience: float = 20) -> list[psutil.Process]:
    """Those that still run after a while; a dead one that nobody has reaped counts as gone."""
    deadline = time.monotonic() + patience
    left = processes
    while left and time.monotonic() < deadline:
        left = [one for one in left if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        time.sleep(0.05)
    return left


async def test_one_click_signs_in_as_one_of_the_cast(demo: Served, neighbour: Arriving) -> None:
    await asyncio.to_thread(demo.start, 60)
    someone = await neighbour(demo.origin, also=["http://127.0.0.1:"])
    page = someone.page
    await someone.go("/")
    assert await page.locator("#notices .notice").count() >= 20
    await page.get_by_role("link", name="Sign in").click()
    await page.get_by_role("button", name="Go on with").click()
    await expect(page.get_by_role("heading", name="Who would you like to be?")).to_be_visible()
    first = page.locator(".cast button").first
    name = await first.locator("strong").inner_text()
    await first.click()
    await expect(page.get_by_role("link", name=f"{name}, your page").first).to_be_visible()
    assert page.url.startswith(demo.origin)
    await someone.live()

    await page.get_by_role("button", name="Sign out").first.click()
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert page.url.startswith(demo.origin)

    # The provider has forgotten the browser too: it does not offer to go on as the same person.
    await page.get_by_role("link", name="Sign in").click()
    await page.get_by_role("button", name="Go on with").click()
    await expect(page.get_by_role("heading", name="Who would you like to be?")).to_be_visible()
    await expect(page.get_by_role("heading", name="Go on as")).to_have_count(0)
    someone.eye.saw_nothing()

    children = await asyncio.to_thread(family, demo)
    assert len(children) >= 3  # the provider, the worker, PostgreSQL
    assert await asyncio.to_thread(demo.stop) == 0
    assert await asyncio.to_thread(gone, children) == []
    assert postgres_of(demo) == []
    assert not (demo.data / "postgres" / "postmaster.pid").exists()


async def test_a_kill_leaves_nothing_that_stops_the_next_start(demo: Served, neighbour: Arriving) -> None:
    await asyncio.to_thread(demo.start, 60)
    someone = await neighbour(demo.origin)
    await someone.go("/")
    notices = await someone.page.locator("#notices .notice h3").all_inner_texts()
    assert notices
    beside = await asyncio.to_thread(psutil.Process(demo.pid).children)
    commands = [" ".join(one.cmdline()) for one in beside]
    assert any("demo-provider" in command for command in commands)
    assert any("worker" in command for command in commands)

    await asyncio.to_thread(demo.kill)
    helpers = [one for one, command in zip(beside, commands, strict=True) if "civicboard" in command]
    assert len(helpers) == 2
    assert await asyncio.to_thread(gone, helpers) == []

    await asyncio.to_thread(demo.start)
    await someone.go("/")
    assert await someone.page.locator("#notices .notice h3").all_inner_texts() == notices
    children = await asyncio.to_thread(family, demo)
    assert await asyncio.to_thread(demo.stop) == 0
    assert await asyncio.to_thread(gone, children) == []
    assert postgres_of(demo) == []
