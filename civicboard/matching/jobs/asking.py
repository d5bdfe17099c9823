"""What the clock does with asks: rings move outward, the board asks round, and what waits or lapsed is seen to."""

from __future__ import annotations

from typing import Any

from civicboard.kit.jobs import each
from civicboard.kit.work import Desk
from civicboard.matching.actions.delivering import deliver_ask, lapse_ask
from civicboard.matching.actions.rounds import ask_around, move_ring
from civicboard.matching.policy.config import MatchingConfig
from civicboard.matching.queries.rings import needs_to_ask_for, needs_to_move
from civicboard.matching.queries.turns import asks_due, asks_overdue


async def deliver(desk: Desk, config: MatchingConfig, payload: dict[str, Any]) -> None:
    """The errand ``deliver_ask``: put one ask to its person, or leave it to the clock until they may be asked."""
    async with desk.writing() as work:
        await deliver_ask(work, int(payload["id"]), zone=config.zone)


async def mind_asks(desk: Desk, config: MatchingConfig) -> None:
    """Do what is due.

    Each is a deed of its own, and is asked again under its lock whether it still is due: so the job may be killed
    halfway, and two may run at once.
    """
    await each(desk, needs_to_move, move_ring)
    await each(desk, needs_to_ask_for, lambda work, one: ask_around(work, one, config=config))
    await each(desk, asks_overdue, lapse_ask)
    await each(desk, asks_due, lambda work, one: deliver_ask(work, one, zone=config.zone))
