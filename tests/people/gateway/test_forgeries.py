"""Everything that must not sign anybody in."""

from __future__ import annotations

import time
from typing import Any

import pytest

from civicboard.people.gateway import (
    Gateway,
    Tampered,
)
from tests.people.gateway.signing_in import come_back, sign_in, through
from tests.providers.forge import CLIENT_ID, Forge
from tests.providers.loopback import Browser

FORGERIES: dict[str, dict[str, Any]] = {
    "wrong issuer": {"claims": {"iss": "https://accounts.google.com"}},
    "no issuer": {"without": {"iss"}},
    "wrong audience": {"claims": {"aud": "another-board"}},
    "no audience": {"without": {"aud"}},
    "another's audience, made for us to use": {"claims": {"aud": ["another-board"], "azp": CLIENT_ID}},
    "two audiences and nobody named": {"claims": {"aud": [CLIENT_ID, "another-board"]}},
    "made for another to use": {"claims": {"aud": [CLIENT_ID, "another-board"], "azp": "another-board"}},
    "wrong nonce": {"claims": {"nonce": "of another sign-in"}},
    "no nonce": {"without": {"nonce"}},
    "empty nonce": {"claims": {"nonce": ""}},
    "expired": {"claims": {"exp": int(time.time()) - 3600}},
    "never expires": {"without": {"exp"}},
    "expires at words": {"claims": {"exp": "tomorrow"}},
    "from the future": {"claims": {"iat": int(time.time()) + 3600}},
    "not valid yet": {"claims": {"nbf": int(time.time()) + 3600}},
    "not made at any time": {"without": {"iat"}},
    "nobody": {"without": {"sub"}},
    "empty subject": {"claims": {"sub": ""}},
    "subject is a number": {"claims": {"sub": 7}},
    "subject with a NUL": {"claims": {"sub": "ada\x00"}},
    "subject with half a character": {"claims": {"sub": "ada\ud800"}},
    "subject too long": {"claims": {"sub": "a" * 256}},
    "session that isn't text": {"claims": {"sid": {"a": 1}}},
    "another access token": {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
    "unsigned": {"mischief": "alg none"},
    "the public key as a shared secret": {"mischief": "hs256 with the public key"},
    "the client's secret as a key": {"mischief": "hs256 with the secret"},
    "another's key by the same name": {"mischief": "another's key"},
    "a key that nobody has": {"mischief": "unknown kid"},
    "brings its own key": {"mischief": "own key in the header"},
    "changed after signing": {"mischief": "changed after signing"},
    "garbage": {"mischief": "garbage"},
    "no ID token at all": {"mischief": "no id token"},
    "a logout token": {"mischief": "logout token as ID token"},
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
async def test_a_forged_token_signs_nobody_in(
    gateway: Gateway, forge: Forge, browser: Browser, forged: dict[str, Any]
) -> None:
    for name, value in forged.items():
        setattr(forge, name, value)
    with pytest.raises(Tampered) as caught:
        await sign_in(gateway, browser, "forge")
    assert str(caught.value) == "That sign-in didn't match the one that was started here. Please start again."
    assert "ada" not in caught.value.detail


CALLBACKS: dict[str, dict[str, str | None]] = {
    "another issuer": {"iss": "https://accounts.google.com"},
    "our issuer and a slash": {"iss": "{issuer}/"},
    "empty issuer": {"iss": ""},
    "no issuer though promised": {"iss": None},
    "an error from another issuer": {"iss": "https://evil.example", "code": None, "error": "access_denied"},
    "another's state": {"state": "of another sign-in"},
    "no state": {"state": None},
    "a state that can't be written down": {"state": "ü€\u0000"},
    "no code": {"code": None},
    "a code made up": {"code": "made-up"},
}


@pytest.mark.parametrize("changed", CALLBACKS.values(), ids=CALLBACKS)
async def test_a_tampered_callback_signs_nobody_in(
    gateway: Gateway, forge: Forge, browser: Browser, changed: dict[str, str | None]
) -> None:
    forge.callback = {name: value and value.replace("{issuer}", forge.issuer) for name, value in changed.items()}
    with pytest.raises(Tampered):
        await sign_in(gateway, browser, "forge")


async def test_iss_is_compared_even_where_it_was_not_promised(forge: Forge, browser: Browser) -> None:
    forge.behave()
    forge.metadata = {"authorization_response_iss_parameter_supported": False}
    gateway = through(forge)
    forge.callback = {"iss": None}
    assert (await sign_in(gateway, browser, "forge")).subject == "ada"
    forge.callback = {"iss": "https://evil.example"}
    with pytest.raises(Tampered):
        await sign_in(gateway, browser, "forge")


async def test_a_code_works_once_and_only_with_its_verifier(gateway: Gateway, browser: Browser) -> None:
    started = await gateway.begin("forge")
    query = await browser.open(started.url)
    assert (await come_back(gateway, "forge", started, query)).subject == "ada"
    with pytest.raises(Tampered):
        await come_back(gateway, "forge", started, query)
    started = await gateway.begin("forge")
    query = await browser.open(started.url)
    with pytest.raises(Tampered):
        await come_back(gateway, "forge", started, query, verifier="x" * 64)


async def test_nothing_is_finished_without_a_nonce_or_a_state(gateway: Gateway, browser: Browser) -> None:
    for changed in ({"nonce": ""}, {"state": ""}):
        started = await gateway.begin("forge")
        query = await browser.open(started.url)
        with pytest.raises(Tampered):
            await come_back(gateway, "forge", started, query, **changed)
