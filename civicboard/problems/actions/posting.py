"""Posting a problem, and editing what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from civicboard.kit.work import Conflict, SentAlready, Work, require
from civicboard.places.queries import find_place_chosen
from civicboard.problems import policy
from civicboard.problems.actions.keeping import keep_revision, moved, slug_of
from civicboard.problems.events import ProblemEdited, ProblemPosted
from civicboard.problems.models import Follow, Problem, Revision
from civicboard.problems.queries import find_first_revision, find_problem_to_change, find_sent_problem

SIGN_IN = "Please sign in first."
NOT_POSTER = "Only the person who posted a problem can edit its words."
WISH_MOVED = "What would help is a need of its own now."
EDITED_MEANWHILE = "This was edited in another tab meanwhile. Have a look at how it reads now, then edit again."
SENT_ALREADY = (
    "This was posted already, with other words: you find it under Mine. To change it, edit it; to post this as well,"
    " send it again."
)


class Told(Protocol):
    """What a problem says, however it was told: by a form, the API or an import."""

    @property
    def title(self) -> str: ...
    @property
    def story(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def whereabouts(self) -> str: ...
    @property
    def coordinates(self) -> tuple[float, float] | None: ...
    @property
    def tags(self) -> Sequence[str]: ...
    @property
    def help_wanted(self) -> str: ...


@dataclass(frozen=True)
class Posted:
    """Which problem a posting made."""

    id: int
    slug: str

    @property
    def path(self) -> str:
        return f"/problems/{self.id}/{self.slug}"


async def post_problem(work: Work, told: Told, *, form_key: str | None = None) -> Posted:
    """Put a problem on the board. Its poster follows it from then on.

    Returns the same one for a form that had been sent before. Raises SentAlready when it said something else then,
    Unfit for a place that we don't know.
    """
    require(policy.may_post(work.viewer), SIGN_IN)
    assert work.viewer.id is not None  # the policy has just said so
    await work.one_at_a_time(form_key)
    place_id = await find_place_chosen(work, told.place)
    if before := await find_sent_problem(work, form_key):
        if _kept_in(await find_first_revision(work, before.id)) != _kept_of(told, place_id):
            raise SentAlready(SENT_ALREADY)
        return Posted(before.id, before.slug)
    problem = Problem(
        title=told.title,
        slug=slug_of(told.title),
        story=told.story,
        posted_at=work.now,
        moved_at=work.now,
        poster_id=work.viewer.id,
        place_id=place_id,
        whereabouts=told.whereabouts,
        latitude=told.coordinates[0] if told.coordinates else None,
        longitude=told.coordinates[1] if told.coordinates else None,
        tags=list(told.tags),
        help_wanted=told.help_wanted,
        follower_count=1,
        form_key=form_key or None,
    )
    work.session.add(problem)
    await work.session.flush()
    keep_revision(work, problem, why="")
    work.session.add(Follow(problem_id=problem.id, person_id=work.viewer.id, since=work.now))
    work.record(ProblemPosted(problem.id))
    return Posted(problem.id, problem.slug)


async def edit_problem(work: Work, number: int, told: Told, *, why: str, seen_revision: int) -> Posted:
    """Change what a problem says; what it said before stays readable. Without a change nothing happens.

    Raises Conflict when it was edited since the revision that the editor saw, Unfit for a place that we don't know.
    """
    problem = await find_problem_to_change(work, number)
    require(policy.may_edit(work.viewer, problem.poster_id), NOT_POSTER)
    place_id = await find_place_chosen(work, told.place)
    # The revision before: it was saved, the answer was lost, and now it comes again.
    seen_last = problem.revision_count - seen_revision in (0, 1)
    if seen_last and _kept_in(problem) == _kept_of(told, place_id):
        return Posted(problem.id, problem.slug)
    if problem.revision_count != seen_revision:
        raise Conflict(EDITED_MEANWHILE)
    problem.place_id = place_id
    problem.title, problem.slug, problem.story = told.title, slug_of(told.title), told.story
    problem.whereabouts, problem.help_wanted, problem.tags = (
        told.whereabouts,
        told.help_wanted,
        list(told.tags),
    )
    problem.latitude, problem.longitude = told.coordinates or (None, None)
    problem.revision_count += 1
    moved(work, problem)
    keep_revision(work, problem, why=why)
    work.record(ProblemEdited(problem.id))
    return Posted(problem.id, problem.slug)


def move_wish(work: Work, problem: Problem) -> None:
    """What its poster said would help is a need of its own from now on, and no longer stands in the story."""
    if not problem.help_wanted or not policy.may_edit(work.viewer, problem.poster_id):
        return
    problem.help_wanted = ""
    problem.revision_count += 1
    moved(work, problem)
    keep_revision(work, problem, why=WISH_MOVED)
    work.record(ProblemEdited(problem.id))


def _kept_in(kept: Problem | Revision) -> tuple[object, ...]:
    """All that a problem says, or said, in its poster's words."""
    where = (kept.place_id, kept.whereabouts, kept.latitude, kept.longitude)
    return (kept.title, kept.story, kept.help_wanted, kept.tags, *where)


def _kept_of(told: Told, place_id: int | None) -> tuple[object, ...]:
    """The same of what is told now."""
    where = (place_id, told.whereabouts, *(told.coordinates or (None, None)))
    return (told.title, told.story, told.help_wanted, list(told.tags), *where)
