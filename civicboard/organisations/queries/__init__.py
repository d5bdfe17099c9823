"""Every SELECT about organisations, who belongs to them, and the badges that say so."""

from __future__ import annotations

from civicboard.organisations.queries.badges import (
    Badge,
    badges_column,
    read_badges,
    role_words,
)
from civicboard.organisations.queries.belonging import (
    BelongingRow,
    affiliations_of,
    ended_how,
    find_affiliation,
    find_person_id,
    find_standing,
    is_steward,
    people_of,
    standing_at,
    ward_name,
)
from civicboard.organisations.queries.listing import (
    OrganisationRow,
    claims_asked,
    find_organisation,
    find_organisation_named,
    find_organisation_to_change,
    organisations_all,
    organisations_within,
)
from civicboard.organisations.queries.proofs import (
    Confirmable,
    confirmable,
    proved_ones,
    vouchers_of,
)
from civicboard.organisations.queries.requests import (
    RequestRow,
    find_open_request,
    find_request,
    find_request_to_answer,
    own_requests,
    requests_at,
)

__all__ = [
    "Badge",
    "BelongingRow",
    "Confirmable",
    "OrganisationRow",
    "RequestRow",
    "affiliations_of",
    "badges_column",
    "claims_asked",
    "confirmable",
    "ended_how",
    "find_affiliation",
    "find_open_request",
    "find_organisation",
    "find_organisation_named",
    "find_organisation_to_change",
    "find_person_id",
    "find_request",
    "find_request_to_answer",
    "find_standing",
    "is_steward",
    "organisations_all",
    "organisations_within",
    "own_requests",
    "people_of",
    "proved_ones",
    "read_badges",
    "requests_at",
    "role_words",
    "standing_at",
    "vouchers_of",
    "ward_name",
]
