"""Every SELECT about the conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, select

from civicboard.kit.diff import A_PAGE
from civicboard.kit.reads import Statement
from civicboard.kit.work import Missing, Work, find_sent
from civicboard.organisations.queries import Badge, badges_column, read_badges
from civicboard.people.models import Person
from civicboard.posts.models import CAPACITIES, Post, PostRevision
from civicboard.problems.models import Problem

#: The most posts that a problem's page shows at once; older ones are a page away.
MOST_SHOWN = 200
#: More than any post's number.
PAST_ALL = 2**62


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post as a page shows it."""

    id: int
    problem_id: int
    author_id: int
    kind: str
    capacity: str
    words: str
    posted_at: datetime
    edited_at: datetime | None
    version: int
    quotes_id: int | None
    author_name: str
    author_handle: str
    #: Where the author belongs, for ``badges``.
    author_badges: str

    @property
    def badges(self) -> list[Badge]:
        return read_badges(self.author_badges)

    @property
    def capacity_words(self) -> str:
        return CAPACITIES[self.capacity]

    @property
    def path(self) -> str:
        return f"/problems/{self.problem_id}/posts/{self.id}"

    @property
    def order(self) -> int:
        """Its place in the timeline: microseconds since 1970."""
        return int(self.posted_at.timestamp() * 1_000_000)

    @property
    def key(self) -> tuple[object, ...]:
        """What the rendered post depends on."""
        return (self.id, self.version, self.author_name, self.author_handle, self.author_badges)


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        Post.id,
        Post.problem_id,
        Post.author_id,
        Post.kind,
        Post.capacity,
        Post.words,
        Post.posted_at,
        Post.edited_at,
        Post.version,
        Post.quotes_id,
        Person.name.label("author_name"),
        Person.handle.label("author_handle"),
        badges_column(Post.author_id).label("author_badges"),
    ).join(Person, Person.id == Post.author_id)


async def find_post(work: Work, post_id: int) -> PostRow:
    """One post. Raises Missing."""
    found = (await work.session.execute(_rows().where(Post.id == post_id))).mappings().first()
    if found is None:
        raise Missing
    return PostRow(**found)


def post_keys() -> Select[*tuple[Any, ...]]:
    """The ``PostRow.key`` of the posts of problem ``number`` before post ``before``, with their times, newest first."""
    return (
        select(Post.id, Post.version, Person.name, Person.handle, badges_column(Post.author_id), Post.posted_at)
        .join(Person, Person.id == Post.author_id)
        .where(
            Post.problem_id == bindparam("number", type_=BigInteger),
            Post.id < bindparam("before", type_=BigInteger),
        )
        .order_by(Post.id.desc())
        .limit(MOST_SHOWN + 1)
    )


_ON = Statement(
    _rows()
    .where(Post.problem_id == bindparam("number", type_=BigInteger), Post.id < bindparam("before", type_=BigInteger))
    .order_by(Post.id.desc())
    .limit(MOST_SHOWN + 1)
)


async def posts_on(work: Work, number: int, *, before: int | None = None) -> tuple[list[PostRow], bool]:
    """The newest posts of a problem, in the order they were said, and whether there are older ones."""
    found = await work.fetch(_ON, number=number, before=PAST_ALL if before is None else before)
    return [PostRow(*row) for row in reversed(found[:MOST_SHOWN])], len(found) > MOST_SHOWN


async def find_page_of(work: Work, post: PostRow) -> int | None:
    """The ``before`` of the page of its problem that has this post; None when it is among the newest."""
    later = (
        select(Post.id)
        .where(Post.problem_id == post.problem_id, Post.id > post.id)
        .order_by(Post.id)
        .limit(MOST_SHOWN)
        .subquery()
    )
    count = await work.session.scalar(select(func.count()).select_from(later))
    return post.id + 1 if count == MOST_SHOWN else None


async def find_post_to_change(work: Work, post_id: int) -> Post:
    post = await work.session.scalar(select(Post).where(Post.id == post_id).with_for_update())
    if post is None:
        raise Missing
    return post


async def find_sent_post(work: Work, form_key: str | None) -> Post | None:
    """The post that the viewer has written with this sending of the form."""
    return await find_sent(work, Post, form_key, by=Post.author_id)


async def find_problem_of(work: Work, post_id: int) -> int | None:
    """The number of the problem that a post was written on; None when there is no such post."""
    number: int | None = await work.session.scalar(select(Post.problem_id).where(Post.id == post_id))
    return number


async def find_first_words(work: Work, post: Post) -> str:
    """What a post said when it was written, whatever it says now."""
    first = select(PostRevision.words).where(PostRevision.post_id == post.id, PostRevision.number == 1)
    return post.words if post.version == 1 else (await work.session.execute(first)).scalar_one()


@dataclass(frozen=True, slots=True)
class Wording:
    """What a post said from one time on."""

    number: int
    words: str
    written_at: datetime


async def wordings_of(work: Work, post: PostRow, *, before: int) -> list[Wording]:
    """What a post has said before version ``before``, the newest first: a page, and one more to compare with."""
    found = await work.session.execute(
        select(PostRevision.number, PostRevision.words, PostRevision.written_at)
        .where(PostRevision.post_id == post.id, PostRevision.number < min(before, post.version))
        .order_by(PostRevision.number.desc())
        .limit(A_PAGE + 1)
    )
    now = [Wording(post.version, post.words, post.edited_at or post.posted_at)] if post.version < before else []
    return [*now, *(Wording(*row) for row in found)]


@dataclass(frozen=True, slots=True)
class SaidRow:
    """A post in a list of what was said all over the board."""

    id: int
    problem_id: int
    title: str
    author_name: str
    kind: str
    words: str
    posted_at: datetime
    version: int

    @property
    def order(self) -> int:
        """Its place in a list that has the newest first: microseconds since 1970."""
        return int(self.posted_at.timestamp() * 1_000_000)

    @property
    def key(self) -> tuple[object, ...]:
        """What the rendered entry depends on."""
        return (self.id, self.version, self.title, self.author_name)


def _said() -> Select[int, int, str, str, str, str, datetime, int]:
    return (
        select(
            Post.id,
            Post.problem_id,
            Problem.title,
            Person.name,
            Post.kind,
            Post.words,
            Post.posted_at,
            Post.version,
        )
        .join(Problem, Problem.id == Post.problem_id)
        .join(Person, Person.id == Post.author_id)
    )


LATEST_SAID = 6


def said_keys() -> Select[*tuple[Any, ...]]:
    """The ``SaidRow.key`` of what was said last, anywhere on the board, the newest first."""
    return (
        select(Post.id, Post.version, Problem.title, Person.name)
        .join(Problem, Problem.id == Post.problem_id)
        .join(Person, Person.id == Post.author_id)
        .order_by(Post.posted_at.desc())
        .limit(LATEST_SAID)
    )


_LATEST = Statement(_said().order_by(Post.posted_at.desc()).limit(bindparam("most", type_=BigInteger)))


async def latest_posts(work: Work, *, most: int = LATEST_SAID) -> list[SaidRow]:
    """What was said last, anywhere on the board, the newest first."""
    return [SaidRow(*row) for row in await work.fetch(_LATEST, most=most)]


async def find_said(work: Work, post_id: int) -> SaidRow:
    """One post for that list. Raises Missing."""
    found = (await work.session.execute(_said().where(Post.id == post_id))).first()
    if found is None:
        raise Missing
    return SaidRow(*found)
