"""Needs and offers as they are made, answered and met."""

from __future__ import annotations

from civicboard.kit.hub import shows
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Work
from civicboard.networks.events import ConveningEnded, ConveningStarted
from civicboard.offers import fragments
from civicboard.offers.events import (
    NeedAdded,
    NeedChanged,
    NeedEdited,
    OfferDeclined,
    OfferEnded,
    OfferLapsed,
    OfferMade,
    OfferWelcomed,
    OfferWithdrawn,
)
from civicboard.offers.queries import find_offer, needs_on, offers_to, standing_offers_on
from civicboard.problems.events import ProblemEdited
from civicboard.problems.queries import find_problem
from civicboard.progress.events import StageChanged

Needed = NeedAdded | NeedChanged | ProblemEdited | StageChanged | ConveningStarted | ConveningEnded
Happened = OfferMade | OfferWelcomed | OfferDeclined | OfferWithdrawn | OfferLapsed | OfferEnded


@shows(OfferMade, OfferWelcomed, OfferDeclined, OfferWithdrawn, OfferLapsed, OfferEnded, on="problem:{problem_id}")
async def show_offer(work: Work, happened: Happened) -> Fragment:
    return fragments.offer(await find_offer(work, happened.offer_id))


@shows(
    NeedAdded,
    NeedChanged,
    ProblemEdited,
    StageChanged,
    ConveningStarted,
    ConveningEnded,
    on="problem:{problem_id}",
    about="problem_id",
)
async def show_needs(work: Work, happened: Needed) -> Fragment:
    """What it needs. While a problem is sorted its needs rest, and its poster is asked for none."""
    problem = await find_problem(work, happened.problem_id)
    rows = await needs_on(work, problem.id)
    said = "Something more is needed here." if isinstance(happened, NeedAdded) else ""
    return fragments.needs(problem, rows, say=said)


@shows(NeedEdited, on="problem:{problem_id}", about="need_id")
async def show_offers_to_it(work: Work, happened: NeedEdited) -> list[Fragment]:
    """Each offer names the need that it answers, as it reads now."""
    return [fragments.offer(row, say=False) for row in await offers_to(work, happened.need_id)]


@shows(ConveningStarted, ConveningEnded, on="problem:{problem_id}", about="problem_id")
async def show_offers_standing(work: Work, happened: ConveningStarted | ConveningEnded) -> list[Fragment]:
    """Who looks after the problem now finds beside each offer the way to answer it, or to say that it is done."""
    return [fragments.offer(row, say=False) for row in await standing_offers_on(work, happened.problem_id)]


RENDERERS = [show_offer, show_needs, show_offers_to_it, show_offers_standing]
