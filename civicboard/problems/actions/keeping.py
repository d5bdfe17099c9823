"""What every change to a problem keeps: when it moved, and what it said."""

from __future__ import annotations

from civicboard.kit.text import slug
from civicboard.kit.work import Work
from civicboard.problems.models import Problem, Revision

#: Words that stand for a page of a problem, and so can't be the readable part of its address.
PAGES = frozenset({"affected", "edit", "follow", "history", "needs", "network", "offers", "posts", "stage"})


def slug_of(title: str) -> str:
    """The readable part of a problem's address."""
    made = slug(title)
    return f"{made}-problem" if made in PAGES else made


def moved(work: Work, problem: Problem) -> None:
    """Something happened to it: it goes to the top of the board, and its rendered pieces are out of date."""
    problem.moved_at = work.now
    problem.version += 1


def keep_revision(work: Work, problem: Problem, *, why: str) -> None:
    """Keep what the problem says now as its newest revision; ``why`` it was changed, in a line, or empty."""
    work.session.add(
        Revision(
            problem_id=problem.id,
            number=problem.revision_count,
            by_id=work.viewer.id,
            made_at=work.now,
            title=problem.title,
            story=problem.story,
            whereabouts=problem.whereabouts,
            help_wanted=problem.help_wanted,
            tags=list(problem.tags),
            place_id=problem.place_id,
            latitude=problem.latitude,
            longitude=problem.longitude,
            why=why,
        )
    )
