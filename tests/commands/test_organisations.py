"""``civicboard organisation``: added, changed, listed."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from civicboard.commands.console import console
from civicboard.commands.organisations import Wanted, put, tell
from civicboard.kit.work import Desk
from civicboard.organisations.queries import find_organisation, find_organisation_named, people_of
from civicboard.people.queries import wanted_claims
from civicboard.settings import Settings
from tests.cast import Cast
from tests.organisations.council import badges

CLAIM = "https://login.millbrook.gov.uk/ department drainage and parks"


def wanted(name: str = "Millbrook Council", **said: Any) -> Wanted:
    nothing = {
        "kind": "",
        "within": "",
        "about": None,
        "website": None,
        "domains": None,
        "claims": None,
        "stewards": [],
    }
    return Wanted(name, **(nothing | said))


async def test_an_organisation_and_its_first_steward(settings: Settings, desk: Desk, cast: Cast) -> None:
    said = {"domains": ["Millbrook.gov.uk"], "claims": [CLAIM], "stewards": ["@Ada"], "about": "The clock."}
    await put(settings, wanted(kind="council", **said))
    await put(settings, wanted("Parks", kind="department", within="millbrook council"))
    assert await badges(desk, cast.ada) == ["Officer, Millbrook Council"]
    async with desk.reading() as work:
        one = await find_organisation_named(work, "millbrook-council")
        assert one is not None
        assert one.email_domains == ["millbrook.gov.uk"]
        issuer = "https://login.millbrook.gov.uk"
        assert one.claims == [{"issuer": issuer, "claim": "department", "value": "drainage and parks"}]
        assert await wanted_claims(work, issuer) == [("department", "drainage and parks")]
        assert (await find_organisation(work, "parks")).parent_slug == "millbrook-council"
        assert [person.is_steward for person in await people_of(work, one.id)] == [True]
    # What isn't said stays; what is said takes the place of what was.
    await put(settings, wanted(stewards=["bo"]))
    await put(settings, wanted("MILLBROOK Council", domains=["a.example", "b.example"], claims=[""]))
    async with desk.reading() as work:
        one = await find_organisation_named(work, "millbrook-council")
        assert one is not None
        assert (one.name, one.kind, one.about, one.claims) == ("MILLBROOK Council", "council", "The clock.", [])
        assert one.email_domains == ["a.example", "b.example"]
        assert await wanted_claims(work) == []
        assert len(await people_of(work, one.id)) == 2


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "--kind"),
        ({"kind": "kingdom"}, "--kind"),
        ({"kind": "council", "within": "Nowhere"}, "no organisation called Nowhere"),
        ({"kind": "council", "within": "Here"}, "part of itself"),
        ({"kind": "council", "stewards": ["nobody"]}, "Nobody here has the handle"),
        ({"kind": "council", "domains": ["*.gov.uk"]}, "not the domain"),
        ({"kind": "council", "claims": ["https://x.example email a@b.example"]}, "proves nothing"),
        ({"kind": "council", "claims": ["department drainage"]}, "three words"),
        ({"kind": "council", "website": "javascript:alert(1)"}, "https://"),
        ({"kind": "council", "name": "!!!"}, "a name"),
    ],
)
async def test_what_is_wrong_is_said_and_changes_nothing(
    settings: Settings, desk: Desk, cast: Cast, said: dict[str, Any], why: str
) -> None:
    if said.get("within") == "Here":
        await put(settings, wanted("Here", kind="group"))
    with console.capture() as heard, pytest.raises(typer.Exit):
        await put(settings, wanted(**({"name": "Here"} | said)))
    assert why in " ".join(heard.get().split())
    async with desk.reading() as work:
        one = await find_organisation_named(work, "here")
    assert (one is None) is (said.get("within") != "Here")


async def test_the_list_says_what_there_is(settings: Settings, cast: Cast) -> None:
    with console.capture() as nothing:
        await tell(settings)
    assert "There is none yet" in nothing.get()
    await put(settings, wanted(kind="council", domains=["millbrook.gov.uk"], claims=[CLAIM], stewards=["ada"]))
    with console.capture() as heard:
        await tell(settings)
    said = " ".join(heard.get().split())
    for words in ("Millbrook Council: Council", "1 here", "millbrook.gov.uk", "department drainage", "stewards @ada"):
        assert words in said
