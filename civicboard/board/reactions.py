"""What is left to a worker when something new may be for somebody."""

from __future__ import annotations

from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.problems.events import ProblemPosted

ERRAND = "suit"


@upon(ProblemPosted)
async def look_for_people(work: Work, happened: ProblemPosted) -> None:
    """Not within the deed: it takes longer the more people there are."""
    work.leave(ERRAND, problem_id=happened.problem_id)


REACTIONS: list[Reaction] = [look_for_people]
