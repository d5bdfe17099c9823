"""What people do about where they belong, and what the board says of organisations."""

from __future__ import annotations

from civicboard.organisations.actions.adding import put_organisation
from civicboard.organisations.actions.belonging import (
    appoint,
    belong,
    confirm_request,
    decline_request,
    end_affiliation,
    leave,
    name_steward,
    review,
)

__all__ = [
    "appoint",
    "belong",
    "confirm_request",
    "decline_request",
    "end_affiliation",
    "leave",
    "name_steward",
    "put_organisation",
    "review",
]
