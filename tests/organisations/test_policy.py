"""What confirms that somebody belongs, and what doesn't; and that it gives nobody any power on a problem."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.organisations import policy
from civicboard.organisations.models import KINDS, ROLES
from civicboard.organisations.policy import Voucher, how_vouched
from civicboard.people.gateway.results import domain_of

PACKAGE = Path(policy.__file__).parents[1]
ISSUER = "https://login.millbrook.gov.uk"
DOMAINS = ["millbrook.gov.uk"]
CLAIM = [{"issuer": ISSUER, "claim": "department", "value": "drainage"}]

#: Addresses that a provider may call verified, and whether each confirms somebody of millbrook.gov.uk.
ADDRESSES = {
    "cy@millbrook.gov.uk": True,
    "Cy.Barnes+board@MILLBROOK.gov.UK": True,
    "cy@evilmillbrook.gov.uk": False,
    "cy@parks.millbrook.gov.uk": False,
    "cy@millbrook.gov.uk.evil.example": False,
    "cy@millbrook.gov.uk.": False,
    "cy@.millbrook.gov.uk": False,
    "cy@millbrook.gov.uk@evil.example": False,
    "cy@evil.example, x@millbrook.gov.uk": False,
    "cy@evil.example x@millbrook.gov.uk": False,
    '"cy@evil.example"@millbrook.gov.uk': False,
    "<cy@evil.example>@millbrook.gov.uk": False,
    "cy@evil.example\n@millbrook.gov.uk": False,
    "cy@evil.example\x00@millbrook.gov.uk": False,
    "cy@millbrook.gov.uk\n": False,
    "cy@millbrook.gov.uk\u200b": False,
    "cy@mill\u00adbrook.gov.uk": False,
    "cy@millbr\u043e\u043ek.gov.uk": False,  # Cyrillic
    "cy@\uff4dillbrook.gov.uk": False,  # fullwidth, which IDNA would fold into the real one
    "cy@millbrook\u3002gov\u3002uk": False,  # ideographic full stops
    "cy@xn--millbrook-.gov.uk": False,
    "cy@millbrook-gov.uk": False,
    "cy@millbrook.gov": False,
    "cy@gov.uk": False,
    "millbrook.gov.uk": False,
    "@millbrook.gov.uk": False,
    "cy@": False,
    "": False,
}


@pytest.mark.parametrize(("address", "confirms"), ADDRESSES.items(), ids=[ascii(one) for one in ADDRESSES])
def test_only_the_very_domain_confirms(address: str, confirms: bool) -> None:
    voucher = Voucher("https://anywhere.example", domain_of(address), {})
    assert how_vouched(DOMAINS, [], [voucher]) == ("domain" if confirms else "")


@pytest.mark.parametrize("odd", [None, 7, True, ["cy@millbrook.gov.uk"], {"email": "cy@millbrook.gov.uk"}])
def test_what_is_no_address_has_no_domain(odd: object) -> None:
    assert domain_of(odd) == ""


def test_a_domain_below_counts_once_it_is_named() -> None:
    voucher = Voucher(ISSUER, "parks.millbrook.gov.uk", {})
    assert how_vouched([*DOMAINS, "parks.millbrook.gov.uk"], [], [voucher]) == "domain"


@pytest.mark.parametrize(
    ("issuer", "claims", "confirms"),
    [
        (ISSUER, {"department": ["drainage"]}, True),
        (f"{ISSUER}/", {"department": ["drainage"]}, True),
        (ISSUER, {"department": ["parks", "drainage"]}, True),
        (ISSUER, {"department": ["Drainage"]}, False),
        (ISSUER, {"department": ["drainage and more"]}, False),
        (ISSUER, {"departments": ["drainage"]}, False),
        (ISSUER, {}, False),
        ("https://login.elsewhere.example", {"department": ["drainage"]}, False),
        (f"{ISSUER}.evil.example", {"department": ["drainage"]}, False),
        ("http://login.millbrook.gov.uk", {"department": ["drainage"]}, False),
    ],
)
def test_only_the_named_providers_claim_confirms(issuer: str, claims: dict[str, list[str]], confirms: bool) -> None:
    assert how_vouched([], CLAIM, [Voucher(issuer, "", claims)]) == ("claim" if confirms else "")


def test_an_organisation_that_asks_for_nothing_is_confirmed_by_nothing() -> None:
    assert how_vouched([], [], [Voucher(ISSUER, "", {}), Voucher(ISSUER, "millbrook.gov.uk", {"a": ["b"]})]) == ""
    assert how_vouched([""], [], [Voucher(ISSUER, "", {})]) == ""
    assert how_vouched(DOMAINS, CLAIM, []) == ""


@pytest.mark.parametrize("written", ["Millbrook.GOV.uk", " millbrook.gov.uk ", "@millbrook.gov.uk"])
def test_a_domain_is_written_as_it_is_compared(written: str) -> None:
    assert policy.domain(written) == "millbrook.gov.uk"
    assert policy.domain("überlingen.example") == "xn--berlingen-p9a.example"


@pytest.mark.parametrize(
    "written", ["", "uk", "*.gov.uk", ".gov.uk", "cy@millbrook.gov.uk", "a b.uk", "10.0.0.1", "a..uk"]
)
def test_what_is_no_domain_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is not the domain"):
        policy.domain(written)


@pytest.mark.parametrize("name", ["email", "preferred_username", "upn", "name"])
def test_what_people_write_themselves_is_no_claim(name: str) -> None:
    with pytest.raises(ValueError, match="proves nothing"):
        policy.claim(ISSUER, name, "x")


def test_every_kind_has_roles_and_every_role_somewhere() -> None:
    assert policy.ROLES_IN.keys() == KINDS.keys()
    assert {role for roles in policy.ROLES_IN.values() for role in roles} == ROLES.keys()
    assert policy.may_have_role("council", "councillor")
    assert not policy.may_have_role("group", "councillor")
    assert not policy.may_have_role("council", "mayor")


def test_who_may_answer() -> None:
    one, nobody = Viewer(7), NOBODY
    assert policy.may_steward(one, True)
    assert not policy.may_steward(one, False)
    assert not policy.may_steward(nobody, True)
    assert policy.may_see_request(one, 7, False)
    assert policy.may_see_request(one, 8, True)
    assert not policy.may_see_request(one, 8, False)
    assert not policy.may_see_request(nobody, 8, True)
    assert not policy.counts_again("steward")
    assert policy.counts_again("left")
    assert policy.counts_again("lapsed")


def policies() -> list[Path]:
    found = [*PACKAGE.glob("*/policy.py"), *PACKAGE.glob("*/policy/*.py")]
    return sorted(path for path in found if "organisations" not in path.relative_to(PACKAGE).parts)


@pytest.mark.parametrize("path", policies(), ids=lambda path: path.parent.name)
def test_no_other_policy_asks_where_somebody_belongs(path: Path) -> None:
    """An affiliation is a badge: what one may do on a problem never depends on it."""
    words = ("affiliation", "organisation", "badge", "officer", "councillor", "steward", "employer")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert "organisations" not in (node.module or ""), path
        if isinstance(node, ast.FunctionDef) and node.name.startswith("may_"):
            given = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            assert not [one for one in given if any(word in one for word in words)], f"{path}: {node.name}"


def test_there_are_policies_to_look_at() -> None:
    assert len(policies()) >= 5
