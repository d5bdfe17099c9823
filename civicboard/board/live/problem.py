"""What the board and a problem's page show as it happens, where that takes more than one feature."""

from __future__ import annotations

from civicboard.board import fragments
from civicboard.board.events import BadgesChanged, HelpersChanged
from civicboard.board.queries import done_on, find_card
from civicboard.kit.hub import shows
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Work
from civicboard.matching.events import ProblemIndexed, ProblemReindexed
from civicboard.networks import fragments as networks
from civicboard.networks.events import ConveningStarted, MemberChanged, MemberJoined, MemberLeft
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
from civicboard.offers.queries import needs_standing
from civicboard.posts.events import PostEdited, ReplyPosted, UpdatePosted
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
    | BadgesChanged
    | MemberJoined
    | MemberChanged
    | MemberLeft
    | ConveningStarted
    | HelpersChanged
    | ProblemIndexed
    | ProblemReindexed
)


#: What moves a problem: its notice on the board and the head of its page show it.
_MOVES = (
    ProblemEdited,
    AffectedChanged,
    ReplyPosted,
    UpdatePosted,
    OfferMade,
    OfferWelcomed,
    OfferDeclined,
    OfferWithdrawn,
    StageChanged,
    OfferLapsed,
    OfferEnded,
    NeedAdded,
)


@shows(ProblemPosted, *_MOVES, NeedChanged, MemberJoined, MemberLeft, on="board", about="problem_id")
async def show_notice(work: Work, happened: Moved) -> Fragment:
    card = await find_card(work, happened.problem_id)
    say = f"New problem: {card.problem.title}" if isinstance(happened, ProblemPosted) else ""
    return fragments.notice(card, say=say)


@shows(*_MOVES, FollowChanged, on="problem:{problem_id}", about="problem_id")
async def show_head(work: Work, happened: Moved) -> Fragment:
    return problems.head(await find_problem(work, happened.problem_id))


@shows(ProblemEdited, StageChanged, on="problem:{problem_id}", about="problem_id")
async def show_story(work: Work, happened: ProblemEdited | StageChanged) -> Fragment:
    """What it says; a problem that is sorted needs nothing any more, and one that is opened again does."""
    return problems.story(await find_problem(work, happened.problem_id), edited=isinstance(happened, ProblemEdited))


@shows(BadgesChanged, MemberJoined, MemberChanged, MemberLeft, on="problem:{problem_id}", about="problem_id")
async def show_members(work: Work, happened: Moved) -> Fragment:
    problem = await find_problem(work, happened.problem_id)
    return networks.members(problem, await members_of(work, problem.id))


@shows(BadgesChanged, MemberJoined, MemberChanged, MemberLeft, on="network:{problem_id}", about="problem_id")
async def show_network(work: Work, happened: Moved) -> Fragment:
    """The same on the page of the people, which has room for more of them."""
    problem = await find_problem(work, happened.problem_id)
    return networks.members(problem, await members_of(work, problem.id, most=MOST_ON_PAGE))


@shows(
    ProblemEdited,
    OfferMade,
    OfferDeclined,
    OfferWithdrawn,
    StageChanged,
    OfferLapsed,
    OfferEnded,
    NeedAdded,
    NeedChanged,
    on="network:{problem_id}",
    about="problem_id",
)
async def show_wanted(work: Work, happened: Moved) -> Fragment:
    problem = await find_problem(work, happened.problem_id)
    return networks.wanted(problem, await needs_standing(work, problem.id))


@shows(
    NeedAdded,
    NeedChanged,
    StageChanged,
    MemberJoined,
    MemberChanged,
    MemberLeft,
    HelpersChanged,
    ProblemIndexed,
    ProblemReindexed,
    on="problem:{problem_id}",
    about="problem_id",
)
async def show_helping_moved(work: Work, happened: Moved) -> Fragment:
    """Who could help is for each viewer another list, and nothing that everybody may know: so it is not sent."""
    return fragments.helping_moved(happened.problem_id)


@shows(MemberJoined, MemberLeft, on="person:{person_id}", about="problem_id")
async def show_helping_to_them(work: Work, happened: MemberJoined | MemberLeft) -> Fragment:
    """Who has another part in a problem now sees who could help, or doesn't any more, on the page that is open."""
    return fragments.helping_for_them(happened.problem_id)


@shows(ProblemEdited, on="network:{problem_id}", about="problem_id")
async def show_about(work: Work, happened: ProblemEdited) -> Fragment:
    return networks.about(await find_problem(work, happened.problem_id))


@shows(
    MemberJoined,
    MemberLeft,
    ConveningStarted,
    UpdatePosted,
    PostEdited,
    OfferWelcomed,
    OfferWithdrawn,
    OfferEnded,
    NeedChanged,
    StageChanged,
    on="network:{problem_id}",
    about="problem_id",
)
async def show_done(work: Work, happened: Moved | PostEdited) -> Fragment:
    """What has been done together, the newest of it."""
    return fragments.done(happened.problem_id, await done_on(work, happened.problem_id))


RENDERERS = [
    show_notice,
    show_head,
    show_story,
    show_members,
    show_network,
    show_wanted,
    show_helping_moved,
    show_helping_to_them,
    show_about,
    show_done,
]
