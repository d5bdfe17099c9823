"""Mastodon, at whatever server people name."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette

from civicboard.people.gateway import (
    BadServer,
    Gateway,
    Started,
    Tampered,
    server_named,
)
from civicboard.settings import Provider
from tests.people.gateway.signing_in import BOARD, come_back
from tests.providers.forge import Forge
from tests.providers.loopback import Browser, Detour, serving
from tests.providers.mastodon import Mastodon


@pytest.fixture(scope="module")
def mill() -> Iterator[Mastodon]:
    made: list[Mastodon] = []

    def make(origin: str) -> Starlette:
        made.append(Mastodon(origin))
        return made[0].app()

    with serving(make):
        yield made[0]


@pytest.fixture
def fediverse(mill: Mastodon) -> Gateway:
    """Where people type their own server, and only social.example is there."""
    mill.apps.clear()
    provider = Provider("mastodon", "mastodon", "Mastodon")
    return Gateway([provider], BOARD, guarded=lambda: Detour("social.example", mill.origin))


def at_loopback(started: Started, mill: Mastodon) -> str:
    return started.url.replace("https://social.example", mill.origin)


async def test_mastodon_is_registered_once_and_remembered(fediverse: Gateway, mill: Mastodon, browser: Browser) -> None:
    assert fediverse.server_for("mastodon", " @Ada@Social.Example ") == "https://social.example"
    started = await fediverse.begin("mastodon", server="@Ada@Social.Example")
    assert started.registered is not None
    assert started.registered.server == "https://social.example"
    assert started.url.startswith("https://social.example/oauth/authorize?")
    assert parse_qs(urlsplit(started.url).query)["scope"] == ["read:accounts"]
    query = await browser.open(at_loopback(started, mill))
    proved = await come_back(fediverse, "mastodon", started, query)
    assert (proved.issuer, proved.subject) == ("https://social.example", "109876543210987654")
    assert (proved.name, proved.handle_hint, proved.email) == ("Ada of the Mill", "ada", "")

    again = await fediverse.begin("mastodon", server="social.example", remembered=started.registered)
    assert again.registered is None
    assert len(mill.apps) == 1
    assert (await come_back(fediverse, "mastodon", again, await browser.open(at_loopback(again, mill)))) == proved


async def test_mastodon_forgot_the_board(fediverse: Gateway, mill: Mastodon, browser: Browser) -> None:
    first = await fediverse.begin("mastodon", server="social.example")
    mill.apps.clear()
    second = await fediverse.begin("mastodon", server="social.example", remembered=first.registered)
    assert second.registered is not None
    assert second.registered != first.registered
    query = await browser.open(at_loopback(second, mill))
    assert (await come_back(fediverse, "mastodon", second, query)).handle_hint == "ada"


async def test_mastodon_registration_of_another_server_is_not_used(fediverse: Gateway, mill: Mastodon) -> None:
    first = await fediverse.begin("mastodon", server="social.example")
    assert first.registered is not None
    with pytest.raises(BadServer):
        await fediverse.begin("mastodon", server="other.example", remembered=first.registered)


async def test_a_server_that_is_not_there_or_not_mastodon(fediverse: Gateway, forge: Forge) -> None:
    with pytest.raises(BadServer, match=r"^We couldn't sign in with typo\.example\. Check the spelling"):
        await fediverse.begin("mastodon", server="typo.example")
    provider = Provider("mastodon", "mastodon", "Mastodon")
    elsewhere = Gateway([provider], BOARD, guarded=lambda: Detour("forge.example", forge.issuer))
    with pytest.raises(BadServer):
        await elsewhere.begin("mastodon", server="forge.example")


async def test_the_guard_is_on_unless_told_otherwise() -> None:
    gateway = Gateway([Provider("mastodon", "mastodon", "Mastodon")], BOARD)
    with pytest.raises(BadServer) as caught:
        await gateway.begin("mastodon", server="localhost.localdomain")
    assert caught.value.detail in ("Refused", "Failed")


async def test_a_callback_of_another_mastodon_server(fediverse: Gateway, mill: Mastodon, browser: Browser) -> None:
    started = await fediverse.begin("mastodon", server="social.example")
    query = await browser.open(at_loopback(started, mill))
    with pytest.raises(Tampered):
        await come_back(fediverse, "mastodon", started, {**query, "iss": "https://evil.example"})
    proved = await come_back(fediverse, "mastodon", started, {**query, "iss": "https://social.example/"})
    assert proved.handle_hint == "ada"


async def test_one_mastodon_server_that_the_operator_chose(mill: Mastodon, browser: Browser) -> None:
    gateway = Gateway([Provider("mill", "mastodon", "The Mill", issuer=mill.origin)], BOARD)
    assert gateway.server_for("mill", "evil.example") == mill.origin
    started = await gateway.begin("mill", server="evil.example")
    proved = await come_back(gateway, "mill", started, await browser.open(started.url))
    assert proved.issuer == mill.origin


@pytest.mark.parametrize(
    "typed",
    [
        "mastodon.social",
        "@me@mastodon.social",
        "me@mastodon.social",
        " https://Mastodon.Social/@me ",
        "http://mastodon.social/",
        "mastodon.social/@me",
        "mastodon.social.",
    ],
)
def test_the_same_server_in_many_shapes(typed: str) -> None:
    assert server_named(typed) == "https://mastodon.social"


def test_a_server_with_letters_of_its_own() -> None:
    assert server_named("bücher.example") == "https://xn--bcher-kva.example"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "localhost",
        "@me",
        "127.0.0.1",
        "https://127.0.0.1/",
        "[::1]",
        "https://[::1]/",
        "2130706433",
        "0x7f.1",
        "10.1",
        "mastodon.social:8443",
        "https://me:secret@mastodon.social",
        "ftp://mastodon.social",
        "a@b@mastodon.social",
        "mastodon..social",
        "-a.example",
        "a b.example",
        "mastodon.social\\@evil.example",
        "mastodon.social\x00.example",
        "a.\ud800",
        "a" * 300 + ".example",
        "a b@mastodon.social",
    ],
)
def test_what_is_no_server(typed: str) -> None:
    with pytest.raises(BadServer, match=r"^Type the name of your server"):
        server_named(typed)
