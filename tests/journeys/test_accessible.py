"""Every page by the rules of WCAG 2.2 AA as axe-core checks them, on light and dark, and on small screens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from civicboard.kit.work import Desk
from tests.cast import Cast
from tests.journeys.conftest import Arriving
from tests.journeys.lively import NEWCOMER, Lively, enliven
from tests.journeys.neighbours import Neighbour
from tests.journeys.servers import Served, login_settings

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text()
RUN = """async (runOnly) => {
  const found = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" and ")}`);
}"""
#: What is checked in each colour scheme: on dark only what colours decide, as they are all that it changes.
SCHEMES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "dark": ["color-contrast", "link-in-text-block"],
}
#: What sticks out to the right, where anything does.
TOO_WIDE = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120)).slice(0, 5)"""
STILL = {"reduced_motion": "reduce"}

PUBLIC = (
    "/",
    "/?needs=1&sort=new",
    "/?place=brook-lane&tag=nothing-has-this",
    "/search",
    "/search?q=basements",
    "/search?q=basements&kind=problem&stage=open",
    "/search?q=qqqqqqqqqq",
    "/problems/{problem}",
    "/problems/{sorted}",
    "/problems/{problem}?quote={post}",
    "/problems/{problem}/network",
    "/networks",
    "/problems/{problem}/history",
    "/problems/{problem}/stage",
    "/problems/{problem}/posts/{post}/history",
    "/problems/{problem}/offers/new",
    "/problems/new",
    "/offers/{waiting}",
    "/people/bo",
    "/people/ada",
    "/organisations",
    "/organisations/millbrook-council",
    "/skills",
    "/skills/pumps",
    "/about/space",
    "/for-you",
    "/login",
    "/no-such-page",
)
POSTERS = (
    "/for-you",
    "/notices",
    "/?mine=1",
    "/problems/{problem}",
    "/problems/{problem}/edit",
    "/problems/{problem}/stage",
    "/problems/{problem}/network",
    "/problems/{problem}/convenor",
    "/problems/{problem}/network/members",
    "/problems/{problem}/network/members/{note}/edit",
    "/problems/{problem}/network/together",
    "/problems/{sorted}/network/invitations/{problem}",
    "/networks?for={sorted}",
    "/problems/{problem}/offers/new",
    "/offers/{waiting}",
    "/needs/{need}/people",
    "/needs/{need}/asks/new?who=cy",
    "/people/ada",
    "/account",
    "/account/abilities",
    "/account/affiliations",
    "/organisations/millbrook-council",
    "/organisations/millbrook-council/requests/1",
    "/account/abilities/when",
    "/account/abilities/who",
    "/account/abilities/done",
    "/problems/new",
)
HELPERS = (
    "/problems/{problem}",
    "/problems/{problem}/posts/{post}/edit",
    "/problems/{problem}/edit",
    "/account/abilities",
    "/account/affiliations",
    "/organisations/millbrook-council/affiliation",
    "/asks/{ask}",
    "/account/asks",
    "/account/abilities/levels?called=pumping",
    "/skills",
    "/skills/pumps",
    "/people/bo",
)


@pytest.fixture(scope="module")
def board(serve: Callable[..., Served]) -> Served:
    login = login_settings("https://issuer.example", "civicboard", "secret")
    served = serve(**{**login, "CIVICBOARD_LOGIN": "town,mastodon"})
    served.wait()
    return served


@pytest_asyncio.fixture(scope="module")
async def lively(town: Desk, gathered: Cast) -> Lively:
    return await enliven(town, gathered)


async def faults_of(page: Page) -> list[str]:
    """What axe finds, in both colour schemes, and what is wider than a small telephone."""
    faults: list[str] = []
    for scheme, rules in SCHEMES.items():
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
        faults += [f"{scheme}: {fault}" for fault in await page.evaluate(RUN, rules)]
    for width in (360, 320):
        await page.set_viewport_size({"width": width, "height": 640})
        faults += [f"at {width} px: {wide}" for wide in await page.evaluate(TOO_WIDE)]
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": 1280, "height": 720})
    return faults


async def bring_axe(*people: Neighbour) -> None:
    """Each page that they open has it. It is large, and so is sent once to each person, not with each page."""
    for someone in people:
        await someone.context.add_init_script(AXE)


async def faults_on(someone: Neighbour, paths: tuple[str, ...], lively: Lively) -> dict[str, list[str]]:
    await bring_axe(someone)
    found: dict[str, list[str]] = {}
    for path in paths:
        await someone.go(path.format_map(vars(lively)) if "{" in path else path)
        if faults := await faults_of(someone.page):
            found[path] = faults
    return found


@pytest.mark.parametrize("part", [0, 1, 2])
async def test_pages_for_everybody(board: Served, lively: Lively, neighbour: Arriving, part: int) -> None:
    stranger = await neighbour(board.origin, **STILL)
    assert await faults_on(stranger, PUBLIC[part::3], lively) == {}


@pytest.mark.parametrize(("who", "paths"), [("ada", POSTERS[:5]), ("ada", POSTERS[5:]), ("bo", HELPERS)])
async def test_pages_for_those_who_are_signed_in(
    board: Served, gathered: Cast, lively: Lively, neighbour: Arriving, who: str, paths: tuple[str, ...]
) -> None:
    someone = await neighbour(board.origin, token=gathered.tokens[who], **STILL)
    assert await faults_on(someone, paths, lively) == {}


async def test_forms_that_were_refused(board: Served, gathered: Cast, lively: Lively, neighbour: Arriving) -> None:
    ada = await neighbour(board.origin, token=gathered.tokens["ada"], **STILL)
    bo = await neighbour(board.origin, token=gathered.tokens["bo"], **STILL)
    newcomer = await neighbour(board.origin, **STILL)
    await newcomer.context.add_cookies([{"name": "browser", "value": NEWCOMER, "url": board.origin}])
    stranger = await neighbour(board.origin, **STILL)
    await bring_axe(ada, bo, newcomer, stranger)
    found: dict[str, list[str]] = {}
    for someone, path, empty, press in (
        (ada, "/problems/new", "", "Post it"),
        (ada, "/problems/{problem}/edit", "What is going on?", "Save"),
        (ada, "/offers/{waiting}", "", "Decline with this kind word"),
        (ada, "/problems/{problem}/stage", "", "Change the stage"),
        (ada, "/account", "Your name", "Save"),
        (bo, "/problems/{problem}/offers/new", "", "Offer this"),
        (bo, "/problems/{problem}", "", "Post it"),
        (bo, "/problems/{problem}/posts/{post}/edit", "Your words", "Save"),
        (newcomer, "/account/new", "Your handle", "Make my account"),
        (stranger, "/login", "", "Go on with Mastodon"),
    ):
        page = someone.page
        await someone.go(path.format_map(vars(lively)))
        if empty:
            await page.get_by_label(empty).fill("")
        await page.get_by_role("button", name=press, exact=True).click()
        await expect(page.locator("#error-summary")).to_be_focused()
        await expect(page.locator("[aria-invalid=true]").first).to_be_visible()
        if faults := await faults_of(page):
            found[path] = faults
    assert found == {}


async def test_a_new_account(board: Served, lively: Lively, neighbour: Arriving) -> None:
    newcomer = await neighbour(board.origin, **STILL)
    await newcomer.context.add_cookies([{"name": "browser", "value": NEWCOMER, "url": board.origin}])
    assert await faults_on(newcomer, ("/account/new",), lively) == {}
    await expect(newcomer.page.get_by_label("Your handle")).to_have_value("eve")
