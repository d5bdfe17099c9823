"""Facts about who belongs where."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True)
class AffiliationChanged(Event):
    """Somebody belongs to an organisation from now on, or no longer, or in another role: their badge is another."""

    organisation_id: int
    person_id: int


@dataclass(frozen=True)
class AffiliationAsked(Event):
    """Somebody asks an organisation's stewards to confirm that they belong to it."""

    organisation_id: int
    person_id: int
    request_id: int


@dataclass(frozen=True)
class AffiliationAnswered(Event):
    """A steward has confirmed or declined what ``person_id`` asked."""

    organisation_id: int
    person_id: int
    request_id: int
