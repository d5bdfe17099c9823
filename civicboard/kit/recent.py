"""What was just made is given again for a moment, and made by one for all who ask meanwhile.

It is for what is the same for everybody and may be a moment old: pages for strangers, the lists of a filter. Each
process has its own. A deed of this process makes it forget, so that nobody misses what they just did here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Recent:
    """Values by key. Past ``most`` of them it begins anew: they live for seconds only."""

    def __init__(self, *, most: int = 500, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, Any]] = {}
        self._making: dict[Hashable, asyncio.Task[Any]] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[T]], *, seconds: float) -> T:
        """The value for ``key``, no older than ``seconds``. Raises what ``make`` raises, and keeps nothing then."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] > self._clock():
            value: T = kept[1]
            return value
        task = self._making.get(key)
        if task is None:
            task = asyncio.ensure_future(self._make(key, make, seconds))
            self._making[key] = task
            task.add_done_callback(lambda done: self._made(key, done))
        # Whoever gives up does not take it away from the others who wait.
        made: T = await asyncio.shield(task)
        return made

    def forget(self) -> None:
        """Forget all of it. What is being made now is given to those who wait, and not kept."""
        self._kept.clear()
        self._making.clear()

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[T]], seconds: float) -> T:
        value = await make()
        if self._making.get(key) is asyncio.current_task():
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[key] = (self._clock() + seconds, value)
        return value

    def _made(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        if self._making.get(key) is task:
            del self._making[key]
        if not task.cancelled():
            task.exception()  # those who waited have heard of it
