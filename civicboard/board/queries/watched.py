"""Which problems somebody has open, wherever: the only ones whose pages need hear of what they show to few."""

from __future__ import annotations

from sqlalchemy import func, select, text

from civicboard.kit.presence import presence_table
from civicboard.kit.work import Work
from civicboard.offers.models import Need
from civicboard.problems.models import Problem

#: So many at most, those that moved last.
MOST_WATCHED = 100
#: Each process says every second and a half whom it serves; one that has said nothing for so long is gone.
SAID_WITHIN = text("interval '20 seconds'")


async def watched_with_needs(work: Work) -> list[int]:
    """The numbers of the problems whose page somebody has open, and that need something."""
    topics = await work.session.scalars(
        select(presence_table.c.topic)
        .distinct()
        .where(presence_table.c.topic.like("problem:%"), presence_table.c.seen_at > func.now() - SAID_WITHIN)
    )
    numbers = [int(topic.partition(":")[2]) for topic in topics]
    open_need = select(Need.id).where(Need.problem_id == Problem.id, Need.state == "open")
    found = await work.session.scalars(
        select(Problem.id)
        .where(Problem.id.in_(numbers), Problem.stage != "sorted", open_need.exists())
        .order_by(Problem.moved_at.desc())
        .limit(MOST_WATCHED)
    )
    return list(found)
