"""Taking in reports that were made elsewhere.

There is no policy to ask: whoever can run the import holds the database anyway, and no page leads here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

from civicboard.kit.outbox import Event
from civicboard.kit.work import Unfit, Work
from civicboard.problems.actions.keeping import keep_revision, slug_of
from civicboard.problems.events import ProblemEdited, ProblemPosted
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_imported_to_change

Kept = Literal["added", "updated", "unchanged"]

#: A report in which nothing has happened for longer than this is no news: open pages are not told of it.
NEWS = timedelta(days=1)

#: Stages from which its source may move a report on. The others say what people here found out.
_THEIRS = ("open", "exploring", "passed_on")


class Reported(Protocol):
    """What a report says, and by which ``source_id`` its ``source`` knows it."""

    @property
    def source(self) -> str: ...
    @property
    def source_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def story(self) -> str: ...
    @property
    def coordinates(self) -> tuple[float, float] | None: ...
    @property
    def tags(self) -> Sequence[str]: ...
    @property
    def stage(self) -> str: ...
    @property
    def posted_at(self) -> datetime | None: ...
    @property
    def moved_at(self) -> datetime | None: ...


async def keep_report(work: Work, told: Reported) -> Kept:
    """Put a report on the board, or bring the problem that it became up to date. Doing it twice does no harm.

    Raises Unfit for a date that lies in the future.
    """
    if told.moved_at and told.moved_at > work.now + timedelta(days=1):
        raise Unfit("moved_at", "A date of it lies in the future.")
    kept: Kept
    event: Event
    problem = await find_imported_to_change(work, told.source, told.source_id)
    if problem is None:
        problem = await _add(work, told)
        kept, event = "added", ProblemPosted(problem.id)
    elif _update(work, problem, told):
        kept, event = "updated", ProblemEdited(problem.id)
    else:
        return "unchanged"
    # What the database refuses is refused here, before anything is recorded.
    await work.session.flush()
    if told.moved_at is None or told.moved_at > work.now - NEWS:
        work.record(event)
    return kept


async def _add(work: Work, told: Reported) -> Problem:
    posted_at = told.posted_at or told.moved_at or work.now
    latitude, longitude = told.coordinates or (None, None)
    problem = Problem(
        title=told.title,
        slug=slug_of(told.title),
        story=told.story,
        posted_at=posted_at,
        moved_at=told.moved_at or posted_at,
        poster_id=None,
        latitude=latitude,
        longitude=longitude,
        tags=list(told.tags),
        stage=told.stage,
        source=told.source,
        source_id=told.source_id,
    )
    work.session.add(problem)
    await work.session.flush()
    keep_revision(work, problem, why="")
    return problem


def _update(work: Work, problem: Problem, told: Reported) -> bool:
    """Bring it up to date; False when there was nothing to bring."""
    new_words = (problem.title, problem.story, problem.tags) != (told.title, told.story, list(told.tags))
    where = told.coordinates or (None, None)
    posted_at = told.posted_at or problem.posted_at
    if not new_words and (problem.latitude, problem.longitude) == where and problem.posted_at == posted_at:
        return False
    problem.latitude, problem.longitude = where
    problem.posted_at = posted_at
    if told.moved_at:
        problem.moved_at = max(problem.moved_at, told.moved_at)
    problem.version += 1
    if new_words:
        # The story tells what became of the report elsewhere: only when that is new may the stage follow.
        if problem.stage in _THEIRS:
            problem.stage = told.stage
        problem.title, problem.slug, problem.story = told.title, slug_of(told.title), told.story
        problem.tags = list(told.tags)
        problem.revision_count += 1
        keep_revision(work, problem, why="It changed where it came from.")
    return True
