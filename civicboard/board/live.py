"""What the board and a problem's page show as it happens, where that takes more than one feature."""

from __future__ import annotations

from dataclasses import replace

from civicboard.board import fragments
from civicboard.board.events import BadgeChanged, FitChanged, HelpersChanged, ProblemSuited
from civicboard.board.queries import done_on, find_card
from civicboard.board.queries.for_you import find_suggestion, suggestions_for
from civicboard.kit.hub import shows
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Missing, Work
from civicboard.matching.events import (
    AbilityIndexed,
    AskAnswered,
    AskEnded,
    PersonAsked,
    ProblemIndexed,
    ProblemReindexed,
)
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.able import find_able
from civicboard.matching.queries.asks import asks_of
from civicboard.networks import fragments as networks
from civicboard.networks.events import ConveningStarted, MemberChanged, MemberJoined, MemberLeft
from civicboard.networks.queries import MOST_ON_PAGE, members_of
from civicboard.offers import fragments as offers
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
from civicboard.offers.queries import needs_standing, offers_on
from civicboard.people.events import ProfileEdited
from civicboard.posts import fragments as posts
from civicboard.posts.events import PostEdited, ReplyPosted, UpdatePosted
from civicboard.posts.queries import posts_on
from civicboard.problems import fragments as problems
from civicboard.problems.events import AffectedChanged, FollowChanged, ProblemEdited, ProblemPosted
from civicboard.problems.queries import find_problem
from civicboard.progress.events import StageChanged
from civicboard.skills.events import AbilityChanged

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
    | BadgeChanged
    | MemberJoined
    | MemberChanged
    | MemberLeft
    | ConveningStarted
    | HelpersChanged
    | ProblemIndexed
    | ProblemReindexed
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
@shows(MemberJoined, on="board", about="problem_id")
@shows(MemberLeft, on="board", about="problem_id")
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


@shows(BadgeChanged, on="problem:{problem_id}", about="problem_id")
@shows(MemberJoined, on="problem:{problem_id}", about="problem_id")
@shows(MemberChanged, on="problem:{problem_id}", about="problem_id")
@shows(MemberLeft, on="problem:{problem_id}", about="problem_id")
async def show_members(work: Work, happened: Moved) -> Fragment:
    problem = await find_problem(work, happened.problem_id)
    return networks.members(problem, await members_of(work, problem.id))


@shows(BadgeChanged, on="network:{problem_id}", about="problem_id")
@shows(MemberJoined, on="network:{problem_id}", about="problem_id")
@shows(MemberChanged, on="network:{problem_id}", about="problem_id")
@shows(MemberLeft, on="network:{problem_id}", about="problem_id")
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
    problem = await find_problem(work, happened.problem_id)
    return networks.wanted(problem, await needs_standing(work, problem.id))


@shows(NeedAdded, on="problem:{problem_id}", about="problem_id")
@shows(NeedChanged, on="problem:{problem_id}", about="problem_id")
@shows(StageChanged, on="problem:{problem_id}", about="problem_id")
@shows(MemberJoined, on="problem:{problem_id}", about="problem_id")
@shows(MemberChanged, on="problem:{problem_id}", about="problem_id")
@shows(MemberLeft, on="problem:{problem_id}", about="problem_id")
@shows(HelpersChanged, on="problem:{problem_id}", about="problem_id")
@shows(ProblemIndexed, on="problem:{problem_id}", about="problem_id")
@shows(ProblemReindexed, on="problem:{problem_id}", about="problem_id")
async def show_helping_moved(work: Work, happened: Moved) -> Fragment:
    """Who could help is for each viewer another list, and nothing that everybody may know: so it is not sent."""
    return fragments.helping_moved(happened.problem_id)


@shows(ProblemEdited, on="network:{problem_id}", about="problem_id")
async def show_about(work: Work, happened: ProblemEdited) -> Fragment:
    return networks.about(await find_problem(work, happened.problem_id))


@shows(BadgeChanged, on="problem:{problem_id}")
async def show_badges(work: Work, happened: BadgeChanged) -> list[Fragment]:
    """What somebody said and offered, with what stands beside their name now. Nobody needs to hear of it."""
    said, _ = await posts_on(work, happened.problem_id)
    offered = await offers_on(work, happened.problem_id)
    shown = [posts.post(row) for row in said if row.author_id == happened.person_id]
    shown += [offers.offer(row) for row in offered if row.helper_id == happened.person_id]
    return [replace(fragment, say="") for fragment in shown]


@shows(MemberJoined, on="network:{problem_id}", about="problem_id")
@shows(MemberLeft, on="network:{problem_id}", about="problem_id")
@shows(ConveningStarted, on="network:{problem_id}", about="problem_id")
@shows(UpdatePosted, on="network:{problem_id}", about="problem_id")
@shows(PostEdited, on="network:{problem_id}", about="problem_id")
@shows(OfferWelcomed, on="network:{problem_id}", about="problem_id")
@shows(OfferWithdrawn, on="network:{problem_id}", about="problem_id")
@shows(StageChanged, on="network:{problem_id}", about="problem_id")
async def show_done(work: Work, happened: Moved | PostEdited) -> Fragment:
    """What has been done together, the newest of it."""
    return fragments.done(happened.problem_id, await done_on(work, happened.problem_id))


@shows(ProblemSuited, on="for-you:{person_id}")
async def show_suggestion(work: Work, happened: ProblemSuited, *, weights: Weights) -> Fragment:
    """To that person alone, and only if it does fit by all that the page itself goes by."""
    able = await find_able(work, happened.person_id)
    return fragments.suggestion(await find_suggestion(work, able, happened.problem_id, weights))


@shows(FitChanged, on="for-you:{person_id}")
async def show_fit(work: Work, happened: FitChanged, *, weights: Weights) -> Fragment:
    """As it fits that person now, without a word; or that it is needed no longer, if it stands on their page."""
    able = await find_able(work, happened.person_id)
    try:
        return replace(fragments.suggestion(await find_suggestion(work, able, happened.problem_id, weights)), say="")
    except Missing:
        return fragments.unfit(await find_problem(work, happened.problem_id))


@shows(PersonAsked, on="for-you:{person_id}", about="person_id")
@shows(AskAnswered, on="for-you:{person_id}", about="person_id")
@shows(AskEnded, on="for-you:{person_id}", about="person_id")
async def show_asks(work: Work, happened: PersonAsked | AskAnswered | AskEnded) -> Fragment:
    """What that person is asked now, to them alone."""
    asks = await asks_of(work, happened.person_id)
    is_new = isinstance(happened, PersonAsked) and asks
    return fragments.asks(asks, say=f"You are asked: {asks[0].what}" if is_new else "")


@shows(PersonAsked, on="for-you:{person_id}", about="problem_id")
@shows(AskEnded, on="for-you:{person_id}", about="problem_id")
async def show_fit_beside_asks(work: Work, happened: PersonAsked | AskEnded, *, weights: Weights) -> Fragment:
    """What somebody is asked is no suggestion as well; once they needn't answer, it may be one again."""
    able = await find_able(work, happened.person_id)
    try:
        return replace(fragments.suggestion(await find_suggestion(work, able, happened.problem_id, weights)), say="")
    except Missing:
        return fragments.taken_up(happened.problem_id)


@shows(AbilityChanged, on="for-you:{person_id}", about="person_id")
@shows(ProfileEdited, on="for-you:{person_id}", about="person_id")
@shows(AbilityIndexed, on="for-you:{person_id}", about="person_id")
async def show_all_fits(
    work: Work, happened: AbilityChanged | ProfileEdited | AbilityIndexed, *, weights: Weights
) -> list[Fragment]:
    """Who says what they can do, or where they live, sees what needs that: to that person alone."""
    able = await find_able(work, happened.person_id)
    return fragments.suggestions(able, await suggestions_for(work, able, weights))


RENDERERS = [
    show_notice,
    show_head,
    show_story,
    show_members,
    show_network,
    show_wanted,
    show_helping_moved,
    show_about,
    show_badges,
    show_done,
    show_suggestion,
    show_fit,
    show_asks,
    show_fit_beside_asks,
    show_all_fits,
]
