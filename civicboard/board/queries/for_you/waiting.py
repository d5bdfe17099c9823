"""Whether a question still waits for an answer: what somebody asked on a problem, or a problem that fell silent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, Text, all_, and_, func, literal_column, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import aliased

from civicboard.board.events import SilenceNoticed
from civicboard.kit.outbox import EventRow
from civicboard.kit.text import excerpt
from civicboard.kit.work import Missing, Work
from civicboard.posts.models import Post
from civicboard.problems.models import Problem

#: A question older than this is no longer one to answer, and a problem without a word for so long wants one.
ASKED_WITHIN = timedelta(days=30)
SILENT_FOR, SILENT_WITHIN = timedelta(days=2), timedelta(days=60)
#: What a post asks stands at its end: so many letters of it are looked through for skills, and shown.
MOST_READ = 240
#: Of a problem the last so many questions are told to open pages: those answered, and those in other words.
MOST_TOLD = 5
#: Who could end the silence of a problem is looked for within so long after it began, at most for so many at a time.
NOTICED_WITHIN, MOST_NOTICED = timedelta(days=1), 50
#: Two clocks may differ by as much.
_SLACK = timedelta(hours=1)
#: Nobody has said or offered anything on a problem, and it is no less one.
UNANSWERED = (Problem.post_count == 0, Problem.offer_count == 0, Problem.stage != "sorted")


def question_key(number: int, post_id: int | None) -> str:
    return f"question-{number}-{post_id or 0}"


def question_path(number: int, slug: str, post_id: int | None) -> str:
    return f"/problems/{number}/{f'posts/{post_id}' if post_id else slug}"


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


async def problems_fallen_silent(work: Work, only: int | None = None) -> list[int]:
    """The ids of problems on which nobody has said or offered anything for two days, and nobody was told of that.

    The longest silent first; ``only`` that one, if it is among them. How long a problem has been silent goes by the
    clock that is injected, and what was told by PostgreSQL's.
    """
    told = (
        select(sql_cast(EventRow.data["problem_id"].astext, BigInteger))
        .where(EventRow.happened_at > func.now() - (NOTICED_WITHIN + _SLACK), EventRow.kind == SilenceNoticed.__name__)
        .scalar_subquery()
    )
    until = work.now - SILENT_FOR
    began = Problem.posted_at.between(until - NOTICED_WITHIN, until)
    due = select(Problem.id).where(began, *UNANSWERED, Problem.id != all_(func.array(told)))
    if only is not None:
        due = due.where(Problem.id == only)
    return list(await work.session.scalars(due.order_by(Problem.posted_at, Problem.id).limit(MOST_NOTICED)))


async def words_asked(work: Work, number: int, post_id: int) -> str | None:
    """What a post asks now, as a question shows it; None where it waits for no answer, or isn't on the problem."""
    words = await work.session.scalar(
        select(Post.words).where(
            Post.id == post_id, Post.problem_id == number, asks_something(Post.words), ~followed_up(Post)
        )
    )
    return None if words is None else shown_of(words, post_id)


async def questions_waiting(work: Work, number: int) -> list[tuple[int, str]]:
    """What on a problem waits for an answer: the last posts that ask something, as a question shows each."""
    found = await work.session.execute(
        select(Post.id, Post.words)
        .where(Post.problem_id == number, Post.posted_at > work.now - ASKED_WITHIN)
        .where(asks_something(Post.words), ~followed_up(Post))
        .order_by(Post.id.desc())
        .limit(MOST_TOLD)
    )
    return [(post_id, shown_of(words, post_id)) for post_id, words in found]


async def silent_words(work: Work, number: int) -> str | None:
    """The same of a problem itself; None where it has been spoken of."""
    story = await work.session.scalar(select(Problem.story).where(Problem.id == number, *UNANSWERED))
    return None if story is None else shown_of(story, None)


def shown_of(words: str, post_id: int | None) -> str:
    """What a question stands with: of a post its end, where it asks, and of a problem how its story begins."""
    if post_id is None or len(words) <= MOST_READ:
        return excerpt(words, MOST_READ)
    end = words[-MOST_READ:]
    whole = end.partition(" ")[2] or end  # the first word may have lost its beginning
    return excerpt(f"…{whole}", MOST_READ + 1)


async def questions_settled(work: Work, number: int) -> list[int | None]:
    """What on a problem waits for an answer no more: the last posts that asked something, None for the problem itself.

    On whichever page one of them stands, it may be said.
    """
    is_silent = await work.session.scalar(select(and_(*UNANSWERED)).where(Problem.id == number))
    if is_silent is None:
        raise Missing
    found = await work.session.scalars(
        select(Post.id)
        .where(Post.problem_id == number, Post.posted_at > work.now - ASKED_WITHIN)
        .where(asks_something(Post.words), followed_up(Post))
        .order_by(Post.id.desc())
        .limit(MOST_TOLD)
    )
    return [*found, *([] if is_silent else [None])]
