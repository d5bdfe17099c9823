"""The conversation as it happens."""

from __future__ import annotations

from civicboard.kit.hub import shows
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Work
from civicboard.posts import fragments
from civicboard.posts.events import PostEdited, ReplyPosted, UpdatePosted
from civicboard.posts.queries import find_post, find_said, latest_posts
from civicboard.problems.events import ProblemEdited


@shows(ReplyPosted, UpdatePosted, PostEdited, on="problem:{problem_id}")
async def show_post(work: Work, happened: ReplyPosted | UpdatePosted | PostEdited) -> Fragment:
    return fragments.post(await find_post(work, happened.post_id))


@shows(ReplyPosted, UpdatePosted, PostEdited, on="board")
async def show_said(work: Work, happened: ReplyPosted | UpdatePosted | PostEdited) -> Fragment:
    return fragments.said(await find_said(work, happened.post_id))


@shows(ProblemEdited, on="board")
async def show_latest(work: Work, happened: ProblemEdited) -> Fragment:
    """What was said last names the problem that it was said on, and that may be called differently now."""
    return fragments.latest(await latest_posts(work))


RENDERERS = [show_post, show_said, show_latest]
