"""Writing to the other members, where only they read it."""

from __future__ import annotations

from civicboard.kit.work import Conflict, Missing, SentAlready, Work, require
from civicboard.networks import policy
from civicboard.networks.events import MembersPosted, MembersPostEdited
from civicboard.networks.models import MembersPost
from civicboard.networks.queries import find_circle, find_members_post_to_change, find_sent_members_post
from civicboard.problems.queries import find_problem_to_change

NOT_AUTHOR = "Only the person who wrote a post can edit it."
SENT_ALREADY = (
    "You have sent this already, in other words. To change it, edit it; to say something more, send it again."
)
TOO_LATE = "This was sent more than a quarter of an hour ago, and stands as it is now. Say the rest in a new post."
EDITED_MEANWHILE = "You have edited this in another tab meanwhile. Have a look at how it reads now, then save again."


async def write_members_post(work: Work, number: int, *, words: str, form_key: str | None = None) -> int:
    """Say something to the poster and the helpers of a problem alone. Raises Missing for anybody else.

    Returns the post's id; the same one for a form that had been sent before. Raises SentAlready when it said
    something else then.
    """
    await work.one_at_a_time(form_key)
    # Locked as by whoever joins or leaves: what is said before somebody leaves is numbered before that, too.
    await find_problem_to_change(work, number)
    circle = await find_circle(work, number)
    if before := await find_sent_members_post(work, form_key):
        if (before.problem_id, before.words, before.version) != (number, words, 1):
            raise SentAlready(SENT_ALREADY)
        return before.id
    post = MembersPost(
        problem_id=number, author_id=circle.person_id, words=words, posted_at=work.now, form_key=form_key or None
    )
    work.session.add(post)
    await work.session.flush()
    work.record(MembersPosted(number, post.id))
    return post.id


async def edit_members_post(work: Work, number: int, post_id: int, *, words: str, seen_version: int) -> None:
    """Change what one has just written. Raises Missing for who isn't in the circle, Conflict when it is too late."""
    await find_problem_to_change(work, number)
    await find_circle(work, number)
    post = await find_members_post_to_change(work, post_id)
    if post.problem_id != number:
        raise Missing
    require(policy.may_edit(work.viewer, post.author_id), NOT_AUTHOR)
    # The version before: it was saved, the answer was lost, and now it comes again.
    if post.words == words and post.version - seen_version in (0, 1):
        return
    if not policy.in_time_to_edit(post.posted_at, work.now):
        raise Conflict(TOO_LATE)
    if post.version != seen_version:
        raise Conflict(EDITED_MEANWHILE)
    post.words, post.edited_at, post.version = words, work.now, post.version + 1
    work.record(MembersPostEdited(number, post.id))
