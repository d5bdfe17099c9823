"""What a browser is told with every answer, errors too; what cookies may do; what may be kept by a cache."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from http.cookies import SimpleCookie
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from civicboard.kit.embedded import EmbeddedPostgres
from tests.house.doors import BROWSER, DOORS, ROLES, Door, World, browser_at, open_world

Ask = Callable[[World, httpx2.AsyncClient], Awaitable[httpx2.Response]]


async def _stylesheet(world: World, client: httpx2.AsyncClient, **headers: str) -> httpx2.Response:
    return await client.get(world.app.state.kit.assets.url("civicboard.css"), headers=headers)


async def _unchanged(world: World, client: httpx2.AsyncClient) -> httpx2.Response:
    return await _stylesheet(world, client, **{"If-None-Match": "*"})


async def _too_often(world: World, client: httpx2.AsyncClient) -> httpx2.Response:
    world.app.state.kit.rates._scale = 0.0001
    try:
        await client.get("/search")
        return await client.get("/search")
    finally:
        world.app.state.kit.rates._scale = 1000
        world.app.state.kit.rates._windows.clear()


async def _broken(world: World, client: httpx2.AsyncClient) -> httpx2.Response:
    def breaks(*_: object) -> None:
        raise RuntimeError("the canary in the mine")

    desk = world.app.state.kit.desk
    desk.reading = breaks
    try:
        # Not the board: strangers may be given one that was made a moment ago.
        return await client.get("/people/ada")
    finally:
        del desk.reading


async def _database_away(world: World, client: httpx2.AsyncClient) -> httpx2.Response:
    def breaks(*_: object) -> None:
        raise ConnectionRefusedError("the canary's address")

    desk = world.app.state.kit.desk
    desk.reading = breaks
    try:
        # Not the board: strangers may be given one that was made a moment ago.
        return await client.get("/people/ada")
    finally:
        del desk.reading


def get(path: str, **headers: str) -> Ask:
    return lambda world, client: client.get(path, headers=headers)


ANSWERS: dict[str, tuple[int, Ask]] = {
    "page": (200, get("/")),
    "text": (200, get("/robots.txt")),
    "health": (200, get("/livez")),
    "figures": (200, get("/metrics")),
    "static file": (200, _stylesheet),
    "static file unchanged": (304, _unchanged),
    "no static file": (404, get("/static/none.css")),
    "piece of a page": (404, get("/nowhere", **{"HX-Request": "true"})),
    "redirect": (303, get("/problems/1")),
    "bad address": (400, get("/search?q=%00")),
    "bad host": (400, get("/", host="elsewhere.example")),
    "cross-site": (403, lambda _, c: c.post("/logout", headers={"Sec-Fetch-Site": "cross-site"})),
    "not yours": (403, get("/problems/1/edit")),
    "nothing there": (404, get("/problems/99999/x")),
    "wrong method": (405, lambda _, c: c.delete("/search")),
    "too large": (413, lambda _, c: c.post("/problems", content=b"a" * 300_000)),
    "long address": (414, get(f"/search?q={'a' * 9000}")),
    "unfit words": (422, lambda _, c: c.post("/problems", data={"title": "x"})),
    "too often": (429, _too_often),
    "broken": (500, _broken),
    "database away": (503, _database_away),
}


@pytest.mark.parametrize(("status", "ask"), ANSWERS.values(), ids=ANSWERS.keys())
@pytest.mark.parametrize("role", ["stranger", "ada"])
async def test_every_answer_has_the_headers(world: World, role: str, status: int, ask: Ask) -> None:
    async with await world.client(role) as client:
        answer = await ask(world, client)
    if role == "ada" and ask is ANSWERS["not yours"][1]:
        status = 200
    assert answer.status_code == status
    headers = answer.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["img-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self' ws://testserver"
    assert not re.search("unsafe|data:|blob:|\\*", headers["content-security-policy"])
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers, "it would lock a board on http out"
    assert "server" not in headers
    assert "x-powered-by" not in headers
    assert "access-control-allow-origin" not in headers
    for name in ("content-security-policy", "x-content-type-options", "cache-control", "vary"):
        assert len(headers.get_list(name)) <= 1, name
    if headers.get("content-type", "").startswith("text/html"):
        assert {"hx-request", "cookie"} <= {part.strip().lower() for part in headers["vary"].split(",")}
    assert "canary" not in answer.text, "the board's insides are nobody's business"
    if status >= 400:
        assert headers["cache-control"] == "no-store" or status in (422,)
        assert "traceback" not in answer.text.lower()


@pytest.mark.parametrize(
    "name", [name for name, (status, _) in ANSWERS.items() if status >= 400 and "static" not in name]
)
async def test_an_error_is_a_page_that_says_what_to_do_next(world: World, name: str) -> None:
    status, ask = ANSWERS[name]
    async with await world.client("stranger") as client:
        answer = await ask(world, client)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert re.search(r"<h1>|role=\"alert\"", answer.text)
    assert "!" not in re.sub(r"<!doctype|<[^>]*>|&\w+;", "", answer.text)
    if name not in ("piece of a page", "unfit words"):
        assert re.search(r'<a [^>]*href="/', answer.text)
        assert f"<title>{status}" not in answer.text
    if status in (429, 503):
        assert int(answer.headers["retry-after"]) > 0


# Caches


@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "GET"], ids=str)
async def test_nothing_of_a_persons_is_kept_by_a_shared_cache(world: World, door: Door) -> None:
    """What says ``public`` is the same for everybody and sets no cookie; all else is private or not kept at all."""
    bodies = set()
    path = await world.path(door)
    for role in ROLES:
        async with browser_at(world.app, await world.sign_in(role)) as client:
            answer = await client.get(path)
        kept = answer.headers.get("cache-control", "")
        if "public" in kept or "s-maxage" in kept:
            assert "set-cookie" not in answer.headers
            assert role == "stranger" or door.name == "show_viewer_css"
            bodies.add(answer.text)
        elif "set-cookie" in answer.headers or answer.headers.get("content-type", "").startswith("text/html"):
            assert re.search(r"\b(private|no-store)\b", kept), f"{door} for {role}: {kept!r}"
    assert len(bodies) <= 1


async def test_a_page_made_for_strangers_holds_nothing_of_anybodys(world: World) -> None:
    """The board is made once for all who bring no cookie. Whoever brings one gets their own, and leaves no trace."""
    async with browser_at(world.app) as stranger, browser_at(world.app, await world.sign_in("ada")) as ada:
        before = await stranger.get("/")
        own = await ada.get("/")
        after = await stranger.get("/")
        known = await stranger.get("/", headers={"If-None-Match": after.headers.get("etag", "none")})
        hers = await ada.get("/", headers={"If-None-Match": after.headers.get("etag", "none")})
        piece = await stranger.get("/", headers={"HX-Request": "true"})
    assert "data-viewer" in own.text
    assert own.headers.get("etag") != after.headers.get("etag", "none")
    assert hers.status_code == 200, "a stranger's page is not hers, however little has changed"
    for page in (before, after, known, piece):
        assert page.status_code in (200, 304)
        assert "set-cookie" not in page.headers
        assert not re.search(r"data-viewer|name=\"csrf\" value=\"[^\"]|Ada Kaur, your page|/viewer/", page.text)
        assert "content-security-policy" in page.headers
        assert "public" not in page.headers["cache-control"]


async def test_a_form_that_gives_a_cookie_is_private(world: World) -> None:
    async with browser_at(world.app) as client:
        answer = await client.get("/problems/new")
    assert "set-cookie" in answer.headers
    assert "private" in answer.headers["cache-control"]


# Production


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def public(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("public")
    async with open_world(
        postgres,
        template,
        "world_public",
        folder,
        environment="production",
        origin="https://board.example.org",
        allowed_hosts=("board.example.org",),
    ) as world:
        yield world


def cookies(answer: httpx2.Response) -> dict[str, dict[str, str]]:
    """Each cookie that an answer sets, with its attributes in lower case."""
    found = {}
    for line in answer.headers.get_list("set-cookie"):
        parsed = SimpleCookie(line)
        for name, morsel in parsed.items():
            attributes = {part.strip().lower().partition("=")[0] for part in line.split(";")[1:]}
            found[name] = {**{k: str(morsel[k]).lower() for k in attributes if k in morsel}, "value": morsel.value}
    return found


def assert_host_only(cookie: dict[str, str]) -> None:
    assert cookie["secure"] == "true"
    assert cookie["httponly"] == "true"
    assert cookie["samesite"] == "lax"
    assert cookie["path"] == "/"
    assert "domain" not in cookie


async def sign_in(client: httpx2.AsyncClient, who: str) -> httpx2.Response:
    begun = await client.post("/login/council", data={"next": "/"})
    found = re.search(r"state=(state-\d+)", begun.text)
    assert found is not None
    return await client.get(
        f"/login/council/callback?state={found[1]}&code={who}", headers={"Sec-Fetch-Site": "cross-site"}
    )


async def test_cookies_belong_to_this_host_alone(public: World) -> None:
    async with browser_at(public.app) as client:
        page = await client.get("/login")
        first = cookies(page)
        assert first.keys() == {"__Host-browser"}
        assert_host_only(first["__Host-browser"])
        assert len(first["__Host-browser"]["value"]) == 43
        entered = await sign_in(client, "ada")
        assert entered.status_code == 303
        session = cookies(entered)["__Host-session"]
        assert_host_only(session)
        assert len(session["value"]) == 43, "256 random bits"
        async with public.desk.reading() as work:
            from sqlalchemy import text

            everything = await work.session.scalar(text("SELECT string_agg(s::text, ' ') FROM sessions s"))
        assert session["value"] not in everything, "a backup signs nobody in"
        left = await client.post("/logout")
        for name, gone in cookies(left).items():
            assert name.startswith("__Host-")
            assert_host_only(gone)
            assert gone["value"] == ""
            assert gone["max-age"] == "0"
        assert cookies(left).keys() == {"__Host-session", "__Host-browser"}


async def test_the_session_changes_at_each_sign_in_and_the_old_one_is_nobodys(public: World) -> None:
    async with browser_at(public.app) as client:
        await client.get("/login")
        planted = cookies(await sign_in(client, "bo"))["__Host-session"]["value"]
        again = cookies(await sign_in(client, "bo"))["__Host-session"]["value"]
        assert planted != again
    async with browser_at(public.app, planted) as thief:
        assert (await thief.get("/account")).status_code == 303
    async with browser_at(public.app, again) as bo:
        assert (await bo.get("/account")).status_code == 200


async def test_a_session_that_somebody_planted_is_not_taken_over(public: World) -> None:
    """A token that no row has stays a stranger's, and signing in gives another one."""
    async with browser_at(public.app, "p" * 43) as client:
        await client.get("/login")
        assert cookies(await sign_in(client, "cy"))["__Host-session"]["value"] != "p" * 43


async def test_production_insists_on_https_and_shows_no_insides(public: World) -> None:
    async with browser_at(public.app) as client:
        answer = await client.get("/")
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert "connect-src 'self' wss://board.example.org" in answer.headers["content-security-policy"]
        broken = await _broken(public, client)
        assert broken.status_code == 500
        assert "RuntimeError" not in broken.text
        for host in ("localhost", "127.0.0.1", "testserver", "board.example.org.evil.example", "evil.example", ""):
            assert (await client.get("/", headers={"host": host})).status_code == 400, host
        assert (await client.get("/livez", headers={"host": "10.0.0.7:8000"})).status_code == 200


async def test_names_without_the_prefix_are_not_read(public: World) -> None:
    """A neighbouring host can set ``session``; it can't set ``__Host-session``."""
    token = await public.sign_in("ada")
    async with browser_at(public.app) as client:
        client.cookies.set("session", token)
        client.cookies.set("browser", BROWSER)
        assert (await client.get("/account")).status_code == 303


@pytest.mark.parametrize("path", ["/account/", "/problems/1/", "/search/?q=x", "//evil.example/", "/login//callback"])
async def test_a_slash_too_many_leads_nowhere(public: World, path: str) -> None:
    """Starlette would lead to an absolute address, whose scheme behind a proxy is http."""
    async with browser_at(public.app) as client:
        for method in ("GET", "POST"):
            answer = await client.send(client.build_request(method, f"https://board.example.org{path}"))
            assert answer.status_code in (404, 405), f"{method} {path}: {answer.status_code}"
            assert "location" not in answer.headers
