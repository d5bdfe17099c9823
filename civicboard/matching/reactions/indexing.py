"""Whatever somebody writes is left to a worker, to be made into a meaning."""

from __future__ import annotations

from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.offers.events import NeedAdded, NeedEdited
from civicboard.posts.events import PostEdited, ReplyPosted, UpdatePosted
from civicboard.problems.events import ProblemEdited, ProblemPosted
from civicboard.progress.events import StageChanged
from civicboard.skills.events import AbilityChanged

ERRAND = "index"


@upon(ProblemPosted, ProblemEdited)
async def index_problem(work: Work, happened: ProblemPosted | ProblemEdited) -> None:
    work.leave(ERRAND, kind="problem", id=happened.problem_id)


@upon(ReplyPosted, UpdatePosted, PostEdited)
async def index_post(work: Work, happened: ReplyPosted | UpdatePosted | PostEdited) -> None:
    work.leave(ERRAND, kind="post", id=happened.post_id)


@upon(StageChanged)
async def index_outcome(work: Work, happened: StageChanged) -> None:
    work.leave(ERRAND, kind="outcome", id=happened.change_id)


@upon(NeedAdded, NeedEdited)
async def index_need(work: Work, happened: NeedAdded | NeedEdited) -> None:
    work.leave(ERRAND, kind="need", id=happened.need_id)


@upon(AbilityChanged)
async def index_person(work: Work, happened: AbilityChanged) -> None:
    work.leave(ERRAND, kind="person", id=happened.person_id)


REACTIONS: list[Reaction] = [index_problem, index_post, index_outcome, index_need, index_person]
