"""Any OIDC provider by discovery: who came back, and what it means when nobody did."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client

from civicboard.people.gateway import (
    Denied,
    Gateway,
    ProviderDown,
    SignInFailed,
    Tampered,
    UnknownProvider,
)
from civicboard.settings import Provider
from tests.people.gateway.signing_in import BOARD, come_back, sign_in, through
from tests.providers.forge import CLIENT_ID, CLIENT_SECRET, Forge
from tests.providers.loopback import Browser


def test_the_client_below_is_httpx2s() -> None:
    assert issubclass(AsyncOAuth2Client, httpx2.AsyncClient)


async def test_an_oidc_provider_says_who_came(gateway: Gateway, forge: Forge, browser: Browser) -> None:
    forge.claims = {"sid": "s1", "email_verified": True, "picture": "javascript:alert(1)"}
    proved = await sign_in(gateway, browser, "forge")
    assert (proved.issuer, proved.subject, proved.sid) == (forge.issuer, "ada", "s1")
    assert (proved.name, proved.handle_hint) == ("Ada", "ada")
    assert (proved.email, proved.email_verified) == ("ada@millbrook.example", True)
    assert proved.picture == ""
    assert not proved.end_session


async def test_begin_asks_with_state_nonce_and_pkce(gateway: Gateway, forge: Forge) -> None:
    one, two = await gateway.begin("forge"), await gateway.begin("forge", prompt="select_account")
    asked = dict(parse_qsl(urlsplit(one.url).query))
    assert asked["code_challenge_method"] == "S256"
    assert asked["code_challenge"] != one.verifier
    assert (asked["state"], asked["nonce"]) == (one.state, one.nonce)
    assert asked["redirect_uri"] == f"{BOARD}/login/forge/callback"
    assert asked["scope"] == "openid profile email"
    assert "prompt=select_account" in two.url
    assert len({one.state, two.state, one.nonce, two.nonce, one.verifier, two.verifier}) == 6
    assert one.verifier not in one.url
    assert one.verifier not in repr(one)


async def test_two_tabs_at_once(gateway: Gateway, browser: Browser) -> None:
    one, two = await gateway.begin("forge"), await gateway.begin("forge")
    second, first = await browser.open(two.url), await browser.open(one.url)
    assert (await come_back(gateway, "forge", one, first)).subject == "ada"
    assert (await come_back(gateway, "forge", two, second)).subject == "ada"


@pytest.mark.parametrize(
    ("error", "means"),
    [
        ("access_denied", Denied),
        ("login_required", Denied),
        ("server_error", ProviderDown),
        ("temporarily_unavailable", ProviderDown),
        ("<script>", ProviderDown),
    ],
)
async def test_what_a_providers_error_means(
    gateway: Gateway, forge: Forge, browser: Browser, error: str, means: type[SignInFailed]
) -> None:
    forge.callback = {"code": None, "error": error, "error_description": "<b>words of theirs</b>"}
    with pytest.raises(means) as caught:
        await sign_in(gateway, browser, "forge")
    assert "<" not in str(caught.value) + caught.value.detail
    assert "The Forge" in str(caught.value)


@pytest.mark.parametrize(
    "mischief", ["token page away", "token page in HTML", "token page with a list", "board unknown"]
)
async def test_a_broken_token_page_is_the_providers_fault(
    gateway: Gateway, forge: Forge, browser: Browser, mischief: str
) -> None:
    forge.mischief = mischief
    with pytest.raises(ProviderDown, match=r"^The Forge isn't answering as it should just now\."):
        await sign_in(gateway, browser, "forge")


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://accounts.google.com"},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": ["a", "b"]},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    ],
    ids=repr,
)
async def test_a_discovery_document_that_is_not_right(forge: Forge, metadata: dict[str, Any]) -> None:
    forge.behave()
    forge.metadata = metadata
    with pytest.raises(ProviderDown):
        await through(forge).begin("forge")


async def test_a_discovery_document_can_not_steer_the_client_itself(forge: Forge, browser: Browser) -> None:
    forge.behave()
    forge.metadata = {"proxy": "http://127.0.0.1:9", "verify": False, "scope": "admin", "client_id": "other"}
    gateway = through(forge)
    assert "scope=openid+profile+email" in (await gateway.begin("forge")).url.replace("%20", "+")
    assert (await sign_in(gateway, browser, "forge")).subject == "ada"


async def test_a_provider_that_is_away() -> None:
    gateway = Gateway([Provider("gone", "oidc", "Gone", "a", "b", "http://127.0.0.1:9")], BOARD)
    with pytest.raises(ProviderDown, match=r"^Gone isn't answering"):
        await gateway.begin("gone")
    assert await gateway.logout_url("gone", id_token="x", back_to=BOARD) is None


async def test_a_slow_provider_is_not_waited_for(
    gateway: Gateway, forge: Forge, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = await gateway.begin("forge")
    query = await browser.open(started.url)
    monkeypatch.setattr("civicboard.people.gateway.outside.PATIENCE", 0.0)
    with pytest.raises(ProviderDown):
        await come_back(gateway, "forge", started, query)


async def test_an_unknown_provider(gateway: Gateway) -> None:
    with pytest.raises(UnknownProvider):
        await gateway.begin("nobody")


async def test_metadata_and_keys_are_kept_and_renewed(forge: Forge, browser: Browser) -> None:
    forge.behave()
    now = [time.time()]
    provider = Provider("forge", "oidc", "The Forge", CLIENT_ID, CLIENT_SECRET, forge.issuer)
    gateway = Gateway([provider], BOARD, clock=lambda: now[0])
    before = (forge.asked_for_metadata, forge.asked_for_keys)
    for _ in range(3):
        await sign_in(gateway, browser, "forge")
    assert (forge.asked_for_metadata, forge.asked_for_keys) == (before[0] + 1, before[1] + 1)

    # Tokens under a key that nobody knows make the board look again, but not each time.
    now[0] += 15
    forge.mischief = "unknown kid"
    for _ in range(3):
        with pytest.raises(Tampered):
            await sign_in(gateway, browser, "forge")
    assert forge.asked_for_keys == before[1] + 2

    # An hour later its metadata can't be had: what is known goes on being used.
    forge.behave()
    now[0] += 3601
    forge.mischief = "no metadata"
    assert (await gateway.begin("forge")).url.startswith(f"{forge.issuer}/authorize?")
    assert forge.asked_for_metadata == before[0] + 2


async def test_a_new_key_is_found(forge: Forge, browser: Browser) -> None:
    forge.behave()
    now = [time.time()]
    provider = Provider("forge", "oidc", "The Forge", CLIENT_ID, CLIENT_SECRET, forge.issuer)
    gateway = Gateway([provider], BOARD, clock=lambda: now[0])
    before = type(forge.key).generate_key(2048, {"kid": "before", "use": "sig", "alg": "RS256"})
    forge.published = [before]
    with pytest.raises(Tampered):
        await sign_in(gateway, browser, "forge")
    forge.published = [before, forge.key]
    now[0] += 11
    assert (await sign_in(gateway, browser, "forge")).subject == "ada"


async def test_userinfo_adds_what_the_token_left_out(gateway: Gateway, forge: Forge, browser: Browser) -> None:
    forge.without = {"name", "email"}
    forge.userinfo = {
        "sub": "ada",
        "name": "Ada of the Mill",
        "email": "ada@mill.example",
        "iss": "https://evil.example",
    }
    proved = await sign_in(gateway, browser, "forge")
    assert (proved.name, proved.email, proved.email_verified) == (
        "Ada of the Mill",
        "ada@mill.example",
        False,
    )
    assert proved.issuer == forge.issuer
    forge.mischief = "userinfo away"
    assert (await sign_in(gateway, browser, "forge")).name == ""
    forge.mischief = ""
    forge.userinfo = {"sub": "bo", "name": "Bo"}
    with pytest.raises(Tampered):
        await sign_in(gateway, browser, "forge")


async def test_words_from_outside_can_be_stored(gateway: Gateway, forge: Forge, browser: Browser) -> None:
    forge.claims = {
        "name": "  Ada\x00\n\ud800 \u202eL." + "x" * 500,
        "preferred_username": "ada@council.example",
    }
    proved = await sign_in(gateway, browser, "forge")
    assert proved.name.startswith("Ada L.")
    assert len(proved.name) == 200
    assert proved.handle_hint == "ada"


@pytest.mark.parametrize(
    ("secret", "methods", "in_form"),
    [
        ("plain", ["client_secret_basic", "client_secret_post"], False),
        ("plain", None, False),
        ("plain", ["client_secret_post"], True),
        ("a+b/c%", ["client_secret_basic", "client_secret_post"], True),
        ("", None, False),
    ],
)
async def test_how_the_board_shows_its_secret(
    forge: Forge, browser: Browser, secret: str, methods: list[str] | None, in_form: bool
) -> None:
    forge.behave()
    forge.metadata = {"token_endpoint_auth_methods_supported": methods}
    await sign_in(through(forge, client_secret=secret), browser, "forge")
    assert ("client_secret" in forge.last_form) == in_form
    assert ("client_id" in forge.last_form) == (in_form or not secret)


async def test_google_is_oidc_at_a_known_address(forge: Forge, browser: Browser) -> None:
    forge.behave()
    google = Gateway([Provider("google", "google", "Google", CLIENT_ID, CLIENT_SECRET, forge.issuer)], BOARD)
    forge.claims = {"email_verified": True, "picture": "https://lh3.example/a", "hd": "millbrook.example"}
    proved = await sign_in(google, browser, "google")
    assert (proved.subject, proved.email_verified, proved.picture) == ("ada", True, "https://lh3.example/a")
