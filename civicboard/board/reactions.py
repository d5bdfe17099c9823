"""What follows on the pages that gather several features, at once or by a worker."""

from __future__ import annotations

from civicboard.board.events import BadgeChanged
from civicboard.board.queries.badges import problems_with
from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.offers.events import NeedAdded
from civicboard.organisations.events import AffiliationChanged
from civicboard.problems.events import ProblemPosted

#: Open pages of so many problems show it at once, those that moved last. The others do when they are next asked for.
MOST_PROBLEMS = 50
ERRAND = "suit"


@upon(AffiliationChanged)
async def change_badges(work: Work, happened: AffiliationChanged) -> None:
    """What stands beside a name is another on every page that shows the name."""
    for number in await problems_with(work, happened.person_id, most=MOST_PROBLEMS):
        work.record(BadgeChanged(number, happened.person_id))


@upon(ProblemPosted)
@upon(NeedAdded)
async def look_for_people(work: Work, happened: ProblemPosted | NeedAdded) -> None:
    """Not within the deed: it takes longer the more people there are."""
    work.leave(ERRAND, problem_id=happened.problem_id)


REACTIONS: list[Reaction] = [change_badges, look_for_people]
