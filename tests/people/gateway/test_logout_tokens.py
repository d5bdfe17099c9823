"""Back-channel logout: a provider says that somebody left."""

from __future__ import annotations

import time
from typing import Any

import pytest

from civicboard.people.gateway import (
    Gateway,
    Tampered,
)
from tests.providers.forge import CLIENT_ID, Forge

EVENT = "http://schemas.openid.net/event/backchannel-logout"


def farewell(forge: Forge, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": forge.issuer,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 120,
        "jti": "j1",
        "sub": "ada",
        "sid": "s1",
    }
    return {name: value for name, value in ({**claims, "events": {EVENT: {}}} | changed).items() if value is not None}


@pytest.mark.parametrize("typ", ["logout+jwt", "JWT"])
async def test_a_logout_token_says_who_left(gateway: Gateway, forge: Forge, typ: str) -> None:
    left = await gateway.read_logout_token("forge", forge.sign(farewell(forge), typ=typ))
    assert (left.issuer, left.subject, left.sid, left.jti) == (forge.issuer, "ada", "s1", "j1")
    left = await gateway.read_logout_token("forge", forge.sign(farewell(forge, sub=None)))
    assert (left.subject, left.sid) == ("", "s1")


LOGOUT_FORGERIES: dict[str, dict[str, Any]] = {
    "wrong issuer": {"iss": "https://accounts.google.com"},
    "wrong audience": {"aud": "another-board"},
    "no audience": {"aud": None},
    "an ID token's nonce": {"nonce": "n"},
    "no event": {"events": None},
    "another event": {"events": {"https://example.org/renamed": {}}},
    "events in words": {"events": EVENT},
    "an event that isn't an object": {"events": {EVENT: "yes"}},
    "old": {"iat": int(time.time()) - 3600, "exp": None},
    "expired": {"exp": int(time.time()) - 3600},
    "from the future": {"iat": int(time.time()) + 3600},
    "no time": {"iat": None},
    "no name of its own": {"jti": None},
    "a name that isn't text": {"jti": 7},
    "nobody": {"sub": None, "sid": None},
    "subject is a number": {"sub": 7},
}


@pytest.mark.parametrize("forged", LOGOUT_FORGERIES.values(), ids=LOGOUT_FORGERIES)
async def test_a_forged_logout_token_ends_nothing(gateway: Gateway, forge: Forge, forged: dict[str, Any]) -> None:
    with pytest.raises(Tampered):
        await gateway.read_logout_token("forge", forge.sign(farewell(forge, **forged), typ="logout+jwt"))


@pytest.mark.parametrize(
    "mischief",
    [
        "alg none",
        "hs256 with the public key",
        "hs256 with the secret",
        "another's key",
        "unknown kid",
        "garbage",
    ],
)
async def test_a_logout_token_needs_the_providers_signature(gateway: Gateway, forge: Forge, mischief: str) -> None:
    forge.mischief = mischief
    with pytest.raises(Tampered):
        await gateway.read_logout_token("forge", forge.sign(farewell(forge), typ="logout+jwt"))


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "ü.ü.ü", "." * 5000, "e30.e30."])
async def test_what_is_no_token_at_all(gateway: Gateway, text: str) -> None:
    with pytest.raises(Tampered):
        await gateway.read_logout_token("forge", text)


async def test_an_access_token_is_no_logout_token(gateway: Gateway, forge: Forge) -> None:
    with pytest.raises(Tampered):
        await gateway.read_logout_token("forge", forge.sign(farewell(forge), typ="at+jwt"))
