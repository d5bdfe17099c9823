"""Every SELECT of the search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    func,
    literal,
    select,
)

from civicboard.board.queries.cards import Card
from civicboard.kit.text import excerpt
from civicboard.kit.work import Work
from civicboard.networks.queries import faces_on
from civicboard.people.models import Person
from civicboard.posts.models import Post
from civicboard.problems.models import Problem
from civicboard.problems.queries import as_rows, problem_rows


@dataclass(frozen=True, slots=True)
class Found:
    """A problem that a search found: ``headline`` has the matching words between U+0002 and U+0003."""

    card: Card
    headline: str
    #: Whether it is only spelled like what was asked for.
    close: bool


@dataclass(frozen=True, slots=True)
class FoundPost:
    id: int
    problem_id: int
    title: str
    author_name: str
    headline: str
    posted_at: datetime


MOST_FOUND = 30
#: Ranking every match of a common word is slow and says little: the newest this many are ranked.
MOST_RANKED = 200
#: So many that are spelled alike are compared; more would say little, and take long.
MOST_ALIKE = 500
_HEADLINE = "StartSel=\u0002, StopSel=\u0003, MaxWords=30, MinWords=12, MaxFragments=1"


async def search_problems(work: Work, words: str, *, most: int = MOST_FOUND) -> list[Found]:
    """At most so many problems that have these words, best first; if there are none, those that are spelled alike.

    Accents don't matter.
    """
    query = func.websearch_to_tsquery("civic", words)
    newest = (
        select(Problem.id, Problem.search, Problem.story, Problem.moved_at)
        .where(Problem.search.op("@@")(query))
        .order_by(Problem.moved_at.desc())
        .limit(MOST_RANKED)
        .subquery()
    )
    best = (
        select(newest.c.id, newest.c.story)
        .order_by(func.ts_rank(newest.c.search, query).desc(), newest.c.moved_at.desc())
        .limit(most)
        .subquery()
    )
    exact = await work.session.execute(select(best.c.id, func.ts_headline("civic", best.c.story, query, _HEADLINE)))
    headlines: dict[int, tuple[str, bool]] = {number: (headline, False) for number, headline in exact}
    if not headlines:
        for number, story in await _spelled_alike(work, words):
            headlines.setdefault(number, (excerpt(story, 200), True))
    if not headlines:
        return []
    rows = problem_rows().where(Problem.id.in_(list(headlines)))
    problems = {row.id: row for row in as_rows((await work.session.execute(rows)).mappings().all())}
    faces = await faces_on(work, headlines)
    return [
        Found(Card(problems[number], faces.get(number, [])), headline, close)
        for number, (headline, close) in headlines.items()
        if number in problems
    ]


async def _spelled_alike(work: Work, words: str) -> list[tuple[int, str]]:
    """Problems where each word, of three letters or more, is nearly in the title, the tags or the whereabouts.

    Not in the whole story: comparing long texts by their letters took seconds at 100,000 problems.
    """
    asked = [word for word in words.split()[:6] if len(word) >= 3]
    if not asked:
        return []
    folded = [func.civic_fold(word) for word in asked]
    alike = (
        select(Problem.id, Problem.story, Problem.search_text, Problem.moved_at)
        .where(*(word.op("<%")(Problem.search_text) for word in folded))
        .limit(MOST_ALIKE)
        .subquery()
    )
    likeness = sum((func.word_similarity(word, alike.c.search_text) for word in folded), literal(0.0))
    found = await work.session.execute(
        select(alike.c.id, alike.c.story).order_by(likeness.desc(), alike.c.moved_at.desc()).limit(MOST_FOUND)
    )
    return [(number, story) for number, story in found]


async def search_posts(work: Work, words: str, *, most: int = 10) -> list[FoundPost]:
    """Replies and updates that have these words, the newest first."""
    query = func.websearch_to_tsquery("civic", words)
    newest = (
        select(Post.id, Post.problem_id, Post.words, Post.author_id, Post.posted_at)
        .where(Post.search.op("@@")(query))
        .order_by(Post.posted_at.desc())
        .limit(most)
        .subquery()
    )
    found = await work.session.execute(
        select(
            newest.c.id,
            newest.c.problem_id,
            Problem.title,
            Person.name,
            func.ts_headline("civic", newest.c.words, query, _HEADLINE),
            newest.c.posted_at,
        )
        .join(Problem, Problem.id == newest.c.problem_id)
        .join(Person, Person.id == newest.c.author_id)
        .order_by(newest.c.posted_at.desc())
    )
    return [FoundPost(*row) for row in found]
