"""What the clock does with accounts."""

from __future__ import annotations

from civicboard.kit.work import Desk
from civicboard.people import actions


async def tidy(desk: Desk) -> None:
    """Forget what is no longer needed. Call it each hour or so; twice does no harm."""
    async with desk.writing() as work:
        await actions.forget_old(work)
