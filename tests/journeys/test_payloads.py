"""What people type stays text, in every field, on every page that shows it, in every browser that watches."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from civicboard.kit.work import Desk
from tests.cast import Cast
from tests.journeys.conftest import Arriving
from tests.journeys.neighbours import Neighbour
from tests.journeys.servers import Served

#: Each would leave an element with ``pwned`` in it, ask /pwned of the board, or open a dialog, if it were not text.
SCRIPTS = (
    "<script>alert('pwned')</script>",
    "<img src=/pwned onerror=alert('pwned')>",
    "<svg onload=alert('pwned')><style>@import'/pwned'</style></svg>",
    '"><b class=pwned autofocus onfocus=alert(1) tabindex=1>',
    "<a href=javascript:alert('pwned')>x</a>",
)
HTMX = (
    "<b hx-get=/pwned hx-trigger=load class=pwned></b>",
    "<b data-hx-get=/pwned data-hx-trigger=load></b>",
    "<b hx-on:load=alert('pwned') hx-on:htmx:load=alert(1)>",
    "<hx-partial hx-target=#main><b class=pwned></b></hx-partial>",
    "<hx-upsert hx-target=#thread><b id=pwned></b></hx-upsert>",
    '{"content":"<b class=pwned>","target":"#main"}',
    "</template><b class=pwned>",
)
MARKDOWN = (
    "[press](javascript:alert('pwned')) [press](JaVaScRiPt&colon;alert(1)) [press](data:text/html,pwned)",
    "![pwned](/pwned) ![pwned](https://elsewhere.example/pwned)",
    "[x](/ \"onmouseover=alert('pwned')\") <https://a.example/\"onmouseover=alert('pwned')>",
    "`<b class=pwned>` &lt;b class=pwned&gt; \\<b class=pwned>",
)
TEXT = (
    "{{7*7}} {% raw %} ${7*7} <%= 7*7 %>",
    "right \u202eto left\u202c again",
    "Z\u0351\u036b\u0343\u036a\u0302a\u0328\u0348\u0317l\u0334\u0353g\u0321\u0325o\u0322\u0327",
    "'; DROP TABLE problems; -- %00 \\u0000",
)
PROSE = "\n\n".join((*SCRIPTS, *HTMX, *MARKDOWN, *TEXT))

#: What a page may have none of. Nobody's words may make an element with a handler, a name of htmx, or a mark of ours.
FORBIDDEN = """() => {
  const tags = ["HX-PARTIAL", "HX-UPSERT", "IFRAME", "OBJECT", "EMBED", "TEMPLATE"];
  const prose = ["href", "rel", "start", "class", "hx-ignore"];
  const bad = (element) => ({ name, value }) =>
    name.startsWith("on") || /hx-on/.test(name) || /^\\s*(javascript|data):/i.test(value)
    || (/^(src|action|(data-)?hx-(get|post|target))$/.test(name) && /pwned/.test(value))
    || (element.closest(".prose") && !prose.includes(name));
  return [...document.querySelectorAll("*")].filter((element) =>
    tags.includes(element.tagName) || /pwned/.test(`${element.id} ${element.getAttribute("class")}`)
    || [...element.attributes].some(bad(element))
  ).map((element) => element.outerHTML.slice(0, 200));
}"""


async def is_text(page: Page) -> None:
    """Check that nothing on the page was made by what somebody typed."""
    assert await page.evaluate(FORBIDDEN) == []


async def nothing_happened(*people: Neighbour) -> None:
    for one in people:
        for page in one.context.pages:
            await is_text(page)
        one.eye.saw_nothing(but=["Failed to load resource: the server responded with a status of 422"])
        assert "/pwned" not in {urlsplit(url).path for url in one.eye.requests}


async def see_all(someone: Neighbour, paths: Sequence[str]) -> None:
    for path in paths:
        await someone.go(path)
        await is_text(someone.page)


@pytest.mark.parametrize("kind", [SCRIPTS, HTMX, MARKDOWN, TEXT], ids=["scripts", "htmx", "markdown", "text"])
async def test_a_problem_made_of_payloads(
    board: Served, gathered: Cast, neighbour: Arriving, kind: Sequence[str]
) -> None:
    ada = await neighbour(board.origin, token=gathered.tokens["ada"])
    bo = await neighbour(board.origin, token=gathered.tokens["bo"])
    await bo.go("/")
    await bo.live()
    # Each is a title, a whereabouts or a wish in turn.
    for number in range(0, len(kind), 2):
        payload, second, third = (kind[(number + step) % len(kind)] for step in range(3))
        page = ada.page
        await ada.go("/problems/new")
        title = payload[:120].strip()
        await page.get_by_label("What is the matter, in one line?").fill(title)
        await page.get_by_label("What is going on?").fill("\n\n".join(kind))
        await page.get_by_label("Where exactly?").fill(second[:160])
        await page.get_by_label("Tags").fill("payloads")
        await page.get_by_label("What help would be useful?").fill(third[:160])
        if number == 0:
            # What can't be used comes back into its fields, and stays text there as well.
            await page.get_by_label("Where?").fill(payload[:80])
            await page.get_by_label("Coordinates").fill(payload[:60])
            await page.get_by_label("Tags").fill(payload[:200])
            await page.get_by_role("button", name="Preview").click()
            await expect(page.locator("#story-preview .prose")).not_to_be_empty()
            await page.get_by_role("button", name="Post it").click()
            await expect(page.locator("#error-summary")).to_be_visible()
            await is_text(page)
            await expect(page.get_by_label("Where exactly?")).to_have_value(second[:160])
            await page.get_by_label("Where?").fill("")
            await page.get_by_label("Coordinates").fill("")
            await expect(page.get_by_label("Tags")).to_have_value(payload[:200])
            await page.get_by_label("Tags").fill("payloads")
        await page.get_by_role("button", name="Post it").click()
        await expect(page.locator(".flash")).to_contain_text("Your problem is on the board")
        await is_text(page)
        shown = (await page.get_by_role("heading", level=1).inner_text()).strip()
        if kind is not TEXT:  # marks that reverse or pile up are taken off
            assert shown == title
        await expect(bo.page.locator("#notices .notice").first.get_by_role("heading")).to_have_text(shown)
    posted = int(ada.page.url.split("/")[4])
    await ada.go(f"/problems/{posted}/edit")
    await ada.page.get_by_label("What is going on?").fill("\n\n".join(reversed(kind)))
    await ada.page.get_by_label("Why the change?").fill(kind[0][:160])
    await ada.page.get_by_role("button", name="Save").click()
    await expect(ada.page.get_by_role("heading", level=1)).to_be_visible()
    await see_all(ada, (f"/problems/{posted}", f"/problems/{posted}/history", "/", "/people/ada"))
    await ada.go("/search")
    await ada.page.get_by_label("What are you looking for?").fill(kind[0][:200])
    await ada.page.get_by_role("main").get_by_role("button", name="Search").click()
    await expect(ada.page.get_by_role("status").first).to_be_attached()
    await nothing_happened(ada, bo)


async def test_a_conversation_made_of_payloads(board: Served, gathered: Cast, neighbour: Arriving, town: Desk) -> None:
    ada = await neighbour(board.origin, token=gathered.tokens["ada"])
    bo = await neighbour(board.origin, token=gathered.tokens["bo"])
    for one in (ada, bo):
        await one.go(f"/problems/{gathered.problem}")
        await one.live()
    kinds = (SCRIPTS, HTMX, MARKDOWN, TEXT)
    for many, kind in enumerate(kinds, 1):
        await bo.page.get_by_label("Your words").fill("\n\n".join(kind))
        await bo.page.get_by_role("button", name="Preview").click()
        await expect(bo.page.locator("#reply-preview .prose")).not_to_be_empty()
        await is_text(bo.page)
        await bo.page.get_by_role("button", name="Post it").click()
        for one in (ada, bo):
            await expect(one.page.locator("#thread .post")).to_have_count(many)
            await is_text(one.page)
    first = ada.page.locator("#thread .post").first.locator(".prose")
    assert (await first.inner_text()).split("\n\n")[:2] == [SCRIPTS[0], SCRIPTS[1]]

    await bo.page.locator("#thread .post").first.get_by_role("link", name="Quote").click()
    await is_text(bo.page)
    await bo.page.get_by_role("button", name="Post it").click()
    await expect(ada.page.locator("#thread .post blockquote")).to_be_visible()
    quoted = bo.page.locator("#thread .post").last
    await quoted.get_by_role("link", name="Edit").click()
    await is_text(bo.page)
    await bo.page.get_by_label("Your words").fill("\n\n".join(HTMX))
    await bo.page.get_by_role("button", name="Save").click()
    await expect(ada.page.locator("#thread .post").last).to_contain_text(HTMX[0])
    await bo.page.locator("#thread .post").last.get_by_role("link", name="edited").click()
    await is_text(bo.page)
    await see_all(ada, [f"/search?q={word}" for word in ("alert", "template", "content")])
    await nothing_happened(ada, bo)


async def test_offers_stages_and_profiles_made_of_payloads(board: Served, gathered: Cast, neighbour: Arriving) -> None:
    ada = await neighbour(board.origin, token=gathered.tokens["ada"])
    bo = await neighbour(board.origin, token=gathered.tokens["bo"])
    number = gathered.problem
    await ada.go(f"/problems/{number}")
    await ada.live()
    for payload, answer in (
        (SCRIPTS[1], "Welcome this offer"),
        (HTMX[3], "Decline with this kind word"),
        (HTMX[5], "Welcome this offer"),
        (TEXT[1], "Decline with this kind word"),
    ):
        await bo.go(f"/problems/{number}/offers/new")
        await bo.page.get_by_label("What would you bring?").fill(payload)
        await bo.page.get_by_label("Anything else they should know").fill(PROSE[:2000])
        await bo.page.get_by_label("How many hours, in all").fill("<b class=pwned>")
        await bo.page.get_by_role("button", name="Offer this").click()
        await expect(bo.page.locator("#error-summary")).to_be_visible()
        await is_text(bo.page)
        await bo.page.get_by_label("How many hours, in all").fill("1")
        await bo.page.get_by_role("button", name="Offer this").click()
        await expect(ada.page.locator("#offers .offer.made, #offers .offer.waiting")).to_have_count(1)
        await is_text(ada.page)
        await ada.page.get_by_role("link", name="Answer this offer").click()
        await is_text(ada.page)
        kind_word = ada.page.get_by_label("A kind word")
        await (kind_word.first if answer.startswith("Welcome") else kind_word.last).fill(PROSE[:500])
        await ada.page.get_by_role("button", name=answer).click()
        await expect(bo.page.locator("#offers .offer .quote")).not_to_have_count(0)
        await ada.live()
    await ada.go(f"/problems/{number}/stage")
    await ada.page.get_by_label("Sorted").check()
    await ada.page.get_by_label("Why").fill(PROSE[:2000])
    await ada.page.get_by_role("button", name="Change the stage").click()
    await expect(bo.page.locator("#thread .timeline-entry")).to_contain_text(SCRIPTS[0])

    await bo.go("/account")
    await bo.page.get_by_label("Your name").fill(SCRIPTS[1])
    await bo.page.get_by_label("A few words about you").fill(PROSE[:2000])
    await bo.page.get_by_role("button", name="Save").click()
    await expect(bo.page.locator(".flash")).to_contain_text("Your profile is saved")
    await is_text(bo.page)
    await bo.go("/account/abilities")
    await bo.page.get_by_label("In your own words").fill(PROSE[:2000])
    await bo.page.get_by_label("What you can lend").fill(PROSE[:500])
    await bo.page.get_by_label("A few tags").fill(SCRIPTS[0])
    await bo.page.get_by_role("button", name="Put it on your page").click()
    await expect(bo.page.locator("#error-summary")).to_be_visible()
    await is_text(bo.page)
    await expect(bo.page.get_by_label("A few tags")).to_have_value(SCRIPTS[0])
    await bo.page.get_by_label("A few tags").fill("carpentry")
    await bo.page.get_by_role("button", name="Put it on your page").click()
    await expect(bo.page.get_by_role("heading", level=1)).to_have_text(SCRIPTS[1])
    await see_all(
        ada,
        (
            "/people/bo",
            "/",
            f"/problems/{number}",
            f"/problems/{number}/network",
            f"/problems/{number}/stage",
            "/people/ada",
        ),
    )
    await nothing_happened(ada, bo)
