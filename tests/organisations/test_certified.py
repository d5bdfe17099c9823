"""Belonging somewhere by what a certified provider says: the whole way, from its sign-in page to the badge."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

from sqlalchemy import select

from civicboard.app import Board
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Desk
from civicboard.people.gateway import Gateway
from civicboard.people.models import Person, Vouching
from civicboard.settings import Provider
from tests.cast import Cast
from tests.conftest import ORIGIN, client_for
from tests.organisations.council import NAME, SLUG, an_organisation, badges
from tests.providers.loopback import Browser
from tests.providers.oidc_provider import oidc_provider

STAFF = "millbrook-staff"


async def test_a_claim_of_the_certified_provider_confirms_an_officer(app: Board, desk: Desk, cast: Cast) -> None:
    with oidc_provider([f"{ORIGIN}/login/council/callback"], groups={"hal": [STAFF]}) as real:
        known = Provider("council", "oidc", "Council", real.client_id, real.client_secret, real.issuer)
        app.state.kit.parts[Gateway] = Gateway([known], ORIGIN)
        claim = {"issuer": real.issuer, "claim": "groups", "value": STAFF}
        async with desk.writing() as work:
            await an_organisation(work, email_domains=[], claims=[claim])
        for login in ("hal", "ida"):
            async with client_for(app) as board, Browser(ORIGIN) as browser:
                started = await board.post("/login/council", data={})
                there = re.search(rf'{re.escape(real.issuer)}[^"]+', started.text)
                assert there is not None
                await browser.open(unescape(there[0]))
                query = urlencode(await browser.press("Sign in", login=login))
                await board.get(f"/login/council/callback?{query}", headers={"Sec-Fetch-Site": "cross-site"})
                await board.post("/account/new", data={"name": login.title(), "handle": login})
                await board.post(f"/organisations/{SLUG}/affiliation", data={"role": "officer"})
    assert await badges(desk, await called(desk, "hal")) == [f"Officer, {NAME}"]
    assert await badges(desk, await called(desk, "ida")) == []
    # Of what the provider said of them nothing is kept but what an organisation asks for.
    async with desk.reading() as work:
        kept = await work.session.scalars(select(Vouching.claims).order_by(Vouching.identity_id))
        assert list(kept) == [{"groups": [STAFF]}, {}]


async def called(desk: Desk, handle: str) -> Viewer:
    async with desk.reading() as work:
        return Viewer(id=await work.session.scalar(select(Person.id).where(Person.handle == handle)))
