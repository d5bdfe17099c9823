"""A real browser, real web processes, and a real provider to sign in with."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from civicboard.kit.database import Database
from civicboard.kit.embedded import EmbeddedPostgres
from civicboard.kit.work import Desk
from civicboard.linking import make_desk
from tests.cast import Cast, gather
from tests.journeys.neighbours import PATIENCE, Neighbour, arrive
from tests.journeys.servers import Served

expect.set_options(timeout=PATIENCE)

#: What Playwright switches off (another list replaces its own), and besides two pages that Chromium would load for the
#: address bar of every window: they took as much as our own page in it.
SWITCHED_OFF = (
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin"),
    *("OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"),
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"),
    # A new frame for each page, which no page can tell: a sixth of the time that opening one takes.
    "RenderDocument",
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-gpu",
    "--in-process-gpu",
    f"--disable-features={','.join(SWITCHED_OFF)}",
]

Arriving = Callable[..., Awaitable[Neighbour]]


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for each test process; everybody in it has a context of their own."""
    path = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture
async def neighbour(browser: Browser) -> AsyncIterator[Arriving]:
    """Opens browsers for neighbours (see ``arrive``), and closes them afterwards."""
    came: list[Neighbour] = []

    async def come(origin: str, **options: Any) -> Neighbour:
        came.append(await arrive(browser, origin, **options))
        return came[-1]

    yield come
    for one in came:
        # Shown when the test has failed.
        for page in one.context.pages:
            print(
                f"A neighbour was at {page.url}; the console said {list(dict.fromkeys(one.eye.said + one.eye.broken))}"
            )
        await one.context.close()


@pytest.fixture(scope="module")
def town_url(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A migrated database that the web processes of one test file share."""
    name = f"town_{uuid.uuid4().hex[:12]}"
    yield postgres.create_database(name, template)
    postgres.drop_database(name)


@pytest_asyncio.fixture(scope="module")
async def town(town_url: str) -> AsyncIterator[Desk]:
    """The desk of that database, for what a test prepares without a browser."""
    database = Database(town_url, pool_size=2)
    yield make_desk(database)
    await database.close()


@pytest_asyncio.fixture(scope="module")
async def gathered(town: Desk) -> Cast:
    """The cast in that database: signed in already, with Ada's problem on the board."""
    return await gather(town)


@pytest.fixture(scope="module")
def serve(town_url: str) -> Iterator[Callable[..., Served]]:
    """Launches web processes on that database, to be waited for, and ends them afterwards."""
    with ExitStack() as running:

        def start(**environment: Any) -> Served:
            served = Served("--no-worker", DATABASE_URL=town_url, **environment)
            running.callback(served.close)
            served.launch()
            return served

        yield start


@pytest.fixture(scope="module")
def board(serve: Callable[..., Served]) -> Served:
    """One web process, for a file that needs no more."""
    served = serve()
    served.wait()
    return served
