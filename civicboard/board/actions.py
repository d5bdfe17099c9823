"""Saying what one wants to see less of, and telling open pages of what is new for them."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from civicboard.board import policy
from civicboard.board.events import (
    AlikeMoved,
    FitChanged,
    HelpersChanged,
    ProblemSuited,
    QuestionSuited,
    SilenceNoticed,
)
from civicboard.board.queries.for_you import (
    people_alike,
    people_answering,
    people_breaking_silence,
    people_concerned,
    people_suited,
    people_told,
    problems_fallen_silent,
    suggestions_for,
)
from civicboard.board.queries.watched import watched_with_needs
from civicboard.kit.work import Work, require
from civicboard.matching.models import Waved
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.able import find_able
from civicboard.problems.queries import find_problem

SIGN_IN = "Please sign in to say what you want to see less of."


async def wave_away(work: Work, number: int) -> None:
    """See less like this problem on one's own page. It hides nothing anywhere else; doing it twice counts once."""
    require(policy.may_wave(work.viewer), SIGN_IN)
    await find_problem(work, number)
    await work.session.execute(
        insert(Waved).values(person_id=work.viewer.id, problem_id=number, since=work.now).on_conflict_do_nothing()
    )


async def wave_back(work: Work, number: int) -> None:
    """Take that back."""
    require(policy.may_wave(work.viewer), SIGN_IN)
    await find_problem(work, number)
    await work.session.execute(delete(Waved).where(Waved.person_id == work.viewer.id, Waved.problem_id == number))


async def tell_pages(work: Work, number: int, *, changed: bool = False, read: bool = False) -> int:
    """Record for each person whom a problem may fit that it may. Returns how many those are.

    All of it or nothing; who was told since it last had something new is not told again, so doing it twice does no
    harm. When it has ``changed`` it is for all on whose pages it may stand, to look again. Once a model has ``read``
    it, those look again who were told before, by tags and words alone.
    """
    await work.one_at_a_time(f"suit:{number}")
    for person_id in await people_told(work, number) if read else ():
        work.record(FitChanged(person_id, number))
    people = await (people_concerned if changed else people_suited)(work, number)
    for person_id in people:
        work.record(FitChanged(person_id, number) if changed else ProblemSuited(person_id, number))
    return len(people)


async def tell_of_question(work: Work, number: int, post_id: int) -> int:
    """Record for each person who may be able to answer what somebody asked, that they may. Returns how many those are.

    Who was told of it is not told again; where it asks nothing, or has its answer, nobody is.
    """
    await work.one_at_a_time(f"suit:{number}")
    people = await people_answering(work, number, post_id)
    for person_id in people:
        work.record(QuestionSuited(person_id, number, post_id))
    return len(people)


async def tell_of_silence(work: Work, number: int) -> int:
    """Record for each person who may be able to say something on a problem that fell silent, that they may.

    Once: where it was told already, or the silence is over, nothing happens. Returns how many those are.
    """
    await work.one_at_a_time(f"suit:{number}")
    if not await problems_fallen_silent(work, only=number):
        return 0
    work.record(SilenceNoticed(number))
    people = await people_breaking_silence(work, number)
    for person_id in people:
        work.record(QuestionSuited(person_id, number, None))
    return len(people)


async def tell_of_alike(work: Work, number: int) -> int:
    """Record for those who have a problem like this one that it has moved. Returns how many those are."""
    people = await people_alike(work, number)
    for person_id in people:
        work.record(AlikeMoved(person_id, number))
    return len(people)


async def tell_helped(work: Work, person_id: int, weights: Weights) -> int:
    """Record of the problems that fit a person best and need something, that who could help may be others now.

    And of those that somebody has open just then: nobody knows any more which of them the person fitted before, and
    whoever no longer fits goes from there. Returns how many those are. Twice does no harm.
    """
    fits = await suggestions_for(work, await find_able(work, person_id), weights)
    needing = sorted({*(one.problem_id for one in fits if one.is_need), *await watched_with_needs(work)})
    for number in needing:
        work.record(HelpersChanged(number))
    return len(needing)
