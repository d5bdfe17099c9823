"""What is done later, or by the clock, about what is for whom."""

from __future__ import annotations

import contextlib
from typing import Any

from civicboard.board.actions import tell_helped, tell_of_alike, tell_of_question, tell_of_silence, tell_pages
from civicboard.board.queries.for_you import problems_fallen_silent
from civicboard.kit.jobs import each
from civicboard.kit.work import Desk, Missing
from civicboard.matching.policy.scoring import Weights


async def suit(desk: Desk, payload: dict[str, Any]) -> None:
    """The errand ``suit``: tell the open pages of people whom a problem may fit. Twice does no harm.

    With ``changed`` in its payload it is nothing new, and those hear of it too on whose pages it stands already. With
    ``read`` a model has just read it, so it may fit others than it did by tags and words. With a ``post_id`` it is
    about what somebody asked there, and with ``like`` for those who have a problem like it.
    """
    with contextlib.suppress(Missing):  # it went before anybody came to it
        async with desk.writing() as work:
            if "post_id" in payload:
                await tell_of_question(work, int(payload["problem_id"]), int(payload["post_id"]))
                return
            if payload.get("like"):
                await tell_of_alike(work, int(payload["problem_id"]))
                return
            told = {name: bool(payload.get(name)) for name in ("changed", "read")}
            await tell_pages(work, int(payload["problem_id"]), **told)


async def suit_person(desk: Desk, payload: dict[str, Any], weights: Weights) -> None:
    """The errand ``suit_person``: tell the open pages of problems that somebody may be among those who could help."""
    async with desk.writing() as work:
        await tell_helped(work, int(payload["person_id"]), weights)


async def mind_silence(desk: Desk) -> None:
    """By the clock: a problem on which nobody says anything is a question for who could.

    Each is a deed of its own, and is asked again under its lock whether it is due still: so the job may be killed
    halfway, and two may run at once.
    """
    await each(desk, problems_fallen_silent, tell_of_silence)
