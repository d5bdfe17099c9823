"""Replies and updates that have the words, or mean something like them; and how problems ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from civicboard.board.queries.search.asked import (
    MOST_FOUND,
    Findings,
    Search,
    candidates,
    headline,
    match_columns,
    match_of,
)
from civicboard.board.queries.search.ranking import kept_of, reasons
from civicboard.kit.work import Work
from civicboard.matching.models import OUTCOME_SEARCH, OUTCOME_STAGES
from civicboard.people.models import Person
from civicboard.posts.models import Post
from civicboard.problems.models import STAGES, Problem
from civicboard.progress.models import StageChange


@dataclass(frozen=True, slots=True)
class FoundPost:
    id: int
    problem_id: int
    title: str
    author_name: str
    headline: str
    posted_at: datetime
    reasons: Sequence[str] = ()


async def search_posts(work: Work, wanted: Search | str, *, most: int = 10) -> Findings[FoundPost]:
    """At most so many, the best first."""
    if isinstance(wanted, str):
        wanted = Search(words=wanted)
    visible = _of_problem(wanted, Post.problem_id)
    asked = wanted

    def by_words(query: ColumnElement[Any]) -> Select[Any]:
        having = select(Post.id.label("id")).where(Post.search.op("@@")(query), *visible)
        return having.order_by(Post.posted_at.desc()).limit(MOST_FOUND)

    found = candidates(asked, "post", by_words, visible, Post.id)
    about = select(Post.id, *match_columns(asked, "post", Post.id, Post.search)).join(found, found.c.id == Post.id)
    rows = (await work.session.execute(about, asked.values())).all()
    matches = {row.id: match_of(row[1:]) for row in rows}
    ids = list(matches)
    kept = [
        ids[position] for position in kept_of(list(matches.values()), least=asked.least, by_meaning=asked.by_meaning)
    ]
    best = kept[:most]
    if not best:
        return Findings()
    shown = await work.session.execute(
        select(Post.id, Post.problem_id, Problem.title, Person.name, headline(Post.words, asked), Post.posted_at)
        .join(Problem, Problem.id == Post.problem_id)
        .join(Person, Person.id == Post.author_id)
        .where(Post.id.in_(best)),
        asked.values(),
    )
    posts = {row[0]: FoundPost(*row, reasons(matches[row[0]], asked.each_word)) for row in shown}
    return Findings([posts[number] for number in best if number in posts], len(kept))


@dataclass(frozen=True, slots=True)
class FoundOutcome:
    """How a problem came to an end, in the words of whoever said so."""

    id: int
    problem_id: int
    title: str
    slug: str
    to_stage: str
    headline: str
    changed_at: datetime
    reasons: Sequence[str] = ()

    @property
    def stage_words(self) -> str:
        return STAGES[self.to_stage]

    @property
    def path(self) -> str:
        return f"/problems/{self.problem_id}/{self.slug}#stage-{self.id}"


async def search_outcomes(work: Work, wanted: Search, *, most: int = 10) -> Findings[FoundOutcome]:
    """At most so many, the best first."""
    visible = [
        StageChange.to_stage.in_(OUTCOME_STAGES),
        StageChange.why != "",
        *_of_problem(wanted, StageChange.problem_id),
    ]

    def by_words(query: ColumnElement[Any]) -> Select[Any]:
        having = select(StageChange.id.label("id")).where(OUTCOME_SEARCH.op("@@")(query), *visible)
        return having.order_by(StageChange.id.desc()).limit(MOST_FOUND)

    found = candidates(wanted, "outcome", by_words, visible, StageChange.id)
    about = select(StageChange.id, *match_columns(wanted, "outcome", StageChange.id, OUTCOME_SEARCH))
    rows = (await work.session.execute(about.join(found, found.c.id == StageChange.id), wanted.values())).all()
    matches = {row.id: match_of(row[1:]) for row in rows}
    ids = list(matches)
    kept = [
        ids[position] for position in kept_of(list(matches.values()), least=wanted.least, by_meaning=wanted.by_meaning)
    ]
    best = kept[:most]
    if not best:
        return Findings()
    columns = (
        *(StageChange.id, Problem.id, Problem.title, Problem.slug, StageChange.to_stage),
        *(headline(StageChange.why, wanted), StageChange.changed_at),
    )
    shown = await work.session.execute(
        select(*columns).join(Problem, Problem.id == StageChange.problem_id).where(StageChange.id.in_(best)),
        wanted.values(),
    )
    outcomes = {row[0]: FoundOutcome(*row, reasons(matches[row[0]], wanted.each_word)) for row in shown}
    return Findings([outcomes[number] for number in best if number in outcomes], len(kept))


def _of_problem(wanted: Search, problem_id: Any) -> list[ColumnElement[bool]]:
    """What must be true of the problem that it belongs to."""
    conditions = wanted.of_problem()
    return [select(Problem.id).where(Problem.id == problem_id, *conditions).exists()] if conditions else []
