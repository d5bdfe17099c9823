"""Replies and updates that have the words, or mean something like them; and how problems ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from civicboard.board.queries.search.criteria import Findings, Search, Shape
from civicboard.board.queries.search.finding import (
    Asked,
    Source,
    beside_what_is_asked,
    candidate_columns,
    candidates,
    headline,
    is_one_of,
)
from civicboard.board.queries.search.kinds import search_kind
from civicboard.kit.reads import Statement
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
    asked = Search(words=wanted) if isinstance(wanted, str) else wanted
    return await search_kind(work, asked, partial(_posts, asked.shape), _shown_posts(asked.shape), FoundPost, most)


@cache
def _posts(shape: Shape, deep: int) -> Statement:
    asked, visible = Asked(shape), _of_problem(shape, Post.problem_id)
    source = Source("post", Post.id, Post.search, Post.posted_at, visible, narrows=bool(visible))
    found = candidates(asked, source, most=deep)
    columns = candidate_columns(asked, source, Post.search, found=found)
    return Statement(beside_what_is_asked(select(*columns).join(found, found.c.id == Post.id), asked))


@cache
def _shown_posts(shape: Shape) -> Statement:
    piece = headline(shape, Post.words)
    return Statement(
        select(Post.id, Post.problem_id, Problem.title, Person.name, piece, Post.posted_at)
        .join(Problem, Problem.id == Post.problem_id)
        .join(Person, Person.id == Post.author_id)
        .where(is_one_of(Post.id))
    )


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
    found = partial(_outcomes, wanted.shape)
    return await search_kind(work, wanted, found, _shown_outcomes(wanted.shape), FoundOutcome, most)


@cache
def _outcomes(shape: Shape, deep: int) -> Statement:
    of_problem = _of_problem(shape, StageChange.problem_id)
    at_an_end = or_(*(StageChange.to_stage == stage for stage in OUTCOME_STAGES))
    visible = [at_an_end, StageChange.why != "", *of_problem]
    asked, number = Asked(shape), StageChange.id
    source = Source("outcome", number, OUTCOME_SEARCH, number, visible, narrows=bool(of_problem))
    found = candidates(asked, source, most=deep)
    columns = candidate_columns(asked, source, OUTCOME_SEARCH, found=found)
    return Statement(beside_what_is_asked(select(*columns).join(found, found.c.id == number), asked))


@cache
def _shown_outcomes(shape: Shape) -> Statement:
    columns = (
        *(StageChange.id, Problem.id, Problem.title, Problem.slug, StageChange.to_stage),
        *(headline(shape, StageChange.why), StageChange.changed_at),
    )
    rows = select(*columns).join(Problem, Problem.id == StageChange.problem_id)
    return Statement(rows.where(is_one_of(StageChange.id)))


def _of_problem(shape: Shape, problem_id: Any) -> list[ColumnElement[bool]]:
    """What must be true of the problem that it belongs to."""
    conditions = shape.of_problem()
    return [select(Problem.id).where(Problem.id == problem_id, *conditions).exists()] if conditions else []
