"""Which problems somebody has open, wherever: the only ones whose pages need hear of what they show to few."""

from __future__ import annotations

from sqlalchemy import select

from civicboard.kit.presence import watched
from civicboard.kit.work import Work
from civicboard.offers.models import Need
from civicboard.problems.models import Problem

#: So many at most, those that moved last.
MOST_WATCHED = 50


async def watched_with_needs(work: Work) -> list[int]:
    """The numbers of the problems whose page somebody has open, and that need something."""
    topics = await work.session.scalars(watched("problem:"))
    numbers = [int(number) for _, _, number in (topic.partition(":") for topic in topics) if number.isdecimal()]
    open_need = select(Need.id).where(Need.problem_id == Problem.id, Need.state == "open")
    found = await work.session.scalars(
        select(Problem.id)
        .where(Problem.id.in_(numbers), Problem.stage != "sorted", open_need.exists())
        .order_by(Problem.moved_at.desc())
        .limit(MOST_WATCHED)
    )
    return list(found)
