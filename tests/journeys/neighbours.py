"""A neighbour at a browser: their own cookies, one page, and an eye on what must never happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, expect

#: On a busy machine a page may take its time; nothing waits this long when all is well.
PATIENCE = 15_000

#: Pages come back to a restarted board within twenty seconds, so that not all of them come at once. Tests don't wait.
SOON = """
document.addEventListener("htmx:ws:before:connection", (event) => {
  Object.assign(event.detail.connection.config, { reconnectDelay: 150, reconnectMaxDelay: 600 });
});
"""
#: What the content policy refused, told to the test.
REFUSED = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


@dataclass
class Eye:
    """What happened in a browser behind its owner's back."""

    origins: tuple[str, ...]
    dialogs: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("dialog", self._dialog)
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.broken.append(str(error.error)))

    async def _dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        await dialog.dismiss()

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((*self.origins, "data:", "about:")):
            self.elsewhere.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        # What a provider's own page says is not ours.
        ours = not (at := message.location.get("url", "")) or at.startswith(self.origins[:2])
        # Who leaves a page at once leaves before its socket is open, and some browsers say so.
        left = message.text.endswith("WebSocket is closed before the connection is established.")
        if ours and message.type in ("error", "warning") and not left:
            self.said.append(message.text)

    def saw_nothing(self, *, but: Sequence[str] = ()) -> None:
        """Check that no page opened a dialog, went elsewhere, threw, or tried what the policy refuses.

        ``but`` are beginnings of console messages that the test itself brought about.
        """
        said = [words for words in self.said if not words.startswith(tuple(but))]
        for seen in (self.dialogs, self.elsewhere, self.broken, said):
            assert seen == [], seen


@dataclass
class Neighbour:
    """One person's browser. ``origin`` is the web process that they happen to reach."""

    origin: str
    context: BrowserContext
    page: Page
    eye: Eye

    async def go(self, path: str) -> None:
        await self.page.goto(f"{self.origin}{path}")

    async def stay(self) -> None:
        """Mark the page that is open, so that ``stayed`` can tell whether it was ever loaded again."""
        await self.page.evaluate("window.stays = true")

    async def stayed(self) -> bool:
        return bool(await self.page.evaluate("window.stays === true"))

    async def live(self) -> None:
        """Wait until the page hears what happens."""
        await expect(self.page.locator("body")).to_have_attribute("data-connection", "open")

    async def watching(self, many: int) -> None:
        """Wait until the page says that so many people are here."""
        words = "1 person here now" if many == 1 else f"{many} people here now"
        await expect(self.page.locator("#presence")).to_contain_text(words)

    async def sign_in(self, name: str, *, place: str = "") -> None:
        """From the sign-in page through the provider to where a newcomer wanted to be, asked for a name."""
        page = self.page
        await page.get_by_role("button", name="Go on with Town hall").click()
        await page.get_by_label("Login name").fill(name.split(maxsplit=1)[0].lower())
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="What should we call you?")).to_be_visible()
        await expect(page.get_by_label("Your handle")).to_have_value(name.split(maxsplit=1)[0].lower())
        await page.get_by_label("Your name").fill(name)
        if place:
            await page.get_by_label("Your neighbourhood").select_option(label=place)
        await page.get_by_role("button", name="Make my account").click()
        await expect(page.locator(".flash", has_text="Welcome. This is your account now.")).to_be_visible()

    async def in_view(self, selector: str) -> bool:
        """Whether any of an element is on the screen."""
        return bool(
            await self.page.locator(selector).evaluate(
                "one => { const box = one.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight }"
            )
        )


async def arrive(
    browser: Browser,
    origin: str,
    *,
    token: str = "",
    also: Sequence[str] = (),
    soon: bool = True,
    **options: Any,
) -> Neighbour:
    """Somebody opens a browser. ``token`` is of a session they have; ``also`` are more origins they may visit.

    They like it still, unless ``reduced_motion`` says otherwise: what glows for seconds is painted sixty times each.
    """
    context = await browser.new_context(locale="en-GB", **{"reduced_motion": "reduce", **options})
    context.set_default_timeout(PATIENCE)
    eye = Eye((origin, origin.replace("http", "ws", 1), *also))
    eye.watch(context)
    await context.add_init_script(REFUSED + (SOON if soon else ""))
    if token:
        await context.add_cookies(
            [{"name": "session", "value": token, "url": origin, "httpOnly": True, "sameSite": "Lax"}]
        )
    page = await context.new_page()
    return Neighbour(origin, context, page, eye)
