"""What the members of a network write to each other. Whatever is found for a viewer asks first whether it is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from civicboard.kit.work import Missing, Work, find_sent
from civicboard.networks.models import MembersPost
from civicboard.networks.queries.people import find_circle
from civicboard.people.models import Person
from civicboard.problems.models import Problem

#: The most posts that a page of the thread shows; older ones are a page away.
A_THREAD = 50


@dataclass(frozen=True, slots=True)
class MembersPostRow:
    """A post to the members. With ``invites_to`` its author asks them to join in on that problem."""

    id: int
    problem_id: int
    author_id: int
    words: str
    posted_at: datetime
    edited_at: datetime | None
    version: int
    author_name: str
    author_handle: str
    invites_to_id: int | None
    invites_title: str | None
    invites_slug: str | None

    @property
    def path(self) -> str:
        return f"/problems/{self.problem_id}/network/members/{self.id}"

    @property
    def invites_path(self) -> str:
        return f"/problems/{self.invites_to_id}/{self.invites_slug}"

    @property
    def order(self) -> int:
        return self.id


_Next = aliased(Problem)


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            MembersPost.id,
            MembersPost.problem_id,
            MembersPost.author_id,
            MembersPost.words,
            MembersPost.posted_at,
            MembersPost.edited_at,
            MembersPost.version,
            Person.name.label("author_name"),
            Person.handle.label("author_handle"),
            MembersPost.invites_to_id,
            _Next.title.label("invites_title"),
            _Next.slug.label("invites_slug"),
        )
        .join(Person, Person.id == MembersPost.author_id)
        .outerjoin(_Next, _Next.id == MembersPost.invites_to_id)
    )


async def find_members_post(work: Work, post_id: int) -> MembersPostRow:
    """One post, for those who are about to show it to its audience and nobody else. Raises Missing."""
    found = (await work.session.execute(_rows().where(MembersPost.id == post_id))).first()
    if found is None:
        raise Missing
    return MembersPostRow(*found)


async def find_members_post_here(work: Work, number: int, post_id: int) -> MembersPostRow:
    """One post of this thread, for a viewer who may read it. Raises Missing."""
    await find_circle(work, number)
    post = await find_members_post(work, post_id)
    if post.problem_id != number:
        raise Missing
    return post


async def members_posts_on(work: Work, number: int, *, before: int | None = None) -> tuple[list[MembersPostRow], bool]:
    """The newest posts of a thread in the order they were said, and whether there are older ones.

    Raises Missing for a viewer who may not read it.
    """
    await find_circle(work, number)
    rows = _rows().where(MembersPost.problem_id == number)
    if before is not None:
        rows = rows.where(MembersPost.id < before)
    found = (await work.session.execute(rows.order_by(MembersPost.id.desc()).limit(A_THREAD + 1))).all()
    return [MembersPostRow(*row) for row in reversed(found[:A_THREAD])], len(found) > A_THREAD


async def find_members_post_to_change(work: Work, post_id: int) -> MembersPost:
    post: MembersPost | None = await work.session.get(MembersPost, post_id, with_for_update=True)
    if post is None:
        raise Missing
    return post


async def find_sent_members_post(work: Work, form_key: str | None) -> MembersPost | None:
    """The post that the viewer has written with this sending of the form."""
    return await find_sent(work, MembersPost, form_key, by=MembersPost.author_id)


async def find_invitation(work: Work, number: int, network_id: int) -> int | None:
    """The post in which the network of ``network_id`` was asked to join in on problem ``number``; None for none."""
    found: int | None = await work.session.scalar(
        select(MembersPost.id).where(MembersPost.problem_id == network_id, MembersPost.invites_to_id == number)
    )
    return found
