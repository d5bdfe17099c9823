"""Who belongs where, how that is known, and who looks after it. None of it gives a power on a problem."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from civicboard.kit.viewer import Viewer
from civicboard.organisations.models import KINDS, ROLES

#: The roles that people have in an organisation of each kind, the usual one first.
ROLES_IN: dict[str, tuple[str, ...]] = {
    "council": ("officer", "councillor"),
    "department": ("officer",),
    "ward_office": ("councillor", "officer"),
    "group": ("member",),
    "business": ("member",),
    "university": ("academic", "member"),
    "newspaper": ("editor", "member"),
    "blog": ("editor", "member"),
}
assert ROLES_IN.keys() == KINDS.keys()

#: Claims that people write themselves at many a provider, or that hold an address nobody has verified.
PROVES_NOTHING = frozenset(
    """
    address birthdate email email_verified family_name given_name locale middle_name name nickname phone_number
    phone_number_verified picture preferred_username profile unique_name upn website zoneinfo
    """.split()  # noqa: SIM905  # twenty quotation marks would hide the words
)

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Voucher:
    """What a person's sign-in with one identity of ``issuer`` proved: a verified address's domain, and claims."""

    issuer: str
    email_domain: str
    claims: Mapping[str, Sequence[str]]


def domain(written: str) -> str:
    """An e-mail domain as it is compared: ``Millbrook.gov.uk`` gives ``millbrook.gov.uk``. Raises ValueError."""
    try:
        plain = written.strip().removeprefix("@").encode("idna").decode("ascii").lower()
    except UnicodeError:
        plain = ""
    if not _DOMAIN.fullmatch(plain) or len(plain) > 253:
        raise ValueError(f"{written} is not the domain of an e-mail address, as in millbrook.gov.uk.")
    return plain


def claim(issuer: str, name: str, value: str) -> dict[str, str]:
    """A claim as an organisation asks for it. Raises ValueError for one that proves nothing."""
    if name in PROVES_NOTHING:
        raise ValueError(f"The claim {name} proves nothing: people may write it themselves.")
    if not issuer.startswith(("https://", "http://")) or not name or not value:
        raise ValueError("A claim is the provider's address, the claim's name and its value.")
    return {"issuer": issuer.rstrip("/"), "claim": name, "value": value}


def how_vouched(domains: Sequence[str], claims: Iterable[Mapping[str, Any]], proved: Iterable[Voucher]) -> str:
    """How what somebody proved confirms that they belong: ``domain`` or ``claim``; "" when it doesn't.

    A domain counts only when it is listed, whole: ``parks.millbrook.gov.uk`` is not ``millbrook.gov.uk``. A claim
    counts only when the provider that the organisation named has made it.
    """
    asked = list(claims)
    for one in proved:
        if one.email_domain and one.email_domain in domains:
            return "domain"
        for wanted in asked:
            if wanted["issuer"] == one.issuer.rstrip("/") and wanted["value"] in one.claims.get(wanted["claim"], ()):
                return "claim"
    return ""


def may_belong(viewer: Viewer) -> bool:
    """Join by what one proved, or ask for it."""
    return viewer.signed_in


def counts_again(ended_how: str) -> bool:
    """Whether what somebody proves still confirms them, after an affiliation of theirs ended that way.

    Whom a steward has sent away can ask, and a steward answers.
    """
    return ended_how != "steward"


def may_have_role(kind: str, role: str) -> bool:
    return role in ROLES_IN[kind] and role in ROLES


def may_steward(viewer: Viewer, is_steward: bool) -> bool:
    """Answer who asks, end somebody's affiliation, name another steward: all within this one organisation."""
    return viewer.signed_in and is_steward


def may_see_request(viewer: Viewer, person_id: int, is_steward: bool) -> bool:
    """Who asked, and the stewards."""
    return viewer.signed_in and (viewer.id == person_id or is_steward)
