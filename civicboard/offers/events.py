"""Facts about needs and offers."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True)
class NeedAdded(Event):
    problem_id: int
    need_id: int


@dataclass(frozen=True)
class NeedChanged(Event):
    """Anything about it: its words, its state, how many offers there are to it."""

    problem_id: int
    need_id: int


@dataclass(frozen=True)
class NeedEdited(Event):
    """Its words: what names the need is no longer up to date. It comes with a NeedChanged."""

    problem_id: int
    need_id: int


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


@dataclass(frozen=True)
class OfferLapsed(Event):
    """Nobody answered it in time: its helper is owed an apology, and something that fits better."""

    problem_id: int
    offer_id: int


@dataclass(frozen=True)
class OfferEnded(Event):
    """It was welcomed, and is done or over by its date: both sides may say thanks."""

    problem_id: int
    offer_id: int
