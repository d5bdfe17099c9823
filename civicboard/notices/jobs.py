"""What the clock does with notices."""

from __future__ import annotations

from civicboard.kit.work import Desk
from civicboard.notices import actions


async def forget(desk: Desk) -> None:
    """Forget what was read long ago. Call it each hour or so; twice does no harm."""
    async with desk.writing() as work:
        await actions.forget_read(work)
