"""The gateway against the certified provider, from sign-in to logout."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.people.gateway import (
    Denied,
    Gateway,
    Tampered,
)
from civicboard.settings import Provider
from tests.people.gateway.signing_in import BOARD, come_back
from tests.providers.loopback import Browser, serving
from tests.providers.oidc_provider import oidc_provider


class Mailbox:
    """The board's back-channel address: keeps what is posted to it."""

    def __init__(self) -> None:
        self.tokens: list[str] = []

    async def take(self, request: Request) -> Response:
        self.tokens.append(str((await request.form())["logout_token"]))
        return Response(status_code=200)


async def test_the_certified_provider_from_sign_in_to_logout(browser: Browser) -> None:
    mailbox = Mailbox()
    app = Starlette(routes=[Route("/login/council/logout", mailbox.take, methods=["POST"])])
    with (
        serving(lambda _: app) as listener,
        oidc_provider(
            [f"{BOARD}/login/council/callback"],
            post_logout_redirect_uris=[f"{BOARD}/"],
            backchannel_logout_uri=f"{listener}/login/council/logout",
        ) as real,
    ):
        gateway = Gateway(
            [Provider("council", "oidc", "Council", real.client_id, real.client_secret, real.issuer)], BOARD
        )
        started = await gateway.begin("council")
        assert await browser.open(started.url) == {}
        with pytest.raises(Denied):
            await come_back(gateway, "council", started, await browser.press("No, thanks"))

        started = await gateway.begin("council")
        await browser.open(started.url)
        query = await browser.press("Sign in", login="ada")
        assert query["iss"] == real.issuer
        with pytest.raises(Tampered):
            await come_back(gateway, "council", started, {**query, "iss": "https://evil.example"})
        proved = await come_back(gateway, "council", started, query)
        assert (proved.issuer, proved.subject, proved.name) == (real.issuer, "ada", "Ada")
        assert (proved.handle_hint, proved.email, proved.email_verified) == (
            "ada",
            "ada@millbrook.example",
            True,
        )
        assert proved.sid
        assert proved.end_session
        with pytest.raises(Tampered):
            await come_back(gateway, "council", started, query)

        # Still signed in there: no question asked the second time.
        started = await gateway.begin("council")
        assert (await come_back(gateway, "council", started, await browser.open(started.url))).sid == proved.sid

        url = await gateway.logout_url("council", id_token=proved.id_token, back_to=f"{BOARD}/", state="s")
        assert url is not None
        await browser.open(url)
        assert await browser.press("Yes, sign me out") == {"state": "s"}
        [token] = mailbox.tokens
        left = await gateway.read_logout_token("council", token)
        assert (left.issuer, left.subject, left.sid) == (real.issuer, "ada", proved.sid)
        assert left.jti
