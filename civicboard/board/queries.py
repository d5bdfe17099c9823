"""Every SELECT of the pages that gather several features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_

from civicboard.kit.text import excerpt
from civicboard.kit.work import Work
from civicboard.networks.models import Member
from civicboard.networks.queries import faces_on
from civicboard.people.models import Person
from civicboard.places.queries import places_within
from civicboard.posts.models import Post
from civicboard.problems.models import STAGES, Affected, Follow, Problem
from civicboard.problems.queries import ProblemRow, as_rows, find_problem, problem_rows

PAGE = 25
SORTS: dict[str, str] = {"moved": "Newest movement", "posted": "Newest", "affected": "Most affected"}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which problems a list shows, and in which order; it is the query string of the list's address.

    ``after`` is the key of the last notice of the page before: its sort value and its number.
    """

    place: str = ""
    stage: str = ""
    tag: str = ""
    needs: bool = False
    mine: bool = False
    sort: str = "moved"
    after: str = ""

    def query(self, **changes: object) -> str:
        """The list's address with some of this changed; a change of the filter starts at the first page."""
        changed = replace(self, **{"after": "", **changes})  # type: ignore[arg-type]
        given = [
            (name, "1" if value is True else str(value))
            for name in ("place", "stage", "tag", "needs", "mine", "sort", "after")
            if (value := getattr(changed, name)) and not (name == "sort" and value == "moved")
        ]
        return f"/?{urlencode(given)}" if given else "/"

    @property
    def narrows(self) -> bool:
        return bool(self.place or self.stage or self.tag or self.needs or self.mine)


@dataclass(frozen=True, slots=True)
class Card:
    """A problem as a notice on the board: the row, and names of people round it besides its poster."""

    problem: ProblemRow
    faces: Sequence[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[object, ...]:
        """What the rendered notice depends on."""
        return (
            self.problem.id,
            self.problem.version,
            self.problem.poster_name,
            self.problem.place_name,
            *self.faces,
        )

    @property
    def teaser(self) -> str:
        return excerpt(self.problem.story, 220)

    @property
    def wants_help(self) -> bool:
        return bool(self.problem.help_wanted) and self.problem.stage != "sorted"

    @property
    def order(self) -> int:
        return -int(self.problem.moved_at.timestamp() * 1_000_000)


@dataclass(frozen=True, slots=True)
class CardPage:
    cards: list[Card]
    #: The ``after`` of the next page, "" on the last.
    next: str


async def cards_on(work: Work, wanted: Filter) -> CardPage:
    """One page of the board."""
    rows = problem_rows()
    for condition in await _conditions(work, wanted):
        rows = rows.where(condition)
    rows = _ordered(rows, wanted).limit(PAGE + 1)
    problems = as_rows((await work.session.execute(rows)).mappings().all())
    faces = await faces_on(work, [problem.id for problem in problems[:PAGE] if problem.member_count])
    cards = [Card(problem, faces.get(problem.id, [])) for problem in problems[:PAGE]]
    return CardPage(cards, _after(cards[-1].problem, wanted) if len(problems) > PAGE else "")


async def find_card(work: Work, number: int) -> Card:
    """One notice. Raises Missing."""
    problem = await find_problem(work, number)
    return Card(problem, (await faces_on(work, [number])).get(number, []))


async def _conditions(work: Work, wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.place:
        conditions.append(Problem.place_id.in_(await places_within(work, wanted.place)))
    if wanted.stage:
        conditions.append(Problem.stage == wanted.stage)
    if wanted.tag:
        conditions.append(Problem.tags.contains([wanted.tag]))
    if wanted.needs:
        # Written out as in the partial index, so that the planner sees that they are the same.
        conditions.append(
            and_(
                Problem.help_wanted != literal("", literal_execute=True),
                Problem.stage != literal("sorted", literal_execute=True),
            )
        )
    if wanted.mine:
        me = work.viewer.id or 0
        conditions.append(
            or_(
                Problem.poster_id == me,
                Problem.id.in_(select(Follow.problem_id).where(Follow.person_id == me)),
                Problem.id.in_(select(Affected.problem_id).where(Affected.person_id == me)),
                Problem.id.in_(select(Member.problem_id).where(Member.person_id == me)),
            )
        )
    return conditions


def _ordered(rows: Select[*tuple[Any, ...]], wanted: Filter) -> Select[*tuple[Any, ...]]:
    column = {"posted": Problem.posted_at, "affected": Problem.affected_count}.get(wanted.sort, Problem.moved_at)
    value, _, number = wanted.after.partition("-")
    if all(part.isascii() and part.isdigit() and len(part) < 18 for part in (value, number)):
        last: object = int(value)
        if wanted.sort != "affected":
            last = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(value))
        rows = rows.where(tuple_(column, Problem.id) < tuple_(literal(last), literal(int(number))))
    return rows.order_by(column.desc(), Problem.id.desc())


def _after(last: ProblemRow, wanted: Filter) -> str:
    if wanted.sort == "affected":
        return f"{last.affected_count}-{last.id}"
    moment = last.posted_at if wanted.sort == "posted" else last.moved_at
    since = moment - datetime.fromtimestamp(0, UTC)
    return f"{(since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds}-{last.id}"


# Search


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
_HEADLINE = "StartSel=\u0002, StopSel=\u0003, MaxWords=30, MinWords=12, MaxFragments=1"


async def search_problems(work: Work, words: str) -> list[Found]:
    """Problems that have these words, best first, then those that are spelled alike. Accents don't matter."""
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
        .limit(MOST_FOUND)
        .subquery()
    )
    exact = await work.session.execute(select(best.c.id, func.ts_headline("civic", best.c.story, query, _HEADLINE)))
    headlines: dict[int, tuple[str, bool]] = {number: (headline, False) for number, headline in exact}
    if len(headlines) < 8:
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
    """Problems where each word, of three letters or more, is nearly there."""
    asked = [word for word in words.split()[:6] if len(word) >= 3]
    if not asked:
        return []
    folded = [func.civic_fold(word) for word in asked]
    rows = select(Problem.id, Problem.story).where(*(word.op("<%")(Problem.search_text) for word in folded))
    likeness = sum((func.word_similarity(word, Problem.search_text) for word in folded), literal(0.0))
    found = await work.session.execute(rows.order_by(likeness.desc(), Problem.moved_at.desc()).limit(MOST_FOUND))
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


def stage_names() -> Sequence[tuple[str, str]]:
    return list(STAGES.items())
