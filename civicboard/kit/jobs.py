"""What every job does that goes through a list: each one is a deed of its own, and none holds up the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import structlog

from civicboard.kit.work import Desk, Work

log = structlog.get_logger()


async def each(
    desk: Desk, due: Callable[[Work], Awaitable[Iterable[int]]], do: Callable[[Work, int], Awaitable[object]]
) -> None:
    """Look for what is due, and do it one by one. What can't be done waits for the next time, and the log says so.

    ``do`` asks again, under a lock, whether it still is due: then the job may be killed halfway, and two may run at
    once.
    """
    async with desk.reading() as work:
        found = await due(work)
    for one in found:
        try:
            async with desk.writing() as work:
                await do(work, one)
        except Exception as error:
            log.warning("one_waits", id=one, deed=due.__name__, error=type(error).__name__, detail=str(error)[:200])
