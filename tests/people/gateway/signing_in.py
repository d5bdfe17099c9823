"""What the board does around the gateway, in short."""

from __future__ import annotations

from typing import Any

from civicboard.people.gateway import (
    Gateway,
    Proved,
    Started,
)
from civicboard.settings import Provider
from tests.providers.forge import CLIENT_ID, CLIENT_SECRET, Forge
from tests.providers.loopback import Browser

BOARD = "https://board.example.org"


async def come_back(gateway: Gateway, key: str, started: Started, query: dict[str, str], **changed: Any) -> Proved:
    """What the board does in its callback with the state row that it kept."""
    kept: dict[str, Any] = {
        "state": started.state,
        "nonce": started.nonce,
        "verifier": started.verifier,
        "provider_data": started.provider_data,
    }
    return await gateway.finish(key, query=query, **(kept | changed))


async def sign_in(gateway: Gateway, browser: Browser, key: str) -> Proved:
    started = await gateway.begin(key)
    return await come_back(gateway, key, started, await browser.open(started.url))


def through(forge: Forge, **settings: str) -> Gateway:
    """A gateway that knows the forge."""
    known = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "issuer": forge.issuer}
    return Gateway([Provider("forge", "oidc", "The Forge", **(known | settings))], BOARD)
