"""Saying something on a problem."""

from __future__ import annotations

from civicboard.kit.work import Conflict, SentAlready, Unfit, Work, require
from civicboard.networks.actions import take_part
from civicboard.posts import policy
from civicboard.posts.events import PostEdited, ReplyPosted, UpdatePosted
from civicboard.posts.models import Post, PostRevision
from civicboard.posts.queries import find_first_words, find_post_to_change, find_problem_of, find_sent_post
from civicboard.problems.actions import EDITED_MEANWHILE, follow_too, moved
from civicboard.problems.queries import find_problem_to_change

NOT_AUTHOR = "Only the person who wrote a post can edit it."
SENT_ALREADY = "This was posted already, with other words. To change it, edit it; to say something more, send it again."


async def write_post(
    work: Work,
    number: int,
    *,
    kind: str,
    capacity: str,
    words: str,
    quotes_id: int | None = None,
    form_key: str | None = None,
) -> int:
    """Say something on a problem. Its author follows it and counts among its people from then on.

    Returns the post's id; the same one for a form that had been sent before. Raises SentAlready when it said
    something else then.
    """
    require(policy.may_write(work.viewer), "Please sign in to join the conversation.")
    assert work.viewer.id is not None  # the policy has just said so
    await work.one_at_a_time(form_key)
    if before := await find_sent_post(work, form_key):
        posted = (before.problem_id, before.kind, before.capacity, await find_first_words(work, before))
        if posted != (number, kind, capacity, words):
            raise SentAlready(SENT_ALREADY)
        return before.id
    problem = await find_problem_to_change(work, number)
    if quotes_id is not None and await find_problem_of(work, quotes_id) != number:
        raise Unfit("words", "The post you quote is not part of this conversation.")
    post = Post(
        problem_id=number,
        author_id=work.viewer.id,
        kind=kind,
        capacity=capacity,
        words=words,
        posted_at=work.now,
        quotes_id=quotes_id,
        form_key=form_key or None,
    )
    work.session.add(post)
    problem.post_count += 1
    moved(work, problem)
    await take_part(work, problem, work.viewer.id, part="talker", capacity=capacity)
    await follow_too(work, problem)
    await work.session.flush()
    work.record((UpdatePosted if kind == "update" else ReplyPosted)(number, post.id))
    return post.id


async def edit_post(work: Work, post_id: int, *, words: str, seen_version: int) -> None:
    """Change what a post says; what it said before stays readable. Without a change nothing happens.

    Raises Conflict when it was edited since the version that the editor saw.
    """
    post = await find_post_to_change(work, post_id)
    require(policy.may_edit(work.viewer, post.author_id), NOT_AUTHOR)
    # The version before: it was saved, the answer was lost, and now it comes again.
    if post.words == words and post.version - seen_version in (0, 1):
        return
    if post.version != seen_version:
        raise Conflict(EDITED_MEANWHILE)
    work.session.add(
        PostRevision(
            post_id=post.id,
            number=post.version,
            words=post.words,
            written_at=post.edited_at or post.posted_at,
        )
    )
    post.words, post.edited_at, post.version = words, work.now, post.version + 1
    work.record(PostEdited(post.problem_id, post.id))
