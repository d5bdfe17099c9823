"""The demo identity provider is a real one: the same gateway signs in to it."""

from __future__ import annotations

import stat
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import anyio.to_thread
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import civicboard.demo
from civicboard.demo.provider import Client, Person, create_provider, read_cast
from civicboard.people.gateway import Denied, Gateway, Proved, ProviderDown, Started, Tampered
from civicboard.settings import Provider
from tests.providers.loopback import Browser, serving

BOARD = "https://board.example.org"
CALLBACK = f"{BOARD}/login/demo/callback"
CAST = [
    Person("demo-ada", "ada", "Ada Kershaw", "Lives on Brook Lane"),
    Person("demo-bo", "bo", "Bo <Lindley>", "Has a van"),
]


@dataclass
class World:
    """A running demo provider, the board's mailbox for its logout tokens, and the board's gateway."""

    issuer: str = ""
    tokens: Queue[str] = field(default_factory=Queue)

    @property
    def gateway(self) -> Gateway:
        return Gateway([Provider("demo", "oidc", "Millbrook", "board", "secret", self.issuer)], BOARD)

    async def take(self, request: Request) -> Response:
        self.tokens.put(str((await request.form())["logout_token"]))
        return Response()

    async def told(self) -> str:
        """The next logout token, which comes after the page."""
        return await anyio.to_thread.run_sync(self.tokens.get, True, 5)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World()
    key_file = tmp_path_factory.mktemp("provider") / "key.json"
    mailbox = Starlette(routes=[Route("/bye", made.take, methods=["POST"])])
    with serving(lambda _: mailbox) as listener:
        client = Client("board", "secret", (CALLBACK,), (f"{BOARD}/",), f"{listener}/bye")
        with serving(lambda origin: create_provider(origin, [client], CAST, key_file)) as issuer:
            made.issuer = issuer
            yield made


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with Browser(BOARD) as made:
        yield made


async def finish(gateway: Gateway, started: Started, query: dict[str, str]) -> Proved:
    return await gateway.finish(
        "demo",
        query=query,
        state=started.state,
        nonce=started.nonce,
        verifier=started.verifier,
        provider_data=started.provider_data,
    )


async def sign_in(gateway: Gateway, browser: Browser, name: str) -> Proved:
    started = await gateway.begin("demo")
    await browser.open(started.url)
    return await finish(gateway, started, await browser.press(name))


async def test_one_of_the_cast_signs_in(world: World, browser: Browser) -> None:
    proved = await sign_in(world.gateway, browser, "Ada Kershaw")
    assert (proved.issuer, proved.subject) == (world.issuer, "demo-ada")
    assert (proved.name, proved.handle_hint) == ("Ada Kershaw", "ada")
    assert (proved.email, proved.email_verified) == ("ada@millbrook.example", True)
    assert proved.picture == ""
    assert proved.sid
    assert proved.end_session


async def test_the_page_lists_the_cast_and_escapes_it(world: World, browser: Browser) -> None:
    await browser.open((await world.gateway.begin("demo")).url)
    assert '<ul class="cast">' in browser.page
    assert "Bo &lt;Lindley&gt;" in browser.page
    assert "Lives on Brook Lane" in browser.page
    assert "<script" not in browser.page
    assert "style=" not in browser.page


async def test_the_page_is_locked_down_but_lets_its_form_go_back(world: World) -> None:
    async with httpx2.AsyncClient() as http:
        answer = await http.get((await world.gateway.begin("demo")).url)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert f"form-action 'self' {BOARD}" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert (await http.get(f"{world.issuer}/provider.css")).headers["content-type"].startswith("text/css")


async def test_the_second_time_is_one_click(world: World, browser: Browser) -> None:
    gateway = world.gateway
    first = await sign_in(gateway, browser, "Ada Kershaw")
    started = await gateway.begin("demo")
    await browser.open(started.url)
    assert "Go on as" in browser.page
    assert (await finish(gateway, started, await browser.press())).sid == first.sid
    # Whoever wants to be asked is asked.
    await browser.open((await gateway.begin("demo", prompt="login")).url)
    assert "Go on as" not in browser.page


async def test_without_a_question(world: World, browser: Browser) -> None:
    gateway = world.gateway
    started = await gateway.begin("demo", prompt="none")
    with pytest.raises(Denied):
        await finish(gateway, started, await browser.open(started.url))
    await sign_in(gateway, browser, "Ada Kershaw")
    started = await gateway.begin("demo", prompt="none")
    assert (await finish(gateway, started, await browser.open(started.url))).subject == "demo-ada"


async def test_saying_no(world: World, browser: Browser) -> None:
    gateway = world.gateway
    started = await gateway.begin("demo")
    await browser.open(started.url)
    query = await browser.press("No, go back to the board")
    assert query["iss"] == world.issuer
    with pytest.raises(Denied, match=r"^You chose not to sign in with Millbrook\."):
        await finish(gateway, started, query)


async def test_a_code_works_once(world: World, browser: Browser) -> None:
    gateway = world.gateway
    started = await gateway.begin("demo")
    await browser.open(started.url)
    query = await browser.press("Ada Kershaw")
    await finish(gateway, started, query)
    with pytest.raises(Tampered):
        await finish(gateway, started, query)


async def test_the_boards_secret_is_asked_for(world: World, browser: Browser) -> None:
    gateway = Gateway([Provider("demo", "oidc", "Millbrook", "board", "wrong", world.issuer)], BOARD)
    with pytest.raises(ProviderDown):
        await sign_in(gateway, browser, "Ada Kershaw")


@pytest.mark.parametrize("missing", ["code_challenge", "code_challenge_method", "nonce"])
async def test_pkce_and_nonce_are_required(world: World, browser: Browser, missing: str) -> None:
    started = await world.gateway.begin("demo")
    asked = dict(parse_qsl(urlsplit(started.url).query))
    del asked[missing]
    query = await browser.open(f"{world.issuer}/authorize?{urlencode(asked)}")
    assert (query["error"], query["state"], query["iss"]) == ("invalid_request", started.state, world.issuer)


async def test_plain_pkce_is_refused(world: World, browser: Browser) -> None:
    started = await world.gateway.begin("demo")
    query = await browser.open(started.url.replace("code_challenge_method=S256", "code_challenge_method=plain"))
    assert query["error"] == "invalid_request"


@pytest.mark.parametrize("changed", [{"redirect_uri": "https://evil.example/"}, {"client_id": "unknown"}])
async def test_a_stranger_is_not_redirected_to(world: World, browser: Browser, changed: dict[str, str]) -> None:
    started = await world.gateway.begin("demo")
    asked = dict(parse_qsl(urlsplit(started.url).query)) | changed
    assert await browser.open(f"{world.issuer}/authorize?{urlencode(asked)}") == {}
    assert browser.status == 400


async def test_another_page_can_not_choose(world: World) -> None:
    started = await world.gateway.begin("demo")
    async with httpx2.AsyncClient() as http:
        for origin, status in (("https://evil.example", 403), ("null", 403), (world.issuer, 422)):
            answer = await http.post(started.url, data={"subject": "nobody"}, headers={"origin": origin})
            assert answer.status_code == status


async def test_userinfo_needs_its_token(world: World) -> None:
    async with httpx2.AsyncClient() as http:
        assert (await http.get(f"{world.issuer}/userinfo")).status_code == 401
        answer = await http.get(f"{world.issuer}/userinfo", headers={"authorization": "Bearer made-up"})
        assert answer.status_code == 401


async def test_userinfo_says_what_the_token_may_know(world: World, browser: Browser) -> None:
    started = await world.gateway.begin("demo")
    await browser.open(started.url.replace("email", ""))
    query = await browser.press("Ada Kershaw")
    form = {"grant_type": "authorization_code", "code": query["code"], "redirect_uri": CALLBACK}
    async with httpx2.AsyncClient(auth=("board", "secret")) as http:
        token = (await http.post(f"{world.issuer}/token", data={**form, "code_verifier": started.verifier})).json()
    async with httpx2.AsyncClient() as http:
        bearer = {"authorization": f"Bearer {token['access_token']}"}
        said = (await http.get(f"{world.issuer}/userinfo", headers=bearer)).json()
    assert said == {"sub": "demo-ada", "name": "Ada Kershaw", "preferred_username": "ada"}


async def test_signing_out_ends_the_visit_and_tells_the_board(world: World, browser: Browser) -> None:
    gateway = world.gateway
    proved = await sign_in(gateway, browser, "Ada Kershaw")
    url = await gateway.logout_url("demo", id_token=proved.id_token, back_to=f"{BOARD}/", state="s")
    assert url is not None
    assert parse_qs(urlsplit(url).query)["client_id"] == ["board"]
    assert await browser.open(url) == {"state": "s"}
    left = await gateway.read_logout_token("demo", await world.told())
    assert (left.issuer, left.subject, left.sid) == (world.issuer, "demo-ada", proved.sid)
    await browser.open((await gateway.begin("demo")).url)
    assert "Go on as" not in browser.page


async def test_being_somebody_else_signs_the_first_one_out(world: World, browser: Browser) -> None:
    gateway = world.gateway
    first = await sign_in(gateway, browser, "Ada Kershaw")
    second = await sign_in(gateway, browser, "Bo")
    assert (second.subject, second.name) == ("demo-bo", "Bo <Lindley>")
    assert (await gateway.read_logout_token("demo", await world.told())).sid == first.sid


async def test_signing_out_without_a_token_is_asked_about(world: World, browser: Browser) -> None:
    proved = await sign_in(world.gateway, browser, "Ada Kershaw")
    await browser.open(f"{world.issuer}/end-session")
    assert "Sign out?" in browser.page
    await browser.press("Yes, sign me out")
    assert "You are signed out" in browser.page
    assert (await world.gateway.read_logout_token("demo", await world.told())).sid == proved.sid


async def test_signing_out_leads_only_where_the_board_said(world: World, browser: Browser) -> None:
    gateway = world.gateway
    proved = await sign_in(gateway, browser, "Ada Kershaw")
    url = await gateway.logout_url("demo", id_token=proved.id_token, back_to="https://evil.example/")
    assert await browser.open(str(url)) == {}
    assert "You are signed out" in browser.page
    await world.told()
    url = await gateway.logout_url("demo", id_token="made.up.token", back_to=f"{BOARD}/")
    assert await browser.open(str(url)) == {}
    assert browser.status == 400


def test_the_key_is_kept_privately(tmp_path: Path) -> None:
    kept = tmp_path / "deep" / "key.json"
    one = create_provider("http://127.0.0.1:1", [], CAST, kept).state.server
    began = time.monotonic()
    two = create_provider("http://127.0.0.1:1", [], CAST, kept).state.server
    assert one.kid == two.kid
    assert time.monotonic() - began < 5
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_neighbourhoods_cast_can_be_read() -> None:
    cast = read_cast(Path(civicboard.demo.__file__).parent / "neighbourhood" / "people.json")
    assert len({person.subject for person in cast}) == len(cast) > 3
    assert all(person.who for person in cast)
