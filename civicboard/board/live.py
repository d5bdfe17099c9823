"""What the board and a problem's page show as it happens, where that takes more than one feature."""

from __future__ import annotations

from civicboard.board import fragments
from civicboard.board.queries import find_card
from civicboard.kit.hub import shows
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Work
from civicboard.networks import fragments as networks
from civicboard.networks.queries import MOST_ON_PAGE, members_of
from civicboard.offers.events import (
    NeedAdded,
    NeedChanged,
    OfferDeclined,
    OfferEnded,
    OfferLapsed,
    OfferMade,
    OfferWelcomed,
    OfferWithdrawn,
)
from civicboard.posts.events import ReplyPosted, UpdatePosted
from civicboard.problems import fragments as problems
from civicboard.problems.events import AffectedChanged, FollowChanged, ProblemEdited, ProblemPosted
from civicboard.problems.queries import find_problem
from civicboard.progress.events import StageChanged

Moved = (
    ProblemPosted
    | ProblemEdited
    | AffectedChanged
    | FollowChanged
    | ReplyPosted
    | UpdatePosted
    | OfferMade
    | OfferWelcomed
    | OfferDeclined
    | OfferWithdrawn
    | OfferLapsed
    | OfferEnded
    | NeedAdded
    | NeedChanged
    | StageChanged
)


@shows(ProblemPosted, on="board", about="problem_id")
@shows(ProblemEdited, on="board", about="problem_id")
@shows(AffectedChanged, on="board", about="problem_id")
@shows(ReplyPosted, on="board", about="problem_id")
@shows(UpdatePosted, on="board", about="problem_id")
@shows(OfferMade, on="board", about="problem_id")
@shows(OfferWelcomed, on="board", about="problem_id")
@shows(OfferDeclined, on="board", about="problem_id")
@shows(OfferWithdrawn, on="board", about="problem_id")
@shows(StageChanged, on="board", about="problem_id")
@shows(OfferLapsed, on="board", about="problem_id")
@shows(OfferEnded, on="board", about="problem_id")
@shows(NeedAdded, on="board", about="problem_id")
@shows(NeedChanged, on="board", about="problem_id")
async def show_notice(work: Work, happened: Moved) -> Fragment:
    card = await find_card(work, happened.problem_id)
    say = f"New problem: {card.problem.title}" if isinstance(happened, ProblemPosted) else ""
    return fragments.notice(card, say=say)


@shows(ProblemEdited, on="problem:{problem_id}", about="problem_id")
@shows(AffectedChanged, on="problem:{problem_id}", about="problem_id")
@shows(FollowChanged, on="problem:{problem_id}", about="problem_id")
@shows(ReplyPosted, on="problem:{problem_id}", about="problem_id")
@shows(UpdatePosted, on="problem:{problem_id}", about="problem_id")
@shows(OfferMade, on="problem:{problem_id}", about="problem_id")
@shows(OfferWelcomed, on="problem:{problem_id}", about="problem_id")
@shows(OfferDeclined, on="problem:{problem_id}", about="problem_id")
@shows(OfferWithdrawn, on="problem:{problem_id}", about="problem_id")
@shows(StageChanged, on="problem:{problem_id}", about="problem_id")
@shows(OfferLapsed, on="problem:{problem_id}", about="problem_id")
@shows(OfferEnded, on="problem:{problem_id}", about="problem_id")
@shows(NeedAdded, on="problem:{problem_id}", about="problem_id")
async def show_head(work: Work, happened: Moved) -> Fragment:
    return problems.head(await find_problem(work, happened.problem_id))


@shows(ProblemEdited, on="problem:{problem_id}", about="problem_id")
@shows(StageChanged, on="problem:{problem_id}", about="problem_id")
async def show_story(work: Work, happened: ProblemEdited | StageChanged) -> Fragment:
    """What it says; a problem that is sorted needs nothing any more, and one that is opened again does."""
    return problems.story(await find_problem(work, happened.problem_id), edited=isinstance(happened, ProblemEdited))


@shows(ReplyPosted, on="problem:{problem_id}", about="problem_id")
@shows(UpdatePosted, on="problem:{problem_id}", about="problem_id")
@shows(OfferWelcomed, on="problem:{problem_id}", about="problem_id")
@shows(OfferWithdrawn, on="problem:{problem_id}", about="problem_id")
async def show_members(work: Work, happened: Moved) -> Fragment:
    problem = await find_problem(work, happened.problem_id)
    return networks.members(problem, await members_of(work, problem.id))


@shows(ReplyPosted, on="network:{problem_id}", about="problem_id")
@shows(UpdatePosted, on="network:{problem_id}", about="problem_id")
@shows(OfferWelcomed, on="network:{problem_id}", about="problem_id")
@shows(OfferWithdrawn, on="network:{problem_id}", about="problem_id")
async def show_network(work: Work, happened: Moved) -> Fragment:
    """The same on the page of the people, which has room for more of them."""
    problem = await find_problem(work, happened.problem_id)
    return networks.members(problem, await members_of(work, problem.id, most=MOST_ON_PAGE))


@shows(ProblemEdited, on="network:{problem_id}", about="problem_id")
@shows(OfferMade, on="network:{problem_id}", about="problem_id")
@shows(OfferDeclined, on="network:{problem_id}", about="problem_id")
@shows(OfferWithdrawn, on="network:{problem_id}", about="problem_id")
@shows(StageChanged, on="network:{problem_id}", about="problem_id")
@shows(OfferLapsed, on="network:{problem_id}", about="problem_id")
@shows(OfferEnded, on="network:{problem_id}", about="problem_id")
@shows(NeedAdded, on="network:{problem_id}", about="problem_id")
@shows(NeedChanged, on="network:{problem_id}", about="problem_id")
async def show_wanted(work: Work, happened: Moved) -> Fragment:
    return networks.wanted(await find_problem(work, happened.problem_id))


@shows(ProblemEdited, on="network:{problem_id}", about="problem_id")
async def show_about(work: Work, happened: ProblemEdited) -> Fragment:
    return networks.about(await find_problem(work, happened.problem_id))


RENDERERS = [show_notice, show_head, show_story, show_members, show_network, show_wanted, show_about]
