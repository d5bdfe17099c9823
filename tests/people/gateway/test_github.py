"""GitHub, which is not OpenID Connect."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from civicboard.people.gateway import (
    Denied,
    Gateway,
    ProviderDown,
    Tampered,
)
from civicboard.settings import Provider
from tests.people.gateway.signing_in import BOARD, come_back, sign_in
from tests.providers.github import GitHub
from tests.providers.loopback import Browser, serving


@pytest.fixture(scope="module")
def hub() -> Iterator[GitHub]:
    made: list[GitHub] = []

    def make(origin: str) -> Starlette:
        made.append(GitHub(origin))
        return made[0].app()

    with serving(make):
        yield made[0]


@pytest.fixture
def github(hub: GitHub) -> Gateway:
    hub.behave()
    provider = Provider(
        "github",
        "github",
        "GitHub",
        "Iv1.board",
        "github-secret",
        web_root=hub.origin,
        api_root=f"{hub.origin}/api",
    )
    return Gateway([provider], BOARD)


async def test_github_is_its_number_not_its_name(github: Gateway, hub: GitHub, browser: Browser) -> None:
    proved = await sign_in(github, browser, "github")
    assert (proved.issuer, proved.subject, proved.handle_hint) == (hub.origin, "583231", "octo-ada")
    assert (proved.email, proved.email_verified) == ("ada@millbrook.example", True)
    assert (proved.id_token, proved.end_session) == ("", False)
    assert await github.logout_url("github", id_token="", back_to=BOARD) is None
    with pytest.raises(Tampered):
        await github.read_logout_token("github", "a.b.c")


async def test_github_itself_is_known_by_its_name() -> None:
    gateway = Gateway([Provider("github", "github", "GitHub", "a", "b")], BOARD)
    assert (await gateway.begin("github")).url.startswith("https://github.com/login/oauth/authorize?")


async def test_github_without_the_email_scope(github: Gateway, hub: GitHub, browser: Browser) -> None:
    hub.grants = {"read:user"}
    hub.user["name"] = None
    proved = await sign_in(github, browser, "github")
    assert (proved.name, proved.email, proved.email_verified) == ("octo-ada", "", False)


async def test_github_says_no_with_status_200(github: Gateway, hub: GitHub, browser: Browser) -> None:
    started = await github.begin("github")
    query = await browser.open(started.url)
    with pytest.raises(Tampered):
        await come_back(github, "github", started, {**query, "code": "made-up"})
    with pytest.raises(Tampered):
        await come_back(github, "github", started, query, verifier="y" * 64)
    hub.denies = True
    with pytest.raises(Denied):
        await sign_in(github, browser, "github")


@pytest.mark.parametrize("number", [None, "583231", True, 1.5, {}])
async def test_github_accounts_have_numbers(github: Gateway, hub: GitHub, browser: Browser, number: object) -> None:
    hub.user["id"] = number
    with pytest.raises(ProviderDown):
        await sign_in(github, browser, "github")


async def test_github_callback_of_another_issuer(github: Gateway, browser: Browser) -> None:
    started = await github.begin("github")
    query = await browser.open(started.url)
    with pytest.raises(Tampered):
        await come_back(github, "github", started, {**query, "iss": "https://accounts.google.com"})
