"""What people type stays text: each payload in each field, on every page that shows it, for everybody who watches."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from civicboard.kit import web
from civicboard.kit.work import Desk
from civicboard.networks.actions import agree_to_convening, look_after, stay_together, write_members_post
from civicboard.networks.queries import waiting_on
from civicboard.notices.actions import tell
from civicboard.offers.actions import add_need, make_offer, welcome_offer
from civicboard.people.actions import block_person
from civicboard.people.models import Identity, Session
from civicboard.places.actions import put_place
from civicboard.posts.actions import write_post
from civicboard.problems.actions import follow, post_problem
from civicboard.skills.actions import say_ability
from tests.cast import Cast, Told
from tests.journeys import fields
from tests.journeys.fields import ASKED_FOR, DRAFTS, OTHERS, PRESSED, WRITTEN, Form
from tests.journeys.filling import BROWSER, Town, type_in
from tests.journeys.neighbours import Neighbour, arrive
from tests.journeys.payloads import (
    HARDLY,
    KINDS,
    NO_TEXT,
    Answer,
    Asked,
    filled,
    is_text,
    kept,
    nothing_happened,
    says,
    send,
)
from tests.journeys.servers import Served, free_port, login_settings
from tests.matching.people import a_standing_ask
from tests.organisations.council import council
from tests.providers.oidc_provider import Running, oidc_provider

TEMPLATES = Path(__file__).parents[2] / "civicboard" / "templates"
#: How many posts a problem's page has when it is asked for anew.
POSTS = """async (path) => new DOMParser().parseFromString(await (await fetch(path)).text(), "text/html")
  .querySelectorAll("#thread .post").length"""
#: Every control of a page: where its form goes, what it is called and what it is.
CONTROLS = """() => [
  ...document.querySelectorAll("input, select, textarea, button[name], [contenteditable]")
].map((one) => [
  one.form?.getAttribute("action")?.replace(/[?]_method=DELETE|#.*/, "") ?? "", one.name || one.id, one.type])"""

#: A page goes without its style while much happens there, or comes back to it. What would run runs all the same (an
#: image that isn't there, a field with the focus), but dressing each little that comes takes three times as long.
DRESSED = "(dressed) => { for (const sheet of document.styleSheets) sheet.disabled = !dressed }"


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
    # Much happens live on the pages of who watches: they needn't glow, nor be large.
    seen: dict[str, Any] = {
        "reduced_motion": "reduce",
        "viewport": {"width": 1000, "height": 300},
        "also": [provider[1].issuer],
    }
    tokens = {name: gathered.tokens[name] for name in ("ada", "bo", "cy")} | {"newcomer": "", "stranger": ""}
    came = {name: await arrive(browser, board.origin, token=token, **seen) for name, token in tokens.items()}
    yield came
    for one in came.values():
        await one.context.close()


@pytest_asyncio.fixture
async def here(crew: dict[str, Neighbour], gathered: Cast, town: Desk) -> Town:
    async with town.writing(gathered.ada) as work:
        problem = (await post_problem(work, Told(title="A quiet problem"))).id
        note = await write_members_post(work, problem, words="The key is under the pot.")
        network = (await post_problem(work, Told(title="A problem before"))).id
        await stay_together(work, network, name="The crew", about="Pumps and patience.")
    async with town.writing(gathered.bo) as work:
        post = await write_post(work, problem, kind="reply", capacity="neighbour", words="Good morning.")
        offers = (await make_offer(work, problem, what="A pump"), await make_offer(work, problem, what="A van"))
        welcomed = await make_offer(work, problem, what="An hour")
    async with town.writing() as work:
        await put_place(work, slug="brook", name="Brook", kind="ward")
        there = await council(work, gathered)
    async with town.writing(gathered.ada) as work:
        await welcome_offer(work, welcomed)
        need = await add_need(work, problem, kind="thing", what="A long ladder")
        ask = await a_standing_ask(work, need, gathered.bo.id or 0)
    for one in crew.values():
        # Where nothing happens, unless they are there already.
        if urlsplit(one.page.url).path != "/nowhere":
            await one.go("/nowhere")
    newcomer = crew["newcomer"]
    await newcomer.context.clear_cookies()
    await newcomer.context.add_cookies([{"name": "browser", "value": BROWSER, "url": newcomer.origin}])
    named = (there["id"], there["affiliation"], need, welcomed, note, network, ask)
    return Town(crew, town, problem, post, offers, *named, gathered.ada.id or 0)


async def test_the_table_names_every_field(here: Town, gathered: Cast) -> None:
    """A field that is new, or of another kind, is missing from ``fields.py`` until somebody says what becomes of it."""
    async with here.desk.writing() as work:
        # So that the account page has something to remove.
        bo = gathered.bo.id
        assert bo is not None
        proof = {"provider": "council", "issuer": "https://two.example", "subject": "bo", "label": "Bo"}
        identity = Identity(person_id=bo, added_at=work.now, **proof)
        work.session.add(identity)
        await work.session.flush()
        ends = work.now + timedelta(days=1)
        session = Session(
            person_id=bo,
            identity_id=identity.id,
            token_hash=web.hashed("another browser"),
            started_at=work.now,
            seen_at=work.now,
            ends_at=ends,
        )
        work.session.add(session)
    async with here.desk.writing(gathered.bo) as work:
        # And so that there are levels to choose, a word to take out, and somebody to have to do with again.
        await say_ability(work, tags=["pumps"], visibility="public")
        await block_person(work, "cy")
        # That Bo would look after one problem, and looks after another.
        await look_after(work, here.problem)
        await follow(work, here.network)
        await look_after(work, here.network)
    async with here.desk.writing(gathered.ada) as work:
        (question,) = await waiting_on(work, here.network)
        await agree_to_convening(work, here.network, question.id)
        # And Ada's notices something to mark.
        await tell(work, "joined", [gathered.ada.id], once="joined", by=bo, problem_id=here.problem, person_id=bo)
    await here.prove("Eve")
    everything = (*WRITTEN, *PRESSED, *OTHERS)
    found: set[tuple[str, str, str]] = set()
    for who, path in sorted({(form.who, form.page) for form in everything if form.page}):
        await here.crew[who].go(here.at(path))
        for action, name, kind in await here.crew[who].page.evaluate(CONTROLS):
            found.add((re.sub(r"\d+", "*", action), name, kind))
    named = [(re.sub(r"{\w+}", "*", form.action), form.fields) for form in everything]
    assert found == {(action, one.name, one.kind) for action, controls in named for one in controls}

    # Nor is there a form that stands on none of these pages. The demo's provider is another site.
    seen = {action for action, _, _ in found}
    for template in TEMPLATES.rglob("*.html"):
        for action in re.findall(r'<form[^>]*? action="(.*?)"', template.read_text(), re.S):
            pattern = re.sub(r"\\{\\{.*?\\}\\}", ".+", re.escape(re.sub(r"{%.*?%}|\?_method=DELETE|#\w+$", "", action)))
            assert any(re.fullmatch(pattern, one) for one in seen) or template.parent.name == "demo", (template, action)


@pytest.mark.parametrize("kind", KINDS)
async def test_each_payload_in_each_field(here: Town, kind: str) -> None:
    payloads, watching = KINDS[kind], (here.crew["cy"], here.crew["stranger"])
    await watching[0].go(f"/problems/{here.problem}")
    await watching[1].go("/")
    for one in watching:
        await one.live()
        await one.page.evaluate(DRESSED, False)
    await asyncio.gather(it_comes_back(here, payloads), it_is_asked_for(here, payloads))
    await it_is_kept(here, payloads)
    await it_stays_a_draft(here, payloads)
    await it_is_watched(here, payloads, plain=kind in ("scripts", "htmx"))


async def it_comes_back(here: Town, payloads: Sequence[str]) -> None:
    """A form that can't be used: each field comes back with the payload that was typed there, as text."""
    await here.prove("Eve")

    async def each_of(who: str) -> None:
        for form in WRITTEN:
            if form.who == who:
                await each_in(form)

    async def each_in(form: Form) -> None:
        action, refused = here.at(form.action), [one.name for one in form.named("refused")]
        tries: list[tuple[dict[str, str], list[str]]] = []
        names = [one.name for one in form.fields]
        for payload in payloads:
            if refused:
                tries.append((form.values(payload, "kept", "refused", "refused later", "ignored"), refused))
            for one in form.named("refused later"):
                if one.kind == "select-one" and payload != payloads[0]:
                    continue  # what was chosen came back above already: it is only refused later
                tries.append((form.values(payload, "ignored") | here.usual(form, 1) | {one.name: payload}, [one.name]))
            if form in (fields.WELCOME, fields.REFUSAL):  # anything goes there, unless it is too long
                tries.append(
                    (dict.fromkeys(names, payload * (1000 // len(payload))), [one.name for one in form.named("kept")])
                )
        answers = await send(here.who(form), [filled(action, values) for values, _ in tries])
        for (values, errors), answer in zip(tries, answers, strict=True):
            assert answer.status == 422, (form, values)
            # Of a place it may also say at once that its name is too long.
            assert set(errors) <= set(answer.errors) <= {*errors, "place"}, (form, values)
            for name in (field.name for field in form.fields if field.kind in ("text", "textarea", "date")):
                assert answer.values[name] == values[name].replace("\r\n", "\n"), (form, values)

    await asyncio.gather(*map(each_of, ("ada", "bo", "newcomer")))


async def it_is_kept(here: Town, payloads: Sequence[str]) -> None:
    """A form that can be used: the board keeps the payload."""

    async def sent(form: Form, forms: Sequence[tuple[str, dict[str, str]]]) -> None:
        asked = []
        for number, (payload, more) in enumerate(forms, 1):
            values = form.values(payload, "kept", "ignored") | here.usual(form, number) | more
            offer = int(values.pop("offer", "0"))
            asked.append(filled(here.at(form.action, offer=offer), values, follow=False))
        for one, answer in zip(asked, await send(here.who(form), asked), strict=True):
            assert answer.status == 0, one

    async def look(who: str, query: str = "") -> Answer:
        page = Asked(f"/problems/{here.problem}{query}", form=here.at(fields.REPLY.action))
        return (await send(here.crew[who], [page]))[0]

    async def ada_posts() -> None:
        needs = (fields.NEED, fields.EDIT_NEED)
        among = (fields.MEMBERS_POST, fields.EDIT_MEMBERS_POST, fields.TOGETHER)
        for form in (fields.POST_PROBLEM, fields.EDIT_PROBLEM, fields.STAGE, *needs, *among):
            await sent(form, each)

    async def bo_talks() -> None:
        for form in (fields.EDIT_POST, fields.REPLY):
            await sent(form, each)
        quotes = []
        for payload, post in zip(payloads, (await look("bo")).posts[-len(payloads) :], strict=True):
            written = (await look("bo", f"?quote={post}")).values
            assert written["quotes"] == str(post)
            quotes.append((payload, {"quotes": written["quotes"], "words": written["words"]}))
        await sent(fields.REPLY, quotes)

    async def bo_offers() -> None:
        for answer in (fields.WELCOME, fields.REFUSAL):
            await sent(fields.OFFER, each)
            waiting = sorted({*(await look("ada")).offers} - {*here.offers})
            answers = [(payload, {"offer": str(one)}) for payload, one in zip(payloads, waiting, strict=True)]
            await sent(answer, answers)

    each: list[tuple[str, dict[str, str]]] = [(payload, {}) for payload in payloads]
    await asyncio.gather(ada_posts(), bo_talks())
    await asyncio.gather(bo_offers(), bo_is(here, payloads), newcomers_are(here, payloads))


async def bo_is(here: Town, payloads: Sequence[str]) -> None:
    """Bo says it of himself."""
    for form in (fields.ABILITIES, fields.ACCOUNT):
        asked = []
        for payload in payloads:
            values = form.values(payload, "kept", "ignored")
            shown = [kept(values[one.name]) for one in form.named("kept") if one.kind == "text"]
            asked.append(filled(form.action, values, shows=shown))
        assert {answer.status for answer in await send(here.who(form), asked)} == {200}


async def newcomers_are(here: Town, payloads: Sequence[str]) -> None:
    """Newcomers have it for a name, at the provider and here, and say something."""
    newcomer, form = here.crew["newcomer"], fields.NEW_ACCOUNT
    for number, payload in enumerate(payloads, 1):
        await here.prove(payload)
        named = filled(form.action, form.values(payload, "kept", "ignored") | here.usual(form, number), follow=False)
        hello = filled(here.at(fields.REPLY.action), fields.REPLY.values("Hello.", "kept"), follow=False)
        answers = await send(newcomer, [Asked(form.page, shows=[payload]), named, hello])
        assert [answer.status for answer in answers] == [200, 0, 0]


async def it_is_asked_for(here: Town, payloads: Sequence[str]) -> None:
    """The payload in the address: in all that any page reads from it, and where a name or a number would stand."""
    problem, post = f"/problems/{here.problem}", f"/problems/{here.problem}/posts/{here.post}"
    reading = ("/", "/search", "/networks", "/login/town/callback", problem, f"{problem}/history", f"{post}/history")
    asked, logins = [], []
    for payload in payloads:
        query, one = urlencode(dict.fromkeys(ASKED_FOR, payload)), quote(payload, safe="")
        asked += [Asked(f"{page}?{query}") for page in reading]
        asked += [Asked(f"{at}{one}") for at in ("/", "/people/", "/problems/", "/login/")]
        asked.append(filled(fields.SIGN_IN.action, fields.SIGN_IN.values(payload, "ignored")))
        logins.append(Asked(f"{fields.SIGN_IN.page}?{query}", form=fields.SIGN_IN.action))
    await send(here.crew["stranger"], asked)
    # After signing in one never goes where the address says, unless that is here.
    assert {answer.values["next"] for answer in await send(here.crew["stranger"], logins)} == {"/"}


async def it_stays_a_draft(here: Town, payloads: Sequence[str]) -> None:
    """What one was writing comes back as it was, whatever it was."""
    turns = itertools.cycle(payloads)
    for form, name in DRAFTS:
        values = {one.name: next(turns) for one in form.fields if one.kind in ("text", "textarea", "date")}
        values.pop("contact", None)  # how one can be reached stays nowhere
        draft = filled(f"/drafts/{here.at(name)}?_method=PUT", values)
        _, answer = await send(here.who(form), [draft, Asked(here.at(form.page), form=here.at(form.action))])
        for one, words in values.items():
            assert answer.values[one] == words.replace("\r\n", "\n"), form


async def it_is_watched(here: Town, payloads: Sequence[str], *, plain: bool) -> None:
    """Who watched all the while has seen it all, and so does who comes afterwards.

    ``plain`` payloads mean nothing in Markdown either.
    """
    cy, stranger = here.crew["cy"], here.crew["stranger"]
    problem, post = f"/problems/{here.problem}", f"/problems/{here.problem}/posts/{here.post}"
    lines = [kept(fields.OFFER.fields[2].fit(payload))[:80] for payload in payloads]
    (asked,) = await send(here.crew["ada"], [Asked(problem, shows=lines)])
    await expect(cy.page.locator("#thread .post")).to_have_count(len(asked.posts))
    await expect(cy.page.locator("#thread .timeline-entry")).to_have_count(len(payloads))
    for one in (cy, stranger):
        await one.page.evaluate(DRESSED, True)
    await says(cy.page, [*lines, *(payloads if plain else ())])
    titles = stranger.page.locator("#notices .notice h3")
    for line in lines:
        await expect(titles.filter(has_text=line).first).to_be_attached()
    await is_text(cy.page)
    await is_text(stranger.page)
    for page, words in ((f"{problem}/history", lines), (f"{problem}/network", lines), (problem, lines), ("/", lines)):
        await stranger.go(page)
        await says(stranger.page, words if page != "/" else lines[-1:])
        await is_text(stranger.page)
    ada = here.crew["ada"]
    await ada.go(f"{problem}/network/members")
    await says(ada.page, payloads if plain else ())
    await is_text(ada.page)
    more = ("/networks", f"{problem}/stage", f"{post}/history", "/people/bo", "/people/ada", "/search?q=pwned")
    await send(stranger, [Asked(page, shows=lines if page == "/people/ada" else ()) for page in more])
    await nothing_happened(*here.crew.values())


async def test_the_first_forms_by_hand(here: Town) -> None:
    """By hand, into every kind of field, each kind of payload; then with what can be used where words can't."""
    kinds = tuple(KINDS.values())

    async def ada_types() -> None:
        await type_in(here, fields.POST_PROBLEM, *kinds, mend=True)

    async def bo_types() -> None:
        await type_in(here, fields.REPLY, *kinds, preview="#reply-preview", mend=True)
        await type_in(here, fields.OFFER, *kinds, mend=True)
        await type_in(here, fields.ACCOUNT, *kinds)

    async def newcomer_types() -> None:
        newcomer = here.crew["newcomer"]
        await type_in(here, fields.SEARCH, *kinds)
        for kind in kinds:
            await here.prove(kind[0])
            await newcomer.go(fields.NEW_ACCOUNT.page)
            await is_text(newcomer.page)
        await type_in(here, fields.NEW_ACCOUNT, *kinds, mend=True, go=False)

    await asyncio.gather(ada_types(), bo_types(), newcomer_types())
    await nothing_happened(*here.crew.values())


async def test_the_other_forms_by_hand(here: Town) -> None:
    """They are made of the same fields: a payload of each kind is typed there. The first sign-in is a real one."""
    payloads = [payloads[0] for payloads in KINDS.values()]

    async def ada_types() -> None:
        await type_in(here, fields.EDIT_PROBLEM, payloads, mend=True)
        await type_in(here, fields.STAGE, payloads, mend=True)
        await type_in(here, fields.NEED, payloads, mend=True)
        await type_in(here, fields.WELCOME, payloads, offer=here.offers[0])
        await type_in(here, fields.REFUSAL, payloads, offer=here.offers[1])
        await type_in(here, fields.NO_CONFIRMATION, payloads)
        await type_in(here, fields.MEMBERS_POST, payloads, preview="#members-preview", mend=True)
        await type_in(here, fields.EDIT_MEMBERS_POST, payloads, preview="#post-preview", mend=True)
        await type_in(here, fields.TOGETHER, payloads)
        await type_in(here, fields.INVITATION, payloads)

    async def bo_types() -> None:
        await type_in(here, fields.EDIT_POST, payloads, preview="#post-preview", mend=True)
        await type_in(here, fields.FILTERS, payloads)
        await type_in(here, fields.ABILITIES, payloads, mend=True)
        await type_in(here, fields.AFFILIATION, payloads, mend=True)
        await type_in(here, fields.ADD_AT, payloads)

    async def newcomer_types() -> None:
        page = (newcomer := here.crew["newcomer"]).page
        await type_in(here, fields.NETWORKS, payloads)
        await type_in(here, fields.SIGN_IN_AT, payloads)
        await newcomer.go(f"/login?{urlencode({'next': KINDS['places elsewhere'][0]})}")
        await is_text(page)
        await page.get_by_role("button", name="Go on with Town hall").click()
        await page.get_by_label("Login name").fill("somebody")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="What should we call you?")).to_be_visible()
        await type_in(here, fields.NEW_ACCOUNT, payloads, mend=True, go=False)
        await expect(page.locator(".flash")).to_contain_text("This is your account now")
        assert page.url.startswith(f"{newcomer.origin}/")

    await asyncio.gather(ada_types(), bo_types(), newcomer_types())
    await nothing_happened(*here.crew.values())


async def test_what_no_text_can_be_is_refused(here: Town) -> None:
    """Bytes that are no text, in each field alone; and what is hard to read, which never breaks a page."""
    await here.prove("Eve")

    async def each_of(who: str) -> None:
        leads: set[str] = set()
        for form in WRITTEN:
            if form.who == who:
                leads |= await each_in(form)
        await send(here.crew[who], [Asked(page) for page in sorted(leads)])

    async def each_in(form: Form) -> set[str]:
        """Where the form led to."""
        refused: list[Asked] = []
        taken: list[Asked] = []
        # What does nothing wherever it stands may stand everywhere at once.
        idle = [one.name for one in form.named("ignored")]
        fields_of = [*([one.name] for one in form.fields if one.name not in idle), *([idle] if idle else [])]
        for names, data in itertools.product(fields_of, (*NO_TEXT, *HARDLY)):
            values = {**form.values(""), **here.usual(form, 1), **dict.fromkeys(names, data)}
            sent = filled(here.at(form.action), values, follow=False)
            if form in (fields.SEARCH, fields.FIND_WORD, fields.FILTERS, fields.NETWORKS):
                taken.append(Asked(f"{sent.path}?{sent.body}"))
            else:
                (refused if data in NO_TEXT and names is not idle else taken).append(sent)
        answers = await send(here.who(form), [*refused, *taken])
        assert {answer.status for answer in answers[: len(refused)]} <= {400, 422}, form
        return {answer.leads for answer in answers if answer.leads}

    await asyncio.gather(*map(each_of, ("ada", "bo", "newcomer")))
    await nothing_happened(*here.crew.values())
