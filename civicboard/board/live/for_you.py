"""What one person's own page shows as it happens: to them alone what fits them, to all such pages what is settled."""

from __future__ import annotations

from dataclasses import replace

from civicboard.board import fragments
from civicboard.board.events import AlikeMoved, FitChanged, ProblemSuited, QuestionSuited
from civicboard.board.queries.for_you import (
    alike_elsewhere,
    find_line,
    find_question,
    find_suggestion,
    questions_settled,
    questions_waiting,
    silent_words,
    suggestions_for,
    words_asked,
)
from civicboard.kit.hub import shows
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Missing, Work
from civicboard.matching.events import AbilityIndexed, AskAnswered, AskEnded, PersonAsked
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.able import find_able
from civicboard.matching.queries.asks import asks_of
from civicboard.offers.events import OfferMade
from civicboard.people.events import ProfileEdited
from civicboard.posts.events import PostEdited, ReplyPosted, UpdatePosted
from civicboard.problems.events import ProblemEdited, ProblemPosted
from civicboard.problems.queries import find_problem
from civicboard.progress.events import StageChanged
from civicboard.skills.events import AbilityChanged


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


@shows(PersonAsked, AskAnswered, AskEnded, on="for-you:{person_id}", about="person_id")
async def show_asks(work: Work, happened: PersonAsked | AskAnswered | AskEnded) -> Fragment:
    """What that person is asked now, to them alone."""
    asks = await asks_of(work, happened.person_id)
    is_new = isinstance(happened, PersonAsked) and asks
    return fragments.asks(asks, say=f"You are asked: {asks[0].what}" if is_new else "")


@shows(PersonAsked, AskEnded, on="for-you:{person_id}", about="problem_id")
async def show_fit_beside_asks(work: Work, happened: PersonAsked | AskEnded, *, weights: Weights) -> Fragment:
    """What somebody is asked is no suggestion as well; once they needn't answer, it may be one again."""
    able = await find_able(work, happened.person_id)
    try:
        return replace(fragments.suggestion(await find_suggestion(work, able, happened.problem_id, weights)), say="")
    except Missing:
        return fragments.taken_up(happened.problem_id)


@shows(AbilityChanged, ProfileEdited, AbilityIndexed, on="for-you:{person_id}", about="person_id")
async def show_all_fits(
    work: Work, happened: AbilityChanged | ProfileEdited | AbilityIndexed, *, weights: Weights
) -> list[Fragment]:
    """Who says what they can do, or where they live, sees what needs that: to that person alone."""
    able = await find_able(work, happened.person_id)
    return fragments.suggestions(able, await suggestions_for(work, able, weights))


@shows(QuestionSuited, on="for-you:{person_id}")
async def show_question(work: Work, happened: QuestionSuited, *, weights: Weights) -> Fragment | None:
    """To that person alone, and only if they could answer it; what stands among what needs them asks them already."""
    able = await find_able(work, happened.person_id)
    found = await find_question(work, able, happened.problem_id, happened.post_id, weights)
    try:
        await find_suggestion(work, able, happened.problem_id, weights)
    except Missing:
        return fragments.question(found)
    return None


@shows(AlikeMoved, on="for-you:{person_id}")
async def show_alike(work: Work, happened: AlikeMoved) -> list[Fragment]:
    """How a problem like one of theirs stands now, if it is among those that the page itself would show.

    If not, it goes from there: something had come of it, and it was opened again.
    """
    rows = await alike_elsewhere(work, happened.person_id)
    found = [fragments.alike(row) for row in rows if row.problem_id == happened.problem_id]
    return found or [fragments.alike_no_more(happened.problem_id)]


@shows(ReplyPosted, UpdatePosted, OfferMade, StageChanged, on="for-you", about="problem_id")
async def show_settled(work: Work, happened: ReplyPosted | UpdatePosted | OfferMade | StageChanged) -> list[Fragment]:
    """What was a question has its answer, on whichever page it stands; everybody may read that it has."""
    settled = await questions_settled(work, happened.problem_id)
    line = await find_line(work, happened.problem_id)
    return [fragments.settled(line, post_id) for post_id in settled]


@shows(PostEdited, on="for-you", about="post_id")
async def show_question_edited(work: Work, happened: PostEdited) -> Fragment:
    """What it asks now, on whichever page it stands; or that it asks nothing any more, until it is edited again."""
    number, post_id = happened.problem_id, happened.post_id
    line, words = await find_line(work, number), await words_asked(work, number, post_id)
    return fragments.asked(line, post_id, words)


@shows(ProblemEdited, on="for-you", about="problem_id")
async def show_title_edited(work: Work, happened: ProblemEdited) -> list[Fragment]:
    """What a problem is called now, over what was asked on it; or what it says, where nobody has spoken of it."""
    number = happened.problem_id
    line, words = await find_line(work, number), await silent_words(work, number)
    if words is not None:
        return [fragments.asked(line, None, words)]
    return [fragments.asked(line, post_id, asked) for post_id, asked in await questions_waiting(work, number)]


@shows(ProblemPosted, on="for-you")
async def show_new_nearby(work: Work, happened: ProblemPosted) -> Fragment:
    """What is near is for each another, so it is not sent: a page that shows what is near its person asks."""
    return fragments.nearby_moved()


@shows(StageChanged, ProblemEdited, on="for-you", about="problem_id")
async def show_how_it_stands(work: Work, happened: StageChanged | ProblemEdited) -> Fragment:
    """What was new near somebody may be sorted by now."""
    return fragments.near_stands(await find_line(work, happened.problem_id))


RENDERERS = [
    show_suggestion,
    show_fit,
    show_asks,
    show_fit_beside_asks,
    show_all_fits,
    show_question,
    show_alike,
    show_settled,
    show_question_edited,
    show_title_edited,
    show_new_nearby,
    show_how_it_stands,
]
