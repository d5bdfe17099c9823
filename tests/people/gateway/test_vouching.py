"""What of a sign-in may vouch for somebody: the domain of an address that its provider calls verified, and claims."""

from __future__ import annotations

from typing import Any

import pytest

from civicboard.people.gateway import Gateway, Proved
from civicboard.people.gateway.results import values_of
from civicboard.settings import Provider
from tests.people.gateway.signing_in import BOARD, come_back
from tests.providers.forge import Forge
from tests.providers.github import GitHub
from tests.providers.loopback import Browser, serving

MINE = "ada@millbrook.example"


async def sign_in(gateway: Gateway, browser: Browser, *wanted: str, key: str = "forge") -> Proved:
    started = await gateway.begin(key)
    return await come_back(gateway, key, started, await browser.open(started.url), wanted=wanted)


@pytest.mark.parametrize(
    ("signed", "more", "domain"),
    [
        ({"email_verified": True}, {}, "millbrook.example"),
        ({"email_verified": "true"}, {}, "millbrook.example"),
        ({"email": "Ada@MILLBROOK.example", "email_verified": True}, {}, "millbrook.example"),
        ({}, {"email": MINE, "email_verified": True}, "millbrook.example"),
        ({"email": ""}, {"email": MINE, "email_verified": True}, "millbrook.example"),
        ({}, {}, ""),
        ({"email_verified": False}, {}, ""),
        ({"email_verified": None}, {}, ""),
        ({"email_verified": "no"}, {}, ""),
        ({"email_verified": [True]}, {}, ""),
        # A yes about another address, or without one, is no yes about this one; and a no weighs more.
        ({}, {"email": "ada@evil.example", "email_verified": True}, ""),
        ({}, {"email_verified": True}, ""),
        ({"email_verified": False}, {"email": MINE, "email_verified": True}, ""),
        ({"email_verified": True, "name": ""}, {"email": MINE, "email_verified": False}, ""),
        ({"email": "ada@evil.example, x@millbrook.example", "email_verified": True}, {}, ""),
        ({"email": f"{MINE}\u200b", "email_verified": True}, {}, ""),
        ({"email": [MINE], "email_verified": True}, {}, ""),
    ],
)
async def test_only_a_verified_address_has_a_domain(
    gateway: Gateway, forge: Forge, browser: Browser, signed: dict[str, Any], more: dict[str, Any], domain: str
) -> None:
    forge.claims, forge.userinfo = signed, {"sub": "ada"} | more
    assert (await sign_in(gateway, browser)).email_domain == domain


async def test_only_wanted_claims_are_told(gateway: Gateway, forge: Forge, browser: Browser) -> None:
    forge.claims = {"hd": "millbrook.example", "groups": ["a", "b", 7, True, None, {}], "secret": "x"}
    forge.userinfo = {"sub": "ada", "department": "drainage", "salary": 1}
    proved = await sign_in(gateway, browser, "hd", "groups", "department", "nowhere")
    assert proved.claims == {
        "hd": ("millbrook.example",),
        "groups": ("a", "b", "7", "true"),
        "department": ("drainage",),
    }
    assert proved.is_whole
    assert (await sign_in(gateway, browser)).claims == {}


async def test_a_provider_that_can_not_be_asked_is_not_one_that_says_no(
    gateway: Gateway, forge: Forge, browser: Browser
) -> None:
    forge.mischief = "userinfo away"
    assert not (await sign_in(gateway, browser, "department")).is_whole
    forge.claims = {"department": "drainage", "email_verified": True}
    assert (await sign_in(gateway, browser, "department")).is_whole


@pytest.mark.parametrize(
    ("claim", "values"),
    [("x", ("x",)), ("", ()), (None, ()), ({"a": 1}, ()), (False, ("false",)), ("a\0b", ()), ("x" * 400, ())],
)
def test_a_claim_is_texts(claim: object, values: tuple[str, ...]) -> None:
    assert values_of(claim) == values
    assert len(values_of(["y"] * 10_000)) <= 200


async def test_githubs_verified_primary_address_counts_and_no_other(browser: Browser) -> None:
    hubs: list[GitHub] = []

    def make(origin: str) -> Any:
        hubs.append(GitHub(origin))
        return hubs[0].app()

    with serving(make) as origin:
        roots = {"web_root": origin, "api_root": f"{origin}/api"}
        gateway = Gateway([Provider("github", "github", "GitHub", "Iv1.board", "github-secret", **roots)], BOARD)
        assert (await sign_in(gateway, browser, key="github")).email_domain == "millbrook.example"
        hubs[0].emails[1]["verified"] = False
        proved = await sign_in(gateway, browser, key="github")
        assert (proved.email, proved.email_domain) == (MINE, "")
        hubs[0].emails[0]["verified"] = True
        assert (await sign_in(gateway, browser, key="github")).email_domain == ""
        hubs[0].grants = {"read:user"}
        assert (await sign_in(gateway, browser, key="github")).email_domain == ""
