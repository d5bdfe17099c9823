"""Questions that a person could answer: what somebody asked on a problem, and problems that nobody has answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Text,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased

from civicboard.board.queries.for_you.candidates import PERSON, SAID, SYNONYMS, nearness, values_of, weighed
from civicboard.board.queries.for_you.nearby import waved_tags
from civicboard.kit.reads import Statement
from civicboard.kit.text import excerpt
from civicboard.kit.work import Missing, Work
from civicboard.matching.models import Waved
from civicboard.matching.policy import wording
from civicboard.matching.policy.facts import Able, Wanted
from civicboard.matching.policy.scoring import CLEARLY, Weights
from civicboard.matching.queries.homes import Home
from civicboard.networks.queries.apart import unblocked
from civicboard.people.models import Person
from civicboard.posts.models import Post
from civicboard.problems.models import Problem
from civicboard.skills.queries import find_vocabulary

#: A question older than this is no longer one to answer, and a problem without a word for so long wants one.
ASKED_WITHIN = timedelta(days=30)
SILENT_FOR, SILENT_WITHIN = timedelta(days=2), timedelta(days=60)
#: So many of the newest are looked at, so many of those are scored, and so many shown.
MOST_LOOKED_AT, MOST_SCORED, MOST_QUESTIONS = 1500, 100, 8
#: What a post asks stands at its end: so many letters of it are looked through for skills.
MOST_READ = 240
#: Of a problem the last so many answered questions are told to open pages.
MOST_SETTLED = 5


@dataclass(frozen=True, slots=True)
class Question:
    """Something that somebody asked and nobody answered: a post that ends with a question, or a whole problem."""

    problem_id: int
    title: str
    slug: str
    post_id: int | None
    words: str
    by_name: str | None
    at: datetime
    why: tuple[str, ...]
    score: float

    @property
    def key(self) -> str:
        """Its DOM id: another question on the same problem is another one."""
        return question_key(self.problem_id, self.post_id)

    @property
    def path(self) -> str:
        return f"/problems/{self.problem_id}/{f'posts/{self.post_id}' if self.post_id else self.slug}"

    @property
    def reply_path(self) -> str:
        """The thread with its form for a reply, which quotes the question."""
        quote = f"?quote={self.post_id}" if self.post_id else ""
        return f"/problems/{self.problem_id}/{self.slug}{quote}#reply"


def question_key(number: int, post_id: int | None) -> str:
    return f"question-{number}-{post_id or 0}"


def asks_something(words: Any) -> ColumnElement[bool]:
    """Whether a post ends with a question mark."""
    return cast("ColumnElement[bool]", func.rtrim(words, literal_column(r"E' \n\r\t'", Text)).like("%?"))


def followed_up(post: Any) -> ColumnElement[bool]:
    """Whether anybody but its author has said something after a post."""
    later = aliased(Post)
    return (
        select(later.id)
        .where(later.problem_id == post.problem_id, later.id > post.id, later.author_id != post.author_id)
        .exists()
    )


_HOME = Home(Problem.place_id, pin=(Problem.latitude, Problem.longitude))
_SINCE, _UNTIL = (bindparam(name, type_=DateTime(timezone=True)) for name in ("since", "until"))
#: What a person wanted less of.
_WAVED = select(Waved.problem_id).where(Waved.person_id == PERSON, Waved.problem_id == Problem.id)


def _columns(words: Any, at: Any, post_id: Any, alike: Any) -> tuple[Any, ...]:
    return (
        Problem.id.label("problem_id"),
        Problem.title,
        Problem.slug,
        Problem.tags,
        *_HOME.columns(),
        post_id.label("post_id"),
        words.label("words"),
        at.label("at"),
        Person.name.label("by_name"),
        alike.label("alike"),
    )


def _about(search: Any, alike: ColumnElement[float]) -> ColumnElement[bool]:
    """Whether there may be anything to it for the person: a tag, a word or what it means."""
    return or_(Problem.tags.overlap(SYNONYMS), search.op("@@")(SAID), alike >= CLEARLY)


def _asked(*conditions: ColumnElement[bool]) -> Statement:
    """The newest posts that end with a question mark and that nobody but their author has followed up."""
    newest = (
        select(Post.id, Post.problem_id, Post.author_id, Post.words, Post.posted_at, Post.search)
        .where(Post.posted_at > _SINCE, *conditions)
        .order_by(Post.posted_at.desc())
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    alike = nearness("post", newest.c.id)
    return Statement(
        _HOME.outerjoins(
            select(*_columns(newest.c.words, newest.c.posted_at, newest.c.id, alike))
            .select_from(newest)
            .join(Problem, Problem.id == newest.c.problem_id)
            .join(Person, Person.id == newest.c.author_id)
            .where(
                asks_something(newest.c.words),
                newest.c.author_id != PERSON,
                unblocked(PERSON, array([newest.c.author_id, Problem.poster_id]), Problem.id),
                ~followed_up(newest.c),
                ~_WAVED.exists(),
                _about(newest.c.search, alike),
            )
            .order_by(newest.c.posted_at.desc(), newest.c.id.desc())
            .limit(MOST_SCORED)
        )
    )


def _silent() -> Statement:
    """The newest problems on which nobody has said or offered anything for two days."""
    newest = (
        select(Problem.id)
        .where(Problem.posted_at.between(_SINCE, _UNTIL))
        .order_by(Problem.posted_at.desc(), Problem.id.desc())
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    alike = nearness("problem", Problem.id)
    return Statement(
        _HOME.outerjoins(
            select(*_columns(Problem.story, Problem.posted_at, literal(None, Post.id.type), alike))
            .join(newest, newest.c.id == Problem.id)
            .outerjoin(Person, Person.id == Problem.poster_id)
            .where(
                Problem.post_count == 0,
                Problem.offer_count == 0,
                Problem.stage != "sorted",
                Problem.poster_id.is_distinct_from(PERSON),
                unblocked(PERSON, array([Problem.poster_id]), Problem.id),
                ~_WAVED.exists(),
                _about(Problem.search, alike),
            )
            .order_by(Problem.posted_at.desc())
            .limit(MOST_SCORED)
        )
    )


_ASKED, _SILENT = _asked(), _silent()
_THIS_ONE = _asked(Post.id == bindparam("post", type_=BigInteger))


async def questions_for(work: Work, able: Able, *, leave_out: set[int], weights: Weights) -> list[Question]:
    """What a person could answer, best first. Problems in ``leave_out`` are shown to them already."""
    if not able.has_said:
        return []
    given = values_of(able)
    rows = [
        *await work.mappings(_ASKED, **given, since=work.now - ASKED_WITHIN),
        *await work.mappings(_SILENT, **given, since=work.now - SILENT_WITHIN, until=work.now - SILENT_FOR),
    ]
    found = await _best(work, able, rows, leave_out, weights)
    # Reports by the hundred are called the same: the best of them stands for the others.
    called: dict[str, Question] = {}
    for one in found:
        called.setdefault(one.title.casefold(), one)
    return list(called.values())[:MOST_QUESTIONS]


async def find_question(work: Work, able: Able, post_id: int, weights: Weights) -> Question:
    """One question that somebody asked, for a person who could answer it. Raises Missing if they couldn't, or it has
    its answer."""
    rows = await work.mappings(_THIS_ONE, **values_of(able), since=work.now - ASKED_WITHIN, post=post_id)
    found = await _best(work, able, rows, set(), weights)
    if not found or not able.has_said:
        raise Missing
    return found[0]


async def questions_settled(work: Work, number: int) -> list[int | None]:
    """What on a problem waits for an answer no more: the last posts that asked something, None for the problem itself.

    On whichever page one of them stands, it may be said.
    """
    problem = (
        await work.session.execute(
            select(Problem.post_count, Problem.offer_count, Problem.stage).where(Problem.id == number)
        )
    ).first()
    if problem is None:
        raise Missing
    found = await work.session.scalars(
        select(Post.id)
        .where(Post.problem_id == number, Post.posted_at > work.now - ASKED_WITHIN)
        .where(asks_something(Post.words), followed_up(Post))
        .order_by(Post.id.desc())
        .limit(MOST_SETTLED)
    )
    is_silent = not (problem.post_count or problem.offer_count or problem.stage == "sorted")
    return [*found, *([] if is_silent else [None])]


async def _best(
    work: Work,
    able: Able,
    rows: Sequence[Mapping[str, Any]],
    leave_out: set[int],
    weights: Weights,
) -> list[Question]:
    """Of each problem what fits a person best, the best problem first."""
    vocabulary, waved = await find_vocabulary(work), await waved_tags(work, able)
    best: dict[int, Question] = {}
    for row in rows:
        number, post_id, words = row["problem_id"], row["post_id"], row["words"]
        if number in leave_out:
            continue
        wanted = Wanted(
            what="",
            text=f"{row['title']} {words}",
            means=wording.meant(row["tags"], words[-MOST_READ:] if post_id is not None else row["title"], vocabulary),
            where="",
            spot=_HOME.spot(row),
            place=row["lives"] or "",
        )
        # Nobody has asked them: what is only perhaps for them is no question to put to them.
        fits = weighed(work, able, wanted, row, waved, weights, least=CLEARLY)
        if fits is None or (number in best and best[number].score >= fits.score):
            continue
        words = f"…{words[-MOST_READ:]}" if post_id is not None and len(words) > MOST_READ else words
        best[number] = Question(
            number, row["title"], row["slug"], post_id, excerpt(words, 240), row["by_name"], row["at"],
            fits.why, fits.score,
        )  # fmt: skip
    return sorted(best.values(), key=lambda one: (-one.score, -one.problem_id))
