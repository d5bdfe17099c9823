"""What people type stays text: each payload in each field, on every page that shows it, for everybody who watches."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from civicboard.kit import web
from civicboard.kit.work import Desk
from civicboard.offers.actions import make_offer
from civicboard.people.actions import keep_newcomer
from civicboard.people.models import Identity, Session
from civicboard.people.queries import Proof
from civicboard.posts.actions import write_post
from civicboard.problems.actions import post_problem
from tests.cast import Cast, Told
from tests.journeys import fields
from tests.journeys.fields import PRESSED, WRITTEN, Fate, Form
from tests.journeys.neighbours import Neighbour, arrive
from tests.journeys.payloads import HARDLY, KINDS, NO_TEXT, Answer, Asked, filled, is_text, kept, nothing_happened, send
from tests.journeys.servers import Served, free_port, login_settings
from tests.providers.oidc_provider import Running, oidc_provider

TEMPLATES = Path(__file__).parents[2] / "civicboard" / "templates"
#: A newcomer's browser.
BROWSER = "a-browser-token-of-a-newcomer-that-is-long-enough"
#: What pages read from their addresses; each page gets all of it.
ASKED_FOR = """place tag stage sort needs mine after before quote said next q afresh
    state code error error_description iss on cursor""".split()
#: Forms that keep themselves, with the names of their drafts.
DRAFTS = (
    (fields.POST_PROBLEM, "problem"),
    (fields.EDIT_PROBLEM, "edit:{problem}"),
    (fields.STAGE, "stage:{problem}"),
    (fields.WELCOME, "welcome:{offer}"),
    (fields.REFUSAL, "refusal:{offer}"),
    (fields.REPLY, "reply:{problem}"),
    (fields.EDIT_POST, "post:{post}"),
    (fields.OFFER, "offer:{problem}"),
    (fields.ABILITIES, "abilities"),
)

#: How many posts a problem's page has when it is asked for anew.
POSTS = """async (path) => new DOMParser().parseFromString(await (await fetch(path)).text(), "text/html")
  .querySelectorAll("#thread .post").length"""
#: Gives a control what nobody could choose there, as somebody does who opens the browser's tools.
SET = """(form, [name, value]) => {
  const control = form.querySelector(`[name="${name}"]`);
  if (control.matches("select")) control.append(new Option(value, value));
  if (control.type === "date") control.type = "text";
  control.value = value;
  control.checked = true;
}"""
#: Every control of a page: where its form goes, what it is called and what it is.
CONTROLS = """() => [...document.querySelectorAll("input, select, textarea, button[name], [contenteditable]")].map((one) =>
  [one.form?.getAttribute("action")?.replace("?_method=DELETE", "") ?? "", one.name || one.id, one.type])"""


@dataclass
class Town:
    """Who is there, and where: Ada's problem, a post of Bo's on it, and two offers of his that wait."""

    crew: dict[str, Neighbour]
    desk: Desk
    problem: int
    post: int
    offers: tuple[int, int]

    def who(self, form: Form) -> Neighbour:
        return self.crew[form.who]

    def at(self, address: str, *, offer: int = 0) -> str:
        return address.format(problem=self.problem, post=self.post, offer=offer or self.offers[0])

    def usual(self, form: Form, number: int) -> dict[str, str]:
        """What the form needs besides to be right, the ``number``-th time it is sent."""
        fits = {"revision": str(number), "version": str(number), "to": ("exploring", "trying")[number % 2]}
        fits["handle"] = f"newcomer-{self.problem}-{number}"
        return {one.name: fits[one.name] for one in form.fields if one.name in fits}

    async def prove(self, words: str) -> None:
        """A provider has told who the newcomer is, in words of its own."""
        async with self.desk.writing() as work:
            subject = f"{self.problem} {words}"
            proof = Proof("town", "https://issuer.example", subject, label=words, name=words, handle_hint=words)
            await keep_newcomer(work, proof, browser_hash=web.hashed(BROWSER), next_path="/")


@pytest.fixture(scope="module")
def provider() -> Iterator[tuple[int, Running]]:
    """A provider to sign in with, and the port of the board that it knows."""
    port = free_port()
    with oidc_provider([f"http://127.0.0.1:{port}/login/town/callback"]) as running:
        yield port, running


@pytest.fixture(scope="module")
def board(serve: Callable[..., Served], provider: tuple[int, Running]) -> Served:
    port, running = provider
    login = login_settings(running.issuer, running.client_id, running.client_secret)
    more = {"CIVICBOARD_LOGIN": "town,fediverse", "CIVICBOARD_LOGIN_FEDIVERSE_KIND": "mastodon"}
    served = serve(port=port, **(login | more))
    served.wait()
    return served


@pytest_asyncio.fixture(scope="module")
async def crew(
    browser: Browser, board: Served, provider: tuple[int, Running], gathered: Cast
) -> AsyncIterator[dict[str, Neighbour]]:
    """Ada, Bo and a newcomer, who type; Cy and a stranger, who watch. Opening a browser for each takes its time."""
    came = {name: await arrive(browser, board.origin, token=gathered.tokens[name]) for name in ("ada", "bo", "cy")}
    for name in ("newcomer", "stranger"):
        came[name] = await arrive(browser, board.origin, also=[provider[1].issuer])
    await came["newcomer"].context.add_cookies([{"name": "browser", "value": BROWSER, "url": board.origin}])
    yield came
    for one in came.values():
        await one.context.close()


@pytest_asyncio.fixture
async def here(crew: dict[str, Neighbour], gathered: Cast, town: Desk) -> Town:
    async with town.writing(gathered.ada) as work:
        problem = (await post_problem(work, Told(title="A quiet problem"))).id
    async with town.writing(gathered.bo) as work:
        post = await write_post(work, problem, kind="reply", capacity="neighbour", words="Good morning.")
        offers = (await make_offer(work, problem, what="A pump"), await make_offer(work, problem, what="A van"))
    for name in ("ada", "bo", "newcomer"):
        await crew[name].go("/about/space")
    return Town(crew, town, problem, post, offers)


async def test_the_table_names_every_field(here: Town, gathered: Cast) -> None:
    """A field that is new, or of another kind, is missing from ``fields.py`` until somebody says what becomes of it."""
    async with here.desk.writing() as work:
        # So that the account page has something to remove.
        second = {"provider": "council", "issuer": "https://second.example", "subject": "bo", "label": "Bo"}
        identity = Identity(person_id=gathered.bo.id, added_at=work.now, **second)
        work.session.add(identity)
        await work.session.flush()
        ends = work.now + timedelta(days=1)
        token = {"token_hash": web.hashed("another"), "started_at": work.now, "seen_at": work.now, "ends_at": ends}
        work.session.add(Session(person_id=gathered.bo.id, identity_id=identity.id, **token))
    await here.prove("Eve")
    everything = (*WRITTEN, *PRESSED)
    found: set[tuple[str, str, str]] = set()
    for someone in (here.crew["ada"], here.crew["bo"], here.crew["newcomer"]):
        for path in sorted({form.page for form in everything if form.page}):
            await someone.go(here.at(path))
            for action, name, kind in await someone.page.evaluate(CONTROLS):
                found.add((re.sub(r"\d+", "*", action), name, kind))
    assert found == {(re.sub(r"{\w+}", "*", form.action), one.name, one.kind) for form in everything for one in form.fields}

    # Nor is there a form that stands on none of these pages. The demo's provider is another site.
    seen = {action for action, _, _ in found}
    for template in TEMPLATES.rglob("*.html"):
        for action in re.findall(r'<form[^>]*? action="(.*?)"', template.read_text(), re.S):
            pattern = re.sub(r"\\{\\{.*?\\}\\}", ".+", re.escape(re.sub(r"{%.*?%}|\?_method=DELETE", "", action)))
            known = [one for one in seen if re.fullmatch(pattern, one)]
            assert known or template.parent.name == "demo", (template, action)


@pytest.mark.parametrize("kind", KINDS)
async def test_each_payload_in_each_field(here: Town, kind: str) -> None:
    payloads, watching = KINDS[kind], (here.crew["cy"], here.crew["stranger"])
    await watching[0].go(f"/problems/{here.problem}")
    await watching[1].go("/")
    for one in watching:
        await one.live()
    import time
    t = time.monotonic()
    await it_comes_back(here, payloads)
    print("back", time.monotonic() - t); t = time.monotonic()
    await it_is_shown(here, payloads, plain=kind in ("scripts", "htmx"))
    print("shown", time.monotonic() - t); t = time.monotonic()
    await it_is_asked_for(here, payloads)
    print("asked", time.monotonic() - t); t = time.monotonic()
    await it_stays_a_draft(here, payloads)
    print("draft", time.monotonic() - t); t = time.monotonic()
    await it_is_typed(here, payloads)
    print("typed", time.monotonic() - t); t = time.monotonic()
    await it_is_watched(here, payloads)
    print("watched", time.monotonic() - t); t = time.monotonic()


async def it_comes_back(here: Town, payloads: Sequence[str]) -> None:
    """A form that can't be used: each field comes back with the payload that was typed there, as text."""
    await here.prove("Eve")
    for form in WRITTEN:
        action, refused = here.at(form.action), [one.name for one in form.named("refused")]
        tries: list[tuple[dict[str, str], list[str]]] = []
        for payload in payloads:
            if refused:
                tries.append((form.values(payload, "kept", "refused", "refused later", "ignored"), refused))
            for one in form.named("refused later"):
                tries.append((form.values(payload, "ignored") | here.usual(form, 1) | {one.name: payload}, [one.name]))
            if form in (fields.WELCOME, fields.REFUSAL):  # anything goes there, unless it is too long
                tries.append(({one.name: payload * 300 for one in form.fields}, [form.fields[-1].name]))
        answers = await send(here.who(form), [filled(action, values) for values, _ in tries])
        for (values, errors), answer in zip(tries, answers, strict=True):
            assert answer.status == 422, (form, values)
            # Of a place it may also say at once that its name is too long.
            assert set(errors) <= set(answer.errors) <= {*errors, "place"}, (form, values)
            for name in (field.name for field in form.fields if field.kind in ("text", "textarea", "date")):
                assert answer.values[name] == values[name].replace("\r\n", "\n"), (form, values)


async def it_is_shown(here: Town, payloads: Sequence[str], *, plain: bool) -> None:
    """A form that can be used: the board keeps the payload, and shows it as what it is.

    ``plain`` payloads mean nothing in Markdown either.
    """

    async def sent(form: Form, number: int, payload: str, *, offer: int = 0, **more: str) -> Answer:
        values = form.values(payload, "kept", "ignored") | here.usual(form, number) | more
        shown = [one for one in form.named("kept") if one.name not in ("why", *more)]
        shown = [one for one in shown if plain or one.kind != "textarea"]
        one = filled(here.at(form.action, offer=offer), values, shows=[kept(values[one.name]) for one in shown])
        (answer,) = await send(here.who(form), [one])
        assert answer.status == 200, one
        return answer

    for number, payload in enumerate(payloads, 1):
        await sent(fields.POST_PROBLEM, number, payload)
        await sent(fields.EDIT_PROBLEM, number, payload)
        await sent(fields.EDIT_POST, number, payload)
        await sent(fields.STAGE, number, payload)
        quoted = str((await sent(fields.REPLY, number, payload)).post)
        citing = Asked(f"/problems/{here.problem}?quote={quoted}", form=here.at(fields.REPLY.action))
        (answer,) = await send(here.crew["bo"], [citing])
        assert answer.values["quotes"] == quoted
        await sent(fields.REPLY, number, payload, quotes=quoted, words=answer.values["words"])
        for answered in (fields.WELCOME, fields.REFUSAL):
            made = await sent(fields.OFFER, number, payload)
            await sent(answered, number, payload, offer=made.offer)
        await sent(fields.ABILITIES, number, payload)
        await sent(fields.ACCOUNT, number, payload)
        # A newcomer has it for a name, at the provider and here, and says something.
        await here.prove(payload)
        newcomer = here.crew["newcomer"]
        await send(newcomer, [Asked("/account/new", form="/account/new", shows=[payload])])
        await sent(fields.NEW_ACCOUNT, number, payload)
        greeting = filled(here.at(fields.REPLY.action), fields.REPLY.values(payload), shows=[kept(payload)[:80]])
        await send(newcomer, [greeting])
        await newcomer.context.clear_cookies(name="session")


async def it_is_asked_for(here: Town, payloads: Sequence[str]) -> None:
    """The payload in the address: in all that any page reads from it, and where a name or a number would stand."""
    problem, post = f"/problems/{here.problem}", f"/problems/{here.problem}/posts/{here.post}"
    of_ada = [f"{problem}{page}" for page in ("", "/edit", "/history", "/network", "/stage")]
    of_ada += [f"{post}/history", "/problems/new", "/account", "/account/abilities", here.at("/offers/{offer}")]
    of_all = ["/", "/search", "/login", "/login/town/callback", "/account/new", f"{problem}/offers/new", "/nowhere"]
    of_all.append("/people/ada")
    for who, pages in (("ada", of_ada), ("newcomer", of_all)):
        asked = []
        for payload in payloads:
            query, one = urlencode(dict.fromkeys(ASKED_FOR, payload)), quote(payload, safe="")
            asked += [Asked(f"{page}?{query}") for page in pages]
            if who == "newcomer":
                asked += [Asked(f"{at}{one}") for at in ("/", "/people/", "/problems/", "/login/", "/viewer/")]
                asked.append(filled(fields.SIGN_IN.action, fields.SIGN_IN.values(payload, "ignored")))
        await send(here.crew[who], asked)


async def it_stays_a_draft(here: Town, payloads: Sequence[str]) -> None:
    """What one was writing comes back as it was, whatever it was."""
    for form, name in DRAFTS:
        for payload in payloads:
            values = {one.name: payload for one in form.fields if one.kind in ("text", "textarea", "date")}
            page = Asked(here.at(form.page), form=here.at(form.action))
            draft = filled(f"/drafts/{here.at(name)}?_method=PUT", values)
            _, answer = await send(here.who(form), [draft, page])
            assert {name: answer.values[name] for name in values} == {n: v.replace("\r\n", "\n") for n, v in values.items()}


async def it_is_typed(here: Town, payloads: Sequence[str]) -> None:
    """By hand, field after field; then by hand again, with what can be used where words can't."""
    newcomer, many = here.crew["newcomer"], len(payloads) + 1
    await type_in(here, fields.POST_PROBLEM, payloads, mend=True)
    await type_in(here, fields.EDIT_PROBLEM, payloads)
    await type_in(here, fields.STAGE, payloads)
    await type_in(here, fields.REPLY, payloads, preview="#reply-preview", mend=True)
    await type_in(here, fields.EDIT_POST, payloads, number=many, preview="#post-preview", mend=True)
    await type_in(here, fields.OFFER, payloads, mend=True)
    await type_in(here, fields.WELCOME, payloads, offer=here.offers[0])
    await type_in(here, fields.REFUSAL, payloads, offer=here.offers[1])
    await type_in(here, fields.ABILITIES, payloads)
    await type_in(here, fields.ACCOUNT, payloads)
    await type_in(here, fields.FILTERS, payloads)
    await newcomer.go("/search")
    for payload in payloads:
        await newcomer.page.get_by_label("What are you looking for?").fill(payload[:200])
        await newcomer.page.keyboard.press("Enter")
        await expect(newcomer.page.locator("main").get_by_role("status")).to_contain_text(kept(payload)[:100])
        await is_text(newcomer.page)

    # The first sign-in, from an address that leads elsewhere, by a provider that tells such things too.
    await newcomer.go(f"/login?{urlencode({'next': payloads[0]})}")
    await type_in(here, fields.SIGN_IN_AT, payloads, go=False)
    page = newcomer.page
    await page.get_by_role("button", name="Go on with Town hall").click()
    await page.get_by_label("Login name").fill(f"{here.problem} {payloads[0]}")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="What should we call you?")).to_be_visible()
    await type_in(here, fields.NEW_ACCOUNT, payloads, mend=True, go=False)
    await expect(page.locator(".flash")).to_contain_text("This is your account now")
    await type_in(here, fields.ADD_AT, payloads)
    await newcomer.context.clear_cookies(name="session")


async def type_in(
    here: Town,
    form: Form,
    payloads: Sequence[str],
    *,
    number: int = 0,
    offer: int = 0,
    preview: str = "",
    go: bool = True,
    mend: bool = False,
) -> None:
    """Fill a form in by hand, each field with another payload, and send it; ``mend`` what was refused, and send it again."""
    page, action = here.who(form).page, here.at(form.action, offer=offer)
    box = page.locator(f'form[action="{action}"]')
    if go:
        await here.who(form).go(here.at(form.page, offer=offer))
    words = {one.name: one.fit(payloads[turn % len(payloads)]) for turn, one in enumerate(form.fields)}
    written: dict[str, str] = {}
    for one in form.fields:
        if one.kind in ("text", "textarea", "search"):
            field = box.locator(f'[name="{one.name}"]')
            await field.fill(words[one.name])
            written[one.name] = await field.input_value()
    if preview:
        await box.get_by_role("button", name="Preview").click()
        await expect(page.locator(f"{preview} .prose")).not_to_be_empty()
        await is_text(page)
    for one in form.fields:
        if one.kind in ("hidden", "select-one", "radio", "checkbox", "date"):
            await box.evaluate(SET, [one.name, words[one.name]])
    await box.get_by_role("button", name=form.button, exact=True).click()
    if form.named("refused", "refused later"):
        await expect(page.locator("#error-summary")).to_be_visible()
        await is_text(page)
        for name, words in written.items():
            await expect(box.locator(f'[name="{name}"]')).to_have_value(words)
        if not mend:
            return
        right = {one.name: one.usual for one in form.fields} | here.usual(form, number)
        for one in form.named("refused", "refused later"):
            field = box.locator(f'[name="{one.name}"]')
            if one.kind == "radio":
                await box.locator(f'[name="{one.name}"][value="{right[one.name]}"]').check()
            elif one.kind in ("text", "date"):
                await field.fill(right[one.name])
            elif one.kind == "hidden":
                await box.evaluate(SET, [one.name, right[one.name]])
        await box.get_by_role("button", name=form.button, exact=True).click()
    await expect(page.locator("#error-summary")).to_have_count(0)
    await expect(page.locator("main h1")).to_be_visible()
    await is_text(page)


async def it_is_watched(here: Town, payloads: Sequence[str]) -> None:
    """Who watched all the while has seen it all, and so does who comes afterwards."""
    cy, stranger = here.crew["cy"], here.crew["stranger"]
    thread = cy.page.locator("#thread")
    many = await here.crew["ada"].page.evaluate(POSTS, f"/problems/{here.problem}")
    await expect(thread.locator(".post")).to_have_count(many)
    await expect(thread.locator(".timeline-entry")).to_have_count(len(payloads))
    titles = stranger.page.locator("#notices .notice h3")
    for payload in payloads:
        await expect(titles.filter(has_text=kept(payload)[:100]).first).to_be_attached()
    for one in (cy, stranger):
        await is_text(one.page)
    problem, post = f"/problems/{here.problem}", f"/problems/{here.problem}/posts/{here.post}"
    pages = [problem, "/", "/people/bo", "/people/ada", "/search?q=pwned", f"{post}/history"]
    for path in (*pages, *(f"{problem}/{page}" for page in ("history", "network", "stage"))):
        await stranger.go(path)
        await is_text(stranger.page)
    await nothing_happened(*here.crew.values())


async def test_what_no_text_can_be_is_refused(here: Town) -> None:
    """Bytes that are no text, and numbers without end, in each field alone: a readable page, and never a broken one."""
    await here.prove("Eve")
    for form in WRITTEN:
        asked, refused = [], []
        for one in form.fields:
            for data in (*NO_TEXT, *HARDLY):
                values: dict[str, str | bytes] = {**form.values(""), **here.usual(form, 1), one.name: data}
                sent = filled(here.at(form.action), values)
                asked.append(Asked(f"{sent.path}?{sent.body}") if form in (fields.SEARCH, fields.FILTERS) else sent)
                refused.append(data in NO_TEXT and one.fate != "ignored")
        for request, answer, must in zip(asked, await send(here.who(form), asked), refused, strict=True):
            assert answer.status in (400, 422) if must else answer.status < 500, request
    await nothing_happened(*here.crew.values())
