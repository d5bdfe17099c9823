"""Posting a problem, and editing what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from civicboard.kit.work import Conflict, SentAlready, Unfit, Work, find_sent, require
from civicboard.places.queries import find_place_named
from civicboard.problems import policy
from civicboard.problems.actions.keeping import keep_revision, moved, slug_of
from civicboard.problems.events import ProblemEdited, ProblemPosted
from civicboard.problems.models import Follow, Problem
from civicboard.problems.queries import find_first_revision, find_problem_to_change

SIGN_IN = "Please sign in first."
NOT_POSTER = "Only the person who posted a problem can edit its words."
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


async def find_posted(work: Work, told: Told, form_key: str | None) -> Posted | None:
    """The problem that this sending of the form has posted already.

    Raises SentAlready when it said something else then, Unfit for a place that we don't know.
    """
    before = await find_sent(work, Problem, form_key, by=Problem.poster_id)
    if before is None:
        return None
    first = await find_first_revision(work, before.id)
    words_then = (first.title, first.story, first.help_wanted, first.tags)
    where_then = (first.place_id, first.whereabouts, first.latitude, first.longitude)
    words_now = (told.title, told.story, told.help_wanted, list(told.tags))
    where_now = (await _place_id(work, told.place), told.whereabouts, *(told.coordinates or (None, None)))
    if (words_then, where_then) != (words_now, where_now):
        raise SentAlready(SENT_ALREADY)
    return Posted(before.id, before.slug)


async def post_problem(work: Work, told: Told, *, form_key: str | None = None) -> Posted:
    """Put a problem on the board. Its poster follows it from then on.

    Returns the same one for a form that had been sent before. Raises as ``find_posted`` does.
    """
    require(policy.may_post(work.viewer), SIGN_IN)
    await work.one_at_a_time(form_key)
    if before := await find_posted(work, told, form_key):
        return before
    place_id = await _place_id(work, told.place)
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
    work.session.add(Follow(problem_id=problem.id, person_id=_me(work), since=work.now))
    work.record(ProblemPosted(problem.id))
    return Posted(problem.id, problem.slug)


async def edit_problem(work: Work, number: int, told: Told, *, why: str, seen_revision: int) -> Posted:
    """Change what a problem says; what it said before stays readable.

    Raises Conflict when it was edited since the revision that the editor saw.
    """
    problem = await find_problem_to_change(work, number)
    require(policy.may_edit(work.viewer, problem.poster_id), NOT_POSTER)
    if problem.revision_count != seen_revision:
        raise Conflict("This was edited in another tab meanwhile. Have a look at how it reads now, then edit again.")
    problem.place_id = await _place_id(work, told.place)
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


async def _place_id(work: Work, name: str) -> int | None:
    if not name:
        return None
    place = await find_place_named(work, name)
    if place is None:
        raise Unfit("place", "We don't know a place of that name. Choose one from the list, or leave it empty.")
    return place.id


def _me(work: Work) -> int:
    require(work.viewer.id is not None, SIGN_IN)
    return work.viewer.id or 0
