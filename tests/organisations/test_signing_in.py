"""From the provider's word to the badge: what a sign-in proves is kept, renewed, and gone when it is no longer said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, text

from civicboard.app import Board
from civicboard.kit.work import Desk
from civicboard.people.actions import add_identity
from civicboard.people.gateway import Gateway, Proved
from civicboard.people.models import Vouching
from civicboard.people.policy import Vouched
from civicboard.people.queries import Proof
from tests.cast import ISSUER, Cast
from tests.conftest import client_for
from tests.house.doors import WillingGateway
from tests.organisations.council import DOMAIN, NAME, SLUG, an_organisation, badges, gathered

OFFICER = f"Officer, {NAME}"
CLAIM = {"issuer": ISSUER, "claim": "staff", "value": "yes"}


class Teller(WillingGateway):
    """A provider that says of whoever comes back what it was told to say."""

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.says: dict[str, Any] = {}
        self.wanted: set[str] = set()

    async def finish(self, key: str, *, query: Mapping[str, str], **more: Any) -> Proved:
        self.wanted = set(more["wanted"])
        said = {"issuer": ISSUER, "subject": query["code"], "name": query["code"].title(), **self.says}
        return Proved(**said)


@pytest.fixture
def teller(app: Board) -> Teller:
    made = Teller(app.state.kit.settings.origin)
    app.state.kit.parts[Gateway] = made
    return made


@pytest.fixture
async def browser(app: Board, cast: Cast) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_for(app) as made:
        yield made


async def sign_in(browser: httpx2.AsyncClient, teller: Teller, who: str, **says: Any) -> httpx2.Response:
    teller.says = says
    started = await browser.post("/login/council", data={})
    state = started.text.partition("state=")[2].partition('"')[0].partition("&")[0]
    params = {"state": state, "code": who}
    return await browser.get("/login/council/callback", params=params, headers={"Sec-Fetch-Site": "cross-site"})


async def join(browser: httpx2.AsyncClient, **said: str) -> httpx2.Response:
    return await browser.post(f"/organisations/{SLUG}/affiliation", data={"role": "officer"} | said)


async def kept(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    async with desk.reading() as work:
        found = await work.session.execute(select(Vouching.email_domain, Vouching.claims))
        return [(domain, claims) for domain, claims in found]


async def test_an_officer_signs_in_joins_and_stops_being_one(
    browser: httpx2.AsyncClient, teller: Teller, desk: Desk, cast: Cast
) -> None:
    async with desk.writing() as work:
        await an_organisation(work)
    await sign_in(browser, teller, "cy", email=f"cy.barnes@{DOMAIN}", email_verified=True, email_domain=DOMAIN)
    page = (await browser.get("/account/affiliations")).text
    assert f"You signed in with an address at {DOMAIN}" in page
    answer = await join(browser, title="Drains")
    assert answer.headers["location"] == "/account/affiliations?said=affiliation-joined"
    assert await badges(desk, cast.cy) == [OFFICER]
    assert "You signed in with an address" not in (await browser.get("/account/affiliations")).text
    # The same again: nothing changes. Then the address is another one, and no longer the council's.
    await sign_in(browser, teller, "cy", email_domain=DOMAIN)
    assert await badges(desk, cast.cy) == [OFFICER]
    await sign_in(browser, teller, "cy", email_domain="evilmillbrook.gov.uk")
    assert await badges(desk, cast.cy) == []
    await sign_in(browser, teller, "cy")
    assert await kept(desk) == []


async def test_no_address_is_kept_and_of_claims_only_what_is_asked_for(
    browser: httpx2.AsyncClient, teller: Teller, desk: Desk, cast: Cast
) -> None:
    async with desk.writing() as work:
        await an_organisation(work, claims=[CLAIM])
    says = {"email": f"cy.canary@{DOMAIN}", "email_verified": True, "email_domain": DOMAIN}
    claims = {"staff": ("yes", "canary-one"), "salary": ("canary-two",)}
    await sign_in(browser, teller, "cy", **says, claims=claims)
    assert teller.wanted == {"staff"}
    assert await kept(desk) == [(DOMAIN, {"staff": ["yes"]})]
    # A newcomer's wait in another table until they have a name; their label there is the address, as ever.
    await sign_in(browser, teller, "eve", email_domain=DOMAIN, claims=claims)
    async with desk.reading() as work:
        for table in ("vouchings", "newcomers", "events", "sessions"):
            rows = await work.session.scalar(text(f"SELECT string_agg(t::text, ' ') FROM {table} t"))
            assert "canary" not in (rows or ""), table
        # An older process reads what a newcomer proved too, and knows no more of it than it did.
        names = await work.session.scalars(text("SELECT jsonb_object_keys(proved) FROM newcomers"))
        assert set(names) == {
            "provider",
            "issuer",
            "subject",
            "label",
            "name",
            "handle_hint",
            "sid",
            "id_token",
        }
    await browser.post("/account/new", data={"name": "Eve", "handle": "eve"})
    assert (DOMAIN, {"staff": ["yes"]}) in (await kept(desk))[1:]
    assert (await join(browser)).headers["location"].endswith("affiliation-joined")


async def test_a_claim_of_another_provider_is_not_even_kept(
    browser: httpx2.AsyncClient, teller: Teller, desk: Desk, cast: Cast
) -> None:
    async with desk.writing() as work:
        await an_organisation(work, email_domains=[], claims=[{**CLAIM, "issuer": "https://another.example"}])
    await sign_in(browser, teller, "cy", claims={"staff": ("yes",)})
    assert await kept(desk) == []
    assert (await join(browser)).headers["location"].endswith("affiliation-asked")
    assert await badges(desk, cast.cy) == []


async def test_an_unverified_address_never_confirms(
    browser: httpx2.AsyncClient, teller: Teller, desk: Desk, cast: Cast
) -> None:
    async with desk.writing() as work:
        await an_organisation(work)
    await sign_in(browser, teller, "cy", email=f"cy@{DOMAIN}", email_verified=False)
    assert "You signed in with an address" not in (await browser.get("/account/affiliations")).text
    assert (await join(browser)).headers["location"].endswith("affiliation-asked")
    assert await badges(desk, cast.cy) == []


async def test_a_provider_that_is_half_away_ends_nothing(
    browser: httpx2.AsyncClient, teller: Teller, desk: Desk, cast: Cast
) -> None:
    async with desk.writing() as work:
        await an_organisation(work, email_domains=[], claims=[CLAIM])
    await sign_in(browser, teller, "cy", claims={"staff": ("yes",)})
    await join(browser)
    await sign_in(browser, teller, "cy", is_whole=False)
    assert await badges(desk, cast.cy) == [OFFICER]
    await sign_in(browser, teller, "cy")
    assert await badges(desk, cast.cy) == []


async def test_one_way_to_sign_in_says_nothing_about_another(
    browser: httpx2.AsyncClient, teller: Teller, desk: Desk, cast: Cast
) -> None:
    """Who also signs in with an account of their own stays an officer; and each way vouches by itself."""
    async with desk.writing() as work:
        await an_organisation(work)
    await sign_in(browser, teller, "cy", email_domain=DOMAIN)
    await join(browser)
    own = Proof("council", "https://own.example", "cy", vouched=Vouched("home.example"))
    assert cast.cy.id is not None
    async with desk.writing(cast.cy) as work:
        await add_identity(work, own, begun_by=cast.cy.id)
    await sign_in(browser, teller, "cy", issuer="https://own.example", email_domain="home.example")
    assert await badges(desk, cast.cy) == [OFFICER]
    assert sorted(domain for domain, _ in await kept(desk)) == ["home.example", DOMAIN]


async def test_what_a_steward_confirmed_needs_no_proof(
    browser: httpx2.AsyncClient, teller: Teller, desk: Desk, cast: Cast
) -> None:
    await gathered(desk, cast)
    await sign_in(browser, teller, "cy", email_domain=DOMAIN)
    await sign_in(browser, teller, "cy")
    assert await badges(desk, cast.cy) == [OFFICER]


async def test_nobody_signed_out_joins(browser: httpx2.AsyncClient, desk: Desk, cast: Cast) -> None:
    async with desk.writing() as work:
        await an_organisation(work)
    assert (await join(browser)).headers["location"].startswith("/login?next=")
