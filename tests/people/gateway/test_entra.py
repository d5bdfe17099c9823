"""Microsoft Entra, whose issuer is a template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette

from civicboard.people.gateway import (
    Gateway,
    Tampered,
)
from civicboard.settings import Provider
from tests.people.gateway.signing_in import BOARD, sign_in
from tests.providers.entra import COUNCIL, PERSONAL, Entra
from tests.providers.loopback import Browser, serving


@pytest.fixture(scope="module")
def entra() -> Iterator[Entra]:
    made: list[Entra] = []

    def make(origin: str) -> Starlette:
        made.append(Entra(origin))
        return made[0].app()

    with serving(make):
        yield made[0]


def microsoft(entra: Entra, tenant: str = "common") -> Gateway:
    entra.behave()
    provider = Provider("entra", "entra", "Microsoft", "app-id", "s~e.cret", f"{entra.origin}/{tenant}/v2.0")
    return Gateway([provider], BOARD)


@pytest.mark.parametrize("tenant", ["common", "organizations", COUNCIL])
async def test_entra_takes_its_issuer_from_the_tenant(entra: Entra, browser: Browser, tenant: str) -> None:
    proved = await sign_in(microsoft(entra, tenant), browser, "entra")
    assert proved.issuer == f"{entra.origin}/{COUNCIL}/v2.0"
    assert proved.subject == "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ"
    assert (proved.name, proved.handle_hint) == ("Cy Officer", "cy")
    # Anyone who runs a tenant may write Ada's address into an account of theirs.
    assert (proved.email, proved.email_verified) == ("ada@millbrook.example", False)
    assert proved.end_session


async def test_entra_believes_an_address_whose_domain_is_proved(entra: Entra, browser: Browser) -> None:
    gateway = microsoft(entra)
    entra.claims = {"xms_edov": True}
    assert (await sign_in(gateway, browser, "entra")).email_verified


async def test_entra_personal_accounts_have_their_own_key(entra: Entra, browser: Browser) -> None:
    gateway = microsoft(entra)
    entra.signs = "personal"
    with pytest.raises(Tampered):  # that key, for the council
        await sign_in(gateway, browser, "entra")
    entra.claims = {"tid": PERSONAL, "iss": f"{entra.origin}/{PERSONAL}/v2.0"}
    assert (await sign_in(gateway, browser, "entra")).issuer.endswith(f"{PERSONAL}/v2.0")


ENTRA_FORGERIES: dict[str, dict[str, Any]] = {
    "another tenant's issuer": {"tid": PERSONAL},
    "another tenant": {"iss": "{origin}/" + PERSONAL + "/v2.0"},
    "the template itself": {"iss": "{origin}/{tenantid}/v2.0", "tid": "{tenantid}"},
    "a tenant that is a path": {"iss": "{origin}/../evil/v2.0", "tid": "../evil"},
    "no tenant": {"tid": None},
    "another host": {"iss": f"https://evil.example/{COUNCIL}/v2.0"},
}


@pytest.mark.parametrize("forged", ENTRA_FORGERIES.values(), ids=ENTRA_FORGERIES)
async def test_entra_forgeries(entra: Entra, browser: Browser, forged: dict[str, Any]) -> None:
    gateway = microsoft(entra)
    entra.claims = {name: value.replace("{origin}", entra.origin) if value else value for name, value in forged.items()}
    with pytest.raises(Tampered):
        await sign_in(gateway, browser, "entra")


async def test_entra_of_one_council_takes_no_other(entra: Entra, browser: Browser) -> None:
    gateway = microsoft(entra, COUNCIL)
    entra.claims = {"tid": PERSONAL, "iss": f"{entra.origin}/{PERSONAL}/v2.0"}
    with pytest.raises(Tampered):
        await sign_in(gateway, browser, "entra")
