"""What follows on the pages that gather several features, at once or by a worker."""

from __future__ import annotations

from civicboard.board.events import FitChanged
from civicboard.kit.queue import Errand
from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.matching.events import AbilityIndexed, PostIndexed, ProblemIndexed, ProblemReindexed
from civicboard.networks.events import MemberJoined, MemberLeft
from civicboard.offers.events import NeedAdded, NeedChanged, OfferDeclined, OfferLapsed, OfferMade, OfferWelcomed
from civicboard.posts.events import PostEdited, ReplyPosted, UpdatePosted
from civicboard.problems.events import ProblemEdited, ProblemPosted
from civicboard.progress.events import StageChanged
from civicboard.skills.events import AbilityChanged

ERRAND, OF_PERSON = "suit", "suit_person"


@upon(ProblemPosted, NeedAdded)
async def look_for_people(work: Work, happened: ProblemPosted | NeedAdded) -> None:
    """Not within the deed: it takes longer the more people there are."""
    work.leave(ERRAND, problem_id=happened.problem_id)


@upon(ProblemIndexed)
async def look_by_meaning(work: Work, happened: ProblemIndexed) -> None:
    """Those who fit by tags and words have heard by then, and those who fit by meaning alone hear of it now."""
    work.leave(ERRAND, problem_id=happened.problem_id, read=1)


@upon(NeedChanged, ProblemEdited, StageChanged, ProblemReindexed)
async def look_again(work: Work, happened: NeedChanged | ProblemEdited | StageChanged | ProblemReindexed) -> None:
    """What stands on open pages may be wanted no longer, or in other words."""
    # An offer that waits for its answer, or came to nothing, leaves a need as open as it was.
    if not any(isinstance(one, OfferWelcomed) for one in work.events) and any(
        isinstance(one, (OfferMade, OfferDeclined, OfferLapsed)) for one in work.events
    ):
        return
    again = Errand(ERRAND, {"problem_id": happened.problem_id, "changed": 1})
    if again not in work.errands:
        work.errands.append(again)


@upon(ReplyPosted, UpdatePosted, PostEdited, PostIndexed)
async def look_for_answers(work: Work, happened: ReplyPosted | UpdatePosted | PostEdited | PostIndexed) -> None:
    """It may ask something, which a worker sees; and more people may answer it once a model has read it."""
    work.leave(ERRAND, problem_id=happened.problem_id, post_id=happened.post_id)


@upon(StageChanged, ProblemIndexed)
async def look_for_alike(work: Work, happened: StageChanged | ProblemIndexed) -> None:
    """How it ended, or that there is such a one at all, is for those who have one like it."""
    work.leave(ERRAND, problem_id=happened.problem_id, like=1)


@upon(AbilityChanged, AbilityIndexed)
async def look_for_problems(work: Work, happened: AbilityChanged | AbilityIndexed) -> None:
    """Their own page shows it with the deed; where they may be among those who could help, others see it."""
    work.leave(OF_PERSON, person_id=happened.person_id)


@upon(MemberLeft, MemberJoined)
async def look_at_theirs(work: Work, happened: MemberLeft | MemberJoined) -> None:
    """What somebody has stepped out of is suggested to them no more, until they come back."""
    work.record(FitChanged(happened.person_id, happened.problem_id))


@upon(OfferMade)
async def look_at_own(work: Work, happened: OfferMade) -> None:
    """What somebody has offered for stands no longer among what they could do."""
    assert work.viewer.id is not None  # offers are made by somebody
    work.record(FitChanged(work.viewer.id, happened.problem_id))


REACTIONS: list[Reaction] = [
    look_for_people,
    look_by_meaning,
    look_again,
    look_for_answers,
    look_for_alike,
    look_for_problems,
    look_at_theirs,
    look_at_own,
]
