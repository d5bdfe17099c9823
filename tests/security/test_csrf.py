"""A deed is done only from a page of this board: every unsafe door, against every way that another site may knock."""

from __future__ import annotations

import re

import httpx2
import pytest

from civicboard.kit.safety import csrf_token
from tests.conftest import ORIGIN
from tests.house.doors import BROWSER, DOORS, Door, World

#: A provider's server knocks here, with a token that it signed: tests/people/ tries those.
FOR_SERVERS = {"create_provider_sign_out"}
UNSAFE = [door for door in DOORS if door.http and not door.safe and door.name not in FOR_SERVERS]

FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "another site with our origin": {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN},
    "a neighbouring host": {"Sec-Fetch-Site": "same-site", "Origin": "http://other.testserver"},
    "our site, another origin": {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
    "a foreign origin": {"Origin": "http://evil.example"},
    "another scheme": {"Origin": "https://testserver"},
    "another port": {"Origin": "http://testserver:8080"},
    "our name and more": {"Origin": "http://testserver.evil.example"},
    "null": {"Origin": "null"},
    "null, from here they say": {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    "nothing at all": {},
    "a token of another browser": {"X-CSRF-Token": csrf_token("a secret for tests, long enough to be one", "c" * 43)},
    "a made up token": {"X-CSRF-Token": "x" * 43},
    "a referrer of ours alone": {"Referer": f"{ORIGIN}/"},
    "a value that isn't one": {"Sec-Fetch-Site": "same-origin, cross-site"},
    "an empty value": {"Sec-Fetch-Site": ""},
}


def bare(client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """Without what a browser says of itself."""
    for name in ("Sec-Fetch-Site", "Origin"):
        del client.headers[name]
    return client


@pytest.mark.parametrize("door", UNSAFE, ids=str)
async def test_no_other_site_does_anything(world: World, door: Door) -> None:
    path = await world.path(door)
    async with bare(await world.client("ada")) as client:
        before = await world.state()
        for name, headers in FOREIGN.items():
            answer = await client.request(door.method, path, data=world.form(door), headers=headers)
            assert answer.status_code == 403, f"{name}: {answer.status_code}"
            assert "came from another site" in answer.text
            assert "set-cookie" not in answer.headers
        assert await world.state() == before


@pytest.mark.parametrize("door", [door for door in UNSAFE if door.method != "POST"], ids=str)
async def test_nor_in_disguise(world: World, door: Door) -> None:
    """A form that can only POST says which method it means."""
    path = await world.path(door)
    async with bare(await world.client("ada")) as client:
        before = await world.state()
        for headers in FOREIGN.values():
            answer = await client.post(f"{path}?_method={door.method}", data=world.form(door), headers=headers)
            assert answer.status_code == 403
        assert await world.state() == before


async def test_a_link_never_does_anything(world: World) -> None:
    """Following any address of a deed with GET gives no deed, whatever it says of its method."""
    paths = [(door, await world.path(door)) for door in UNSAFE]
    async with await world.client("ada") as client:
        before = await world.state()
        for door, path in paths:
            for query in ("", f"?_method={door.method}", "?_method=POST"):
                answer = await client.get(f"{path}{query}", headers={"Sec-Fetch-Site": "cross-site"})
                assert answer.status_code in (200, 303, 404, 405), f"{door}: {answer.status_code}"
        assert await world.state() == before
        assert (await client.get("/account")).status_code == 200, "and she is still signed in"


OURS: dict[str, dict[str, str]] = {
    "a page of ours": {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN},
    "a person who typed it": {"Sec-Fetch-Site": "none"},
    "an older browser": {"Origin": ORIGIN},
    "a script without either": {"X-CSRF-Token": csrf_token("a secret for tests, long enough to be one", BROWSER)},
}


@pytest.mark.parametrize("headers", OURS.values(), ids=OURS.keys())
async def test_our_own_pages_do(world: World, headers: dict[str, str]) -> None:
    async with bare(await world.client("bo")) as client:
        answer = await client.post(f"/problems/{world.cast.problem}/follow", headers=headers)
        assert answer.status_code == 303


async def test_the_token_of_a_page_is_enough_for_its_form(world: World) -> None:
    """For a browser that sends neither header: the token stands in every form of the page."""
    async with bare(await world.client("bo")) as client:
        page = await client.get(f"/problems/{world.cast.problem}/basements-on-brook-lane-flood")
        tokens = set(re.findall(r'name="csrf" value="([^"]+)"', page.text))
        assert len(tokens) == 1
        follow = f"/problems/{world.cast.problem}/follow"
        assert (await client.post(follow, data={"csrf": tokens.pop()})).status_code == 303
        assert (await client.post(follow, data={"csrf": ""})).status_code == 403
        assert (await client.post(follow, data={"csrf": ["x", "y"]})).status_code == 403


async def test_signing_in_to_somebody_elses_account_unawares(world: World) -> None:
    """Login CSRF: a callback that another browser began signs nobody in, and neither does one that is played again."""
    async with await world.client("stranger") as attacker:
        begun = await attacker.post("/login/council", data={"next": "/"})
        state = re.search(r"state=(state-\d+)", begun.text)
        assert state is not None
        back = f"/login/council/callback?state={state[1]}&code=dee"
        async with await world.client("stranger") as victim:
            victim.cookies.set("browser", "v" * 43)
            answer = await victim.get(back, headers={"Sec-Fetch-Site": "cross-site"})
            assert answer.status_code == 400
            assert "session" not in victim.cookies
        entered = await attacker.get(back, headers={"Sec-Fetch-Site": "cross-site"})
        assert entered.status_code == 303, "in the browser that began it, it works"
        assert (await attacker.get(back)).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "NONSENSE", "post"])
async def test_other_methods_are_unsafe_until_shown_otherwise(world: World, method: str) -> None:
    async with bare(await world.client("ada")) as client:
        for path in ("/", "/account", "/problems", "/logout", "/nowhere"):
            answer = await client.request(method, path, headers={"Sec-Fetch-Site": "cross-site"})
            assert answer.status_code == 403


async def test_the_exempt_door_is_one_and_does_nothing_by_itself(world: World) -> None:
    async with bare(await world.client("ada")) as client:
        before = await world.state()
        assert (await client.post("/login/council/logout", data={"logout_token": "x"})).status_code == 400
        assert await world.state() == before
        for path in (
            "/login/council/logout/",
            "/login/a/b/logout",
            "/login//logout",
            "/login/COUNCIL/logout",
            "/x/login/a/logout",
        ):
            assert (await client.post(path)).status_code in (403, 404), path
