"""Facts about offers."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True)
class OfferMade(Event):
    problem_id: int
    offer_id: int


@dataclass(frozen=True)
class OfferWelcomed(Event):
    """The poster said yes: the helper is one of the problem's people from then on."""

    problem_id: int
    offer_id: int


@dataclass(frozen=True)
class OfferDeclined(Event):
    problem_id: int
    offer_id: int


@dataclass(frozen=True)
class OfferWithdrawn(Event):
    """The helper took it back, before or after it was welcomed."""

    problem_id: int
    offer_id: int
