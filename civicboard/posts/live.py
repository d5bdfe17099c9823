"""The conversation as it happens."""

from __future__ import annotations

from civicboard.kit.hub import shows
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Work
from civicboard.posts import fragments
from civicboard.posts.events import PostEdited, ReplyPosted, UpdatePosted
from civicboard.posts.queries import find_post, find_said


@shows(ReplyPosted, on="problem:{problem_id}")
@shows(UpdatePosted, on="problem:{problem_id}")
@shows(PostEdited, on="problem:{problem_id}")
async def show_post(work: Work, happened: ReplyPosted | UpdatePosted | PostEdited) -> Fragment:
    return fragments.post(await find_post(work, happened.post_id))


@shows(ReplyPosted, on="board")
@shows(UpdatePosted, on="board")
@shows(PostEdited, on="board")
async def show_said(work: Work, happened: ReplyPosted | UpdatePosted | PostEdited) -> Fragment:
    return fragments.said(await find_said(work, happened.post_id))


RENDERERS = [show_post, show_said]
