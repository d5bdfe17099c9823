"""The doors of people, with a provider that does as it is told."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.requests import Request

from civicboard.app import Board
from civicboard.kit.limits import Rates
from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.kit.web import Kit, SignInFirst, hashed
from civicboard.kit.work import Desk
from civicboard.people import actions, queries
from civicboard.people.gateway import (
    BadServer,
    Denied,
    Gateway,
    LoggedOut,
    Proved,
    ProviderDown,
    RememberedApp,
    Started,
    Tampered,
    UnknownProvider,
)
from civicboard.people.routes import ask_to_sign_in
from civicboard.places.actions import put_place
from civicboard.settings import Provider
from tests.conftest import TurnedClock, client_for

GOOGLE = "https://accounts.google.com"

Browsers = Callable[[], httpx2.AsyncClient]


class FakeGateway:
    """Providers that answer at once. A callback's ``code`` is the subject that it proves."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.providers = {
            "google": Provider(key="google", kind="google", label="Google"),
            "github": Provider(key="github", kind="github", label="GitHub"),
            "mastodon": Provider(key="mastodon", kind="mastodon", label="Mastodon"),
        }
        self.down = False
        self.in_transaction = 0
        self.begun: dict[str, Started] = {}
        self.prompts: list[str] = []
        self.remembered: list[RememberedApp | None] = []

    def server_for(self, key: str, typed: str) -> str:
        self._provider(key)
        if key != "mastodon":
            return ""
        if "." not in typed:
            raise BadServer("Type the name of your server.")
        return f"https://{typed}"

    async def begin(
        self, key: str, *, server: str = "", remembered: RememberedApp | None = None, prompt: str = ""
    ) -> Started:
        provider = self._provider(key)
        if self.down:
            raise ProviderDown(provider.label)
        self.prompts.append(prompt)
        self.remembered.append(remembered)
        state = f"state-{len(self.begun)}"
        registered = None
        if server and remembered is None:
            registered = RememberedApp(self.server_for(key, server), "id", "secret")
        started = Started(
            f"https://provider.example/authorize?a=1&state={state}",
            state,
            f"nonce-{state}",
            f"verifier-{state}",
            {"server": server},
            registered,
        )
        self.begun[state] = started
        return started

    async def finish(
        self,
        key: str,
        *,
        query: Mapping[str, str],
        state: str,
        nonce: str,
        verifier: str,
        provider_data: Mapping[str, str],
        wanted: Collection[str] = (),
    ) -> Proved:
        provider = self._provider(key)
        begun = self.begun[state]
        assert (begun.nonce, begun.verifier, begun.provider_data) == (nonce, verifier, provider_data)
        if query.get("iss", GOOGLE) != GOOGLE:
            raise Tampered("another provider made that callback")
        if query.get("error"):
            raise Denied(provider.label)
        if self.down:
            raise ProviderDown(provider.label)
        subject = query["code"]
        issuer = {"google": GOOGLE, "github": "https://github.com"}.get(key, "https://social.example")
        return Proved(
            issuer,
            subject,
            name=f"{subject.title()} Kaur",
            handle_hint=subject,
            email=f"{subject}@example.org" if key != "mastodon" else "",
            sid=f"sid-{subject}",
            id_token=f"token-{subject}",
            end_session=key == "google",
        )

    async def logout_url(self, key: str, *, id_token: str, back_to: str, state: str = "") -> str | None:
        self._provider(key)
        if self.down:
            return None
        return f"https://provider.example/end?hint={id_token}&back={back_to}"

    async def read_logout_token(self, key: str, token: str) -> LoggedOut:
        provider = self._provider(key)
        if self.down:
            raise ProviderDown(provider.label)
        if not token.startswith("signed:"):
            raise Tampered("unsigned")
        _, subject, sid, jti = token.split(":")
        return LoggedOut(GOOGLE, subject, sid, jti)

    def _provider(self, key: str) -> Provider:
        assert self.in_transaction == 0, "the gateway must never be called inside a transaction"
        if key not in self.providers:
            raise UnknownProvider(key)
        return self.providers[key]


@pytest.fixture
def kit(app: Board) -> Kit:
    held: Kit = app.state.kit
    return held


@pytest.fixture
def gateway(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    fake = FakeGateway(kit.settings.origin)
    monkeypatch.setitem(kit.parts, Gateway, fake)
    writing = kit.desk.writing

    @asynccontextmanager
    async def counted(viewer: Viewer = NOBODY) -> AsyncIterator[Any]:
        async with writing(viewer) as work:
            fake.in_transaction += 1
            try:
                yield work
            finally:
                fake.in_transaction -= 1

    monkeypatch.setattr(kit.desk, "writing", counted)
    return fake


@pytest.fixture
def browsers(app: Board, gateway: FakeGateway) -> Browsers:
    """Makes browsers, each with cookies of its own."""
    return lambda: client_for(app)


@pytest.fixture
def ada(browsers: Browsers) -> httpx2.AsyncClient:
    """A browser in front of which nobody is signed in yet."""
    return browsers()


async def begin(browser: httpx2.AsyncClient, provider: str = "google", **fields: str) -> str:
    """Press a provider's button; give the state that the provider would hand back."""
    answer = await browser.post(f"/login/{provider}", data=fields)
    assert answer.status_code == 200, answer.text
    return parse_qs(urlsplit(led_to(answer)).query)["state"][0]


def led_to(answer: httpx2.Response) -> str:
    found = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', answer.text)
    assert found is not None
    url = html.unescape(found[1])
    assert f'href="{found[1]}"' in answer.text, "and a link, for who stays"
    return url


async def come_back(
    browser: httpx2.AsyncClient, state: str, code: str = "ada", provider: str = "google", **query: str
) -> httpx2.Response:
    params = {"state": state, "code": code} | query
    # The way back is another site's link.
    return await browser.get(f"/login/{provider}/callback", params=params, headers={"Sec-Fetch-Site": "cross-site"})


async def join(browser: httpx2.AsyncClient, who: str = "ada", **fields: str) -> httpx2.Response:
    answer = await come_back(browser, await begin(browser, **fields), who)
    assert answer.headers["location"] == "/account/new"
    return await browser.post("/account/new", data={"name": f"{who.title()} Kaur", "handle": who})


async def who_is(browser: httpx2.AsyncClient) -> str:
    """The handle of the person signed in, or "" for nobody."""
    answer = await browser.get("/account")
    found = re.search(r"You are <b>@([a-z0-9-]+)</b>", answer.text)
    return found[1] if found else ""


def is_readable(answer: httpx2.Response, status: int, *words: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    text = html.unescape(answer.text)
    for word in (*words, "<h1>"):
        assert word in text
    assert 'class="button primary"' in text, "it offers a next step"


async def test_the_ways_to_sign_in(ada: httpx2.AsyncClient) -> None:
    answer = await ada.get("/login?next=/problems/new")
    assert answer.status_code == 200
    for words in ("Google", "GitHub", 'action="/login/mastodon"', 'name="server"'):
        assert words in answer.text
    assert answer.text.count('name="next" value="/problems/new"') == 3
    assert "//evil.example" not in (await ada.get("/login?next=//evil.example")).text


async def test_a_board_without_providers_says_so(ada: httpx2.AsyncClient, gateway: FakeGateway) -> None:
    gateway.providers.clear()
    assert "Nobody can sign in yet" in html.unescape((await ada.get("/login")).text)


async def test_first_sign_in_asks_for_a_name_and_goes_back_to_where_one_was(ada: httpx2.AsyncClient) -> None:
    state = await begin(ada, next="/problems/new")
    answer = await come_back(ada, state)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/new")
    page = await ada.get("/account/new")
    assert 'value="Ada Kaur"' in page.text
    assert 'value="ada"' in page.text
    assert await who_is(ada) == "", "not before there is an account"
    answer = await ada.post("/account/new", data={"name": " Ada  Kaur ", "handle": "@Ada"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/problems/new?said=welcome")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert await who_is(ada) == "ada"
    assert (await ada.get("/account/new")).headers["location"] == "/account"


async def test_the_token_itself_is_nowhere_in_the_database(ada: httpx2.AsyncClient, desk: Desk) -> None:
    await join(ada)
    token = ada.cookies["session"]
    assert len(token) == 43
    async with desk.reading() as work:
        viewer = await queries.find_viewer(work, hashed(token))
        assert viewer is not None
        assert viewer.handle == "ada"
        assert await queries.find_viewer(work, token) is None


async def test_second_sign_in_is_one_step_and_a_new_token(ada: httpx2.AsyncClient, browsers: Browsers) -> None:
    await join(ada)
    phone = browsers()
    answer = await come_back(phone, await begin(phone, next="/problems/new"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/problems/new")
    assert await who_is(phone) == "ada"
    before = ada.cookies["session"]
    await come_back(ada, await begin(ada))
    assert ada.cookies["session"] != before
    old = browsers()
    old.cookies.set("session", before, domain="testserver.local")
    assert await who_is(old) == "", "the session that the browser had is over"
    assert await who_is(phone) == "ada"


async def test_who_is_signed_in_goes_straight_on(ada: httpx2.AsyncClient) -> None:
    await join(ada)
    assert (await ada.get("/login?next=/problems/new")).headers["location"] == "/problems/new"
    assert (await ada.get("/login")).headers["location"] == "/account"


async def test_the_page_that_leads_to_the_provider(ada: httpx2.AsyncClient) -> None:
    answer = await ada.post("/login/google")
    assert led_to(answer) == "https://provider.example/authorize?a=1&state=state-0"
    assert "Taking you to Google" in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_two_tabs_at_once_both_work(ada: httpx2.AsyncClient) -> None:
    await join(ada)
    one, two = await begin(ada, next="/?tab=1"), await begin(ada, next="/?tab=2")
    assert (await come_back(ada, two)).headers["location"] == "/?tab=2"
    assert (await come_back(ada, one)).headers["location"] == "/?tab=1"
    assert await who_is(ada) == "ada"


async def test_a_callback_works_once(ada: httpx2.AsyncClient) -> None:
    state = await begin(ada)
    await come_back(ada, state)
    is_readable(await come_back(ada, state), 400, "used already", "Nothing is lost")


async def test_a_callback_with_an_error_is_used_up_too(ada: httpx2.AsyncClient) -> None:
    state = await begin(ada, next="/problems/new")
    answer = await come_back(ada, state, error="access_denied")
    is_readable(answer, 403, "You chose not to sign in with Google", "Nothing is lost")
    assert 'href="/login?next=/problems/new"' in answer.text
    is_readable(await come_back(ada, state), 400, "used already")


async def test_another_browsers_callback(ada: httpx2.AsyncClient, browsers: Browsers) -> None:
    await join(ada)
    state = await begin(ada)
    for victim in (browsers(), browsers()):
        is_readable(await come_back(victim, state, "evil"), 400, "another browser")
        assert await who_is(victim) == ""
        await victim.get("/login")  # the second time with a browser cookie of its own
        is_readable(await come_back(victim, state, "evil"), 400, "another browser")
    assert (await come_back(ada, state)).status_code == 303, "and it did not use it up"


async def test_another_providers_callback(ada: httpx2.AsyncClient) -> None:
    state = await begin(ada)
    is_readable(await come_back(ada, state, provider="github"), 400, "another provider")


async def test_a_tampered_issuer(ada: httpx2.AsyncClient) -> None:
    state = await begin(ada)
    is_readable(await come_back(ada, state, iss="https://evil.example"), 400, "start again", "Nothing is lost")
    assert (await ada.get("/account/new")).headers["location"] == "/login"


async def test_a_provider_that_is_down(ada: httpx2.AsyncClient, gateway: FakeGateway) -> None:
    state = await begin(ada, next="/problems/new")
    gateway.down = True
    answer = await ada.post("/login/google", data={"next": "/problems/new"})
    is_readable(answer, 503, "Google isn't answering", "Nothing is lost")
    assert answer.headers["retry-after"]
    is_readable(await come_back(ada, state), 503, "Google isn't answering")


@pytest.mark.parametrize("query", ["", "?state=", "?state=made-up&code=x", "?code=x", "?error=access_denied"])
async def test_a_callback_out_of_nowhere(ada: httpx2.AsyncClient, query: str) -> None:
    await ada.get("/login")
    is_readable(await ada.get(f"/login/google/callback{query}"), 400, "never started here")


async def test_a_callback_that_comes_late(ada: httpx2.AsyncClient, clock: TurnedClock) -> None:
    state = await begin(ada)
    clock.turn(minutes=16)
    is_readable(await come_back(ada, state), 400, "15 minutes")


async def test_an_unknown_provider(ada: httpx2.AsyncClient) -> None:
    is_readable(await ada.post("/login/nowhere"), 404, "doesn't offer that way")
    is_readable(await come_back(ada, "x", provider="nowhere"), 400, "never started here")
    assert (await ada.post("/login/nowhere/logout", data={"logout_token": "x"})).status_code == 400


async def test_where_to_go_afterwards_is_only_ever_here(ada: httpx2.AsyncClient) -> None:
    await join(ada)
    for there in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = await come_back(ada, await begin(ada, next=there))
        assert answer.headers["location"] == "/"


async def test_a_mastodon_server_is_asked_for_and_remembered(ada: httpx2.AsyncClient, gateway: FakeGateway) -> None:
    answer = await ada.post("/login/mastodon", data={"server": "<b>nowhere", "next": "/problems/new"})
    assert answer.status_code == 422
    assert 'href="#field-server"' in answer.text
    assert 'value="&lt;b&gt;nowhere"' in answer.text
    assert 'name="next" value="/problems/new"' in answer.text
    state = await begin(ada, "mastodon", server="social.example")
    await come_back(ada, state, provider="mastodon", iss=GOOGLE)
    assert "@ada@social.example" in (await ada.get("/account/new")).text
    await begin(ada, "mastodon", server="social.example")
    assert gateway.remembered == [None, RememberedApp("https://social.example", "id", "secret")]


async def test_a_name_and_a_handle_that_cannot_be_used(ada: httpx2.AsyncClient, browsers: Browsers) -> None:
    bo = browsers()
    await join(bo, "bo")
    await come_back(ada, await begin(ada))
    for fields, words in (
        ({"name": "", "handle": "ada"}, "what people should call you"),
        ({"name": "x" * 81, "handle": "ada"}, "80 characters at most"),
        ({"name": "Ada\0", "handle": "ada"}, "can't be"),
        ({"name": "Ada", "handle": ""}, "choose a handle"),
        ({"name": "Ada", "handle": "Ada Kaur"}, "letters from a to z"),
        ({"name": "Ada", "handle": "admin"}, "kept for the board"),
        ({"name": "Ada", "handle": "bo"}, "You could take bo-2"),
        ({"name": "Ada", "handle": "ada", "place": "atlantis"}, "don't know a place"),
    ):
        answer = await ada.post("/account/new", data=fields)
        assert answer.status_code == 422, fields
        text = html.unescape(answer.text)
        assert words in text
        assert 'id="error-summary"' in text
        assert f'name="name" type="text" value="{fields["name"]}"' in text, "nothing is lost"
        assert await who_is(ada) == ""
    await ada.post("/account/new", data={"name": "Ada", "handle": "ada"})
    assert await who_is(ada) == "ada"


async def test_a_newcomer_may_say_where_they_live(ada: httpx2.AsyncClient, desk: Desk) -> None:
    async with desk.writing() as work:
        await put_place(work, slug="mill-lane", name="Mill Lane", kind="street")
    await come_back(ada, await begin(ada))
    assert '<option value="mill-lane">Mill Lane</option>' in (await ada.get("/account/new")).text
    await ada.post("/account/new", data={"name": "Ada", "handle": "ada", "place": "mill-lane"})
    assert '<option value="mill-lane" selected>' in (await ada.get("/account")).text


async def test_nobody_makes_an_account_out_of_nothing(ada: httpx2.AsyncClient, browsers: Browsers) -> None:
    assert (await ada.get("/account/new")).headers["location"] == "/login"
    answer = await ada.post("/account/new", data={"name": "Ada", "handle": "ada"})
    assert answer.headers["location"] == "/login"
    await come_back(ada, await begin(ada))
    stranger = browsers()
    await stranger.get("/login")
    answer = await stranger.post("/account/new", data={"name": "Eve", "handle": "eve"})
    assert answer.headers["location"] == "/login", "another browser's proof is not ours"


async def test_adding_another_way_to_sign_in(ada: httpx2.AsyncClient, browsers: Browsers, gateway: FakeGateway) -> None:
    await join(ada)
    state = await begin(ada, "github", link="yes")
    assert gateway.prompts[-1] == "select_account"
    answer = await come_back(ada, state, "ada-hub", "github")
    assert answer.headers["location"] == "/account?said=identity-added#identities"
    page = (await ada.get("/account")).text
    assert "ada-hub@example.org" in page
    phone = browsers()
    await come_back(phone, await begin(phone, "github"), "ada-hub", "github")
    assert await who_is(phone) == "ada"


async def test_a_way_that_is_another_persons_is_not_added(ada: httpx2.AsyncClient, browsers: Browsers) -> None:
    await join(ada)
    bo = browsers()
    await join(bo, "bo")
    answer = await come_back(ada, await begin(ada, link="yes"), "bo")
    is_readable(answer, 409, "another account on this board")
    assert await who_is(ada) == "ada"
    assert (await ada.get("/account")).text.count('id="identity-') == 1


async def test_a_way_is_not_added_for_who_signed_out_or_never_was(ada: httpx2.AsyncClient, browsers: Browsers) -> None:
    await join(ada)
    state = await begin(ada, "github", link="yes")
    del ada.cookies["session"]
    is_readable(await come_back(ada, state, "ada-hub", "github"), 403, "signed out before")
    stranger = browsers()
    answer = await stranger.post("/login/github", data={"link": "yes"})
    assert answer.headers["location"].startswith("/login?next=")


async def test_a_bad_server_while_adding_keeps_adding(ada: httpx2.AsyncClient) -> None:
    await join(ada)
    answer = await ada.post("/login/mastodon", data={"server": "x", "link": "yes"})
    assert answer.status_code == 422
    assert "Add a way to sign in" in answer.text
    assert 'name="link" value="yes"' in answer.text


async def test_removing_a_way_and_never_the_last(ada: httpx2.AsyncClient) -> None:
    await join(ada)
    page = (await ada.get("/account")).text
    (google,) = re.findall(r'id="identity-(\d+)"', page)
    assert "/account/identities/" not in page
    answer = await ada.post(f"/account/identities/{google}?_method=DELETE")
    is_readable(answer, 403, "only way you can sign in")
    await come_back(ada, await begin(ada, "github", link="yes"), "ada-hub", "github")
    answer = await ada.post(f"/account/identities/{google}?_method=DELETE")
    assert answer.headers["location"] == "/account?said=identity-removed#identities"
    assert (await ada.get("/account")).text.count('id="identity-') == 1
    assert (await ada.delete("/account/identities/999999")).status_code == 404
    assert await who_is(ada) == "ada"


async def test_the_browsers_where_one_is_signed_in(ada: httpx2.AsyncClient, browsers: Browsers) -> None:
    await join(ada)
    phone, library, work = browsers(), browsers(), browsers()
    for other in (phone, library, work):
        await come_back(other, await begin(other))
    page = (await ada.get("/account")).text
    assert page.count("<b>Firefox on Linux</b>") == 4
    assert page.count("This one") == 1
    first = re.findall(r'action="/account/sessions/(\d+)\?_method=DELETE"', page)[-1]
    answer = await ada.post(f"/account/sessions/{first}?_method=DELETE")
    assert answer.headers["location"] == "/account?said=session-ended#sessions"
    assert [await who_is(other) for other in (phone, library, work)].count("") == 1
    answer = await ada.post("/account/sessions?_method=DELETE")
    assert answer.status_code == 303
    assert [await who_is(other) for other in (phone, library, work)] == ["", "", ""]
    assert await who_is(ada) == "ada"


async def test_nobody_ends_anothers_session(ada: httpx2.AsyncClient, browsers: Browsers) -> None:
    await join(ada)
    bo = browsers()
    await join(bo, "bo")
    page = (await ada.get("/account")).text
    (session,) = re.findall(r'id="session-(\d+)"', page)
    assert (await bo.delete(f"/account/sessions/{session}")).status_code == 404
    assert (await bo.delete("/account/sessions/9223372036854775808")).status_code == 404
    assert await who_is(ada) == "ada"


async def test_changing_a_profile(ada: httpx2.AsyncClient) -> None:
    await join(ada)
    answer = await ada.post("/account", data={"name": "Ada K", "about": "I know drains.\r\nAsk me."})
    assert answer.headers["location"] == "/account?said=profile-saved"
    page = (await ada.get("/account?said=profile-saved")).text
    assert "Your profile is saved." in page
    assert "I know drains.\nAsk me.</textarea>" in page
    assert not re.search(r'name="shows_presence"[^>]* checked', page)
    await ada.post("/account", data={"name": "Ada K", "shows_presence": "yes"})
    assert re.search(r'name="shows_presence"[^>]* checked', (await ada.get("/account")).text)
    answer = await ada.post("/account", data={"name": "", "about": "</textarea><script>"})
    assert answer.status_code == 422
    assert "&lt;/textarea&gt;&lt;script&gt;" in answer.text
    assert 'href="#field-name"' in answer.text
    assert 'id="sessions"' in answer.text, "the whole page is there"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/account"),
        ("POST", "/account"),
        ("DELETE", "/account/sessions"),
        ("DELETE", "/account/sessions/1"),
        ("DELETE", "/account/identities/1"),
    ],
)
async def test_the_account_asks_strangers_to_sign_in(ada: httpx2.AsyncClient, method: str, path: str) -> None:
    answer = await ada.request(method, path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2Faccount")


async def test_signing_out_here_and_at_the_provider(ada: httpx2.AsyncClient, browsers: Browsers, kit: Kit) -> None:
    await join(ada)
    token, browser = ada.cookies["session"], ada.cookies["browser"]
    await ada.put("/drafts/problem", data={"title": "A leak"})
    answer = await ada.post("/logout")
    assert answer.status_code == 200
    assert led_to(answer) == f"https://provider.example/end?hint=token-ada&back={kit.settings.origin}/"
    assert "Sign in" in answer.text, "the page is a stranger's already"
    assert "session" not in ada.cookies
    assert "browser" not in ada.cookies
    old = browsers()
    old.cookies.set("session", token, domain="testserver.local")
    assert await who_is(old) == ""
    async with kit.desk.reading() as work:
        assert await queries.find_draft(work, hashed(browser), "problem") is None


async def test_signing_out_where_the_provider_has_no_such_page(ada: httpx2.AsyncClient, gateway: FakeGateway) -> None:
    await join(ada)
    gateway.down = True
    answer = await ada.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?said=signed-out")
    assert await who_is(ada) == ""
    assert (await ada.post("/logout")).status_code == 303, "twice is no mistake"


async def test_another_site_signs_nobody_in_or_out(ada: httpx2.AsyncClient) -> None:
    await join(ada)
    for path in ("/logout", "/login/google", "/account", "/account/sessions?_method=DELETE", "/account/new"):
        assert (await ada.post(path, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert await who_is(ada) == "ada"


async def test_the_provider_signs_people_out(
    ada: httpx2.AsyncClient, browsers: Browsers, app: Board, gateway: FakeGateway
) -> None:
    await join(ada)
    phone, bo = browsers(), browsers()
    await come_back(phone, await begin(phone))
    await join(bo, "bo")

    async def told(token: str) -> tuple[int, str]:
        # A server knocks: no cookies, no Origin, no Sec-Fetch-Site.
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=gateway.origin) as server:
            answer = await server.post("/login/google/logout", data={"logout_token": token})
        return answer.status_code, answer.headers["cache-control"]

    assert await told("forged") == (400, "no-store")
    assert await told("") == (400, "no-store")
    gateway.down = True
    assert await told("signed:ada::1") == (503, "no-store")
    gateway.down = False
    assert await told("signed:ada:sid-other:0") == (200, "no-store")
    assert await who_is(ada) == "ada"
    assert await told("signed:ada::1") == (200, "no-store")
    assert [await who_is(browser) for browser in (ada, phone, bo)] == ["", "", "bo"]
    await come_back(ada, await begin(ada))
    assert await told("signed:ada::1") == (400, "no-store"), "played again"
    assert await who_is(ada) == "ada"


async def test_drafts_are_kept_for_a_browser(ada: httpx2.AsyncClient, kit: Kit) -> None:
    assert (await ada.put("/drafts/problem", data={"title": "A leak"})).status_code == 403, "it has no cookie"
    await ada.get("/login")
    sent = {"title": "A leak\0", "csrf": "secret", "key": "k", "do": "preview"}
    answer = await ada.put("/drafts/problem", data=sent)
    assert answer.status_code == 204
    browser_hash = hashed(ada.cookies["browser"])

    async def found() -> dict[str, str] | None:
        async with kit.desk.reading() as work:
            return await queries.find_draft(work, browser_hash, "problem")

    assert await found() == {"title": "A leak"}, "without what belongs to the page"
    assert (await ada.put("/drafts/problem", data={"story": "x" * 65536})).status_code == 413
    assert await found() == {"title": "A leak"}
    assert (await ada.delete("/drafts/problem")).status_code == 204
    assert await found() is None


ODD_NAMES = ["Problem", "problem7", "reply:", "reply:x", "a" * 41, "reply:7:8", "%00"]
NO_FORMS = ["login", "problem:7", "reply", "reply:0", "reply:07", "reply:٧", f"reply:1{'0' * 18}", "abilities:1"]


@pytest.mark.parametrize("name", [*ODD_NAMES, *NO_FORMS])
async def test_drafts_have_the_names_of_forms(ada: httpx2.AsyncClient, name: str) -> None:
    await ada.get("/login")
    assert (await ada.put(f"/drafts/{name}", data={"a": "b"})).status_code in (400, 404)
    assert (await ada.delete(f"/drafts/{name}")).status_code in (400, 404)


async def test_what_was_written_survives_signing_in(ada: httpx2.AsyncClient, app: Board, kit: Kit) -> None:
    """A deed that needs an account, posted without one: any feature's will do, so this one is made up."""
    body = b"title=A+leak&story=Wet%00&csrf=x&_method=POST"
    sent = [{"type": "http.request", "body": body}]

    async def receive() -> Any:
        return sent.pop()

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "method": "POST", "path": "/problems", "query_string": b"", "headers": headers}
    request = Request({**scope, "app": app, "state": {}}, receive)
    answer = await ask_to_sign_in(request, SignInFirst("/problems/new", draft="problem"))
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fproblems%2Fnew&said=draft-kept"
    token = answer.headers["set-cookie"].partition("browser=")[2].partition(";")[0]
    async with kit.desk.reading() as work:
        assert await queries.find_draft(work, hashed(token), "problem") == {"title": "A leak", "story": "Wet"}
    ada.cookies.set("browser", token, domain="testserver.local")
    assert "What you wrote is kept." in (await ada.get(answer.headers["location"])).text
    await join(ada, next="/problems/new")
    assert ada.cookies["browser"] == token, "the browser keeps its drafts through the sign-in"


async def test_what_is_kept_for_the_sign_in_counts_as_a_draft(
    ada: httpx2.AsyncClient, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.get("/login")
    monkeypatch.setattr(kit, "rates", Rates(kit.desk.database.engine, 1 / 60, "a secret of this test"))
    told = {"title": "A lamp is out on Mill Street", "story": "It has been dark there since the storm."}
    answers = [await ada.post("/problems", data=told) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "Go back, and what you wrote is there." in answers[2].text
    assert int(answers[2].headers["retry-after"]) > 0


async def test_signing_in_has_a_rate(ada: httpx2.AsyncClient, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit, "rates", Rates(kit.desk.database.engine, 1, "a secret of this test"))
    statuses = [(await ada.post("/login/google")).status_code for _ in range(26)]
    assert statuses == [200] * 25 + [429]


async def test_the_drafts_of_the_person_before_stay_theirs(ada: httpx2.AsyncClient, kit: Kit) -> None:
    await join(ada)
    before = ada.cookies["browser"]
    await ada.post("/logout")
    await ada.get("/login")
    assert ada.cookies["browser"] != before
    async with kit.desk.writing() as work:
        await actions.keep_draft(work, browser_hash=hashed(before), name="problem", content={"a": "b"})
    await join(ada, "bo")
    async with kit.desk.reading() as work:
        assert await queries.find_draft(work, hashed(ada.cookies["browser"]), "problem") is None
