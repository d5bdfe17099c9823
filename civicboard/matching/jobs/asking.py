"""What the clock does with asks: rings move outward, the board asks round, and what waits or lapsed is seen to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from civicboard.kit.work import Desk, Work
from civicboard.matching.actions.delivering import deliver_ask, lapse_ask
from civicboard.matching.actions.rounds import ask_around, move_ring
from civicboard.matching.policy.customs import Customs
from civicboard.matching.queries.rings import needs_to_ask_for, needs_to_move
from civicboard.matching.queries.turns import asks_due, asks_overdue

log = structlog.get_logger()


async def deliver(desk: Desk, customs: Customs, payload: dict[str, Any]) -> None:
    """The errand ``deliver_ask``: put one ask to its person, or leave it to the clock until they may be asked."""
    async with desk.writing() as work:
        await deliver_ask(work, int(payload["id"]), zone=customs.zone)


async def mind_asks(desk: Desk, customs: Customs) -> None:
    """Do what is due.

    Each is a deed of its own, and is asked again under its lock whether it still is due: so the job may be killed
    halfway, and two may run at once.
    """
    await _each(desk, needs_to_move, move_ring)
    await _each(desk, needs_to_ask_for, lambda work, one: ask_around(work, one, customs=customs))
    await _each(desk, asks_overdue, lapse_ask)
    await _each(desk, asks_due, lambda work, one: deliver_ask(work, one, zone=customs.zone))


async def _each(
    desk: Desk, due: Callable[[Work], Awaitable[list[int]]], do: Callable[[Work, int], Awaitable[object]]
) -> None:
    async with desk.reading() as work:
        found = await due(work)
    for one in found:
        try:
            async with desk.writing() as work:
                await do(work, one)
        except Exception as error:  # one that can't be done doesn't hold up the others
            log.warning("ask_waits", id=one, deed=due.__name__, error=type(error).__name__, detail=str(error)[:200])
