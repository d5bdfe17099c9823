"""Questions that a person could answer: what somebody asked on a problem, and problems that nobody has answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    bindparam,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import array

from civicboard.board.queries.for_you.candidates import PERSON, SAID, SYNONYMS, nearness, values_of, weighed
from civicboard.board.queries.for_you.nearby import waved_tags
from civicboard.board.queries.for_you.waiting import (
    ASKED_WITHIN,
    MOST_READ,
    SILENT_FOR,
    SILENT_WITHIN,
    UNANSWERED,
    asks_something,
    followed_up,
    question_key,
    question_path,
    shown_of,
)
from civicboard.kit.reads import Statement
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

#: So many of the newest are looked at, so many of those are scored, and so many shown.
MOST_LOOKED_AT, MOST_SCORED, MOST_QUESTIONS = 1500, 100, 8


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
        return question_path(self.problem_id, self.slug, self.post_id)

    @property
    def reply_path(self) -> str:
        """The thread with its form for a reply, which quotes the question."""
        quote = f"?quote={self.post_id}" if self.post_id else ""
        return f"/problems/{self.problem_id}/{self.slug}{quote}#reply"


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


def _silent(*conditions: ColumnElement[bool]) -> Statement:
    """The newest problems on which nobody has said or offered anything for two days."""
    newest = (
        select(Problem.id)
        .where(Problem.posted_at.between(_SINCE, _UNTIL), *conditions)
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
                *UNANSWERED,
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
_ONE = bindparam("one", type_=BigInteger)
_THIS_ASKED, _THIS_SILENT = _asked(Post.id == _ONE), _silent(Problem.id == _ONE)


async def questions_for(work: Work, able: Able, *, leave_out: set[int], weights: Weights) -> list[Question]:
    """What a person could answer, best first. Problems in ``leave_out`` are shown to them already."""
    if not able.has_said:
        return []
    given = values_of(able)
    rows = [
        *await work.mappings(_ASKED, **given, since=work.now - ASKED_WITHIN),
        *await work.mappings(_SILENT, **given, **_silence(work)),
    ]
    found = await _best(work, able, rows, leave_out, weights)
    # Reports by the hundred are called the same: the best of them stands for the others.
    called: dict[str, Question] = {}
    for one in found:
        called.setdefault(one.title.casefold(), one)
    return list(called.values())[:MOST_QUESTIONS]


def _silence(work: Work) -> dict[str, datetime]:
    return {"since": work.now - SILENT_WITHIN, "until": work.now - SILENT_FOR}


async def find_question(work: Work, able: Able, number: int, post_id: int | None, weights: Weights) -> Question:
    """A post that asks something, or with no ``post_id`` a problem that fell silent, for a person who could answer it.

    Raises Missing if they couldn't, or it has its answer.
    """
    given = values_of(able)
    if post_id is None:
        rows = await work.mappings(_THIS_SILENT, **given, **_silence(work), one=number)
    else:
        rows = await work.mappings(_THIS_ASKED, **given, since=work.now - ASKED_WITHIN, one=post_id)
    found = await _best(work, able, rows, set(), weights)
    if not found or not able.has_said:
        raise Missing
    return found[0]


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
        best[number] = Question(
            number, row["title"], row["slug"], post_id, shown_of(words, post_id), row["by_name"], row["at"],
            fits.why, fits.score,
        )  # fmt: skip
    return sorted(best.values(), key=lambda one: (-one.score, -one.problem_id))
