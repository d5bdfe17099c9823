"""What is done later about what is for whom."""

from __future__ import annotations

import contextlib
from typing import Any

from civicboard.board.actions import tell_pages
from civicboard.kit.work import Desk, Missing


async def suit(desk: Desk, payload: dict[str, Any]) -> None:
    """The errand ``suit``: tell the open pages of people whom a problem may fit. Twice does no harm.

    With ``changed`` in its payload it is nothing new, and those hear of it too on whose pages it stands already.
    """
    with contextlib.suppress(Missing):  # it went before anybody came to it
        async with desk.writing() as work:
            await tell_pages(work, int(payload["problem_id"]), changed=bool(payload.get("changed")))
