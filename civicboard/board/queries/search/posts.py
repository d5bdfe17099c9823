"""Replies and updates that have the words, or mean something like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from civicboard.board.policy import kept_of, reasons
from civicboard.board.queries.search.asked import (
    MOST_FOUND,
    QUERY,
    Search,
    candidates,
    headline,
    match_columns,
    match_of,
)
from civicboard.kit.work import Work
from civicboard.people.models import Person
from civicboard.posts.models import Post
from civicboard.problems.models import Problem


@dataclass(frozen=True, slots=True)
class FoundPost:
    id: int
    problem_id: int
    title: str
    author_name: str
    headline: str
    posted_at: datetime
    reasons: Sequence[str] = ()


async def search_posts(work: Work, wanted: Search | str, *, most: int = 10) -> list[FoundPost]:
    """At most so many, the best first."""
    if isinstance(wanted, str):
        wanted = Search(words=wanted)
    conditions = wanted.of_problem()
    by_words = select(Post.id.label("id")).where(Post.search.op("@@")(QUERY))
    visible = []
    if conditions:
        of_it = select(Problem.id).where(Problem.id == Post.problem_id, *conditions).exists()
        by_words, visible = by_words.where(of_it), [of_it]
    by_words = by_words.order_by(Post.posted_at.desc()).limit(MOST_FOUND)
    found = candidates(wanted, "post", by_words, visible, Post.id)
    about = select(Post.id, *match_columns(wanted, "post", Post.id, Post.search)).join(found, found.c.id == Post.id)
    rows = (await work.session.execute(about, wanted.values())).all()
    matches = {row.id: match_of(row[1:]) for row in rows}
    ids = list(matches)
    best = [ids[position] for position in kept_of(list(matches.values()), least=wanted.least)][:most]
    if not best:
        return []
    shown = await work.session.execute(
        select(Post.id, Post.problem_id, Problem.title, Person.name, headline(Post.words, wanted), Post.posted_at)
        .join(Problem, Problem.id == Post.problem_id)
        .join(Person, Person.id == Post.author_id)
        .where(Post.id.in_(best))
    )
    posts = {row[0]: FoundPost(*row, reasons(matches[row[0]], wanted.each_word, wanted.words)) for row in shown}
    return [posts[number] for number in best if number in posts]
