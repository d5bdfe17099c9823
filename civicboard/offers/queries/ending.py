"""Every SELECT about needs and offers whose time is over."""

from __future__ import annotations

from sqlalchemy import Select, func, or_, select, true

from civicboard.kit.days import earliest_today
from civicboard.kit.work import Work
from civicboard.offers.models import Need, Offer
from civicboard.offers.policy import ANSWER_WITHIN, REACHABLE_FOR
from civicboard.problems.models import Problem

#: So many are seen to in one go; the others have their turn a minute later.
MOST_AT_ONCE = 500


async def offers_unanswered(work: Work) -> list[int]:
    """The offers that have waited for longer than a week, past their own last day, or where nobody can answer them: the
    oldest first."""
    late = or_(
        Offer.made_at <= work.now - ANSWER_WITHIN,
        Offer.until < earliest_today(work.now),
        Problem.poster_id.is_(None) & func.coalesce(Problem.convenor_id == Offer.helper_id, true()),
    )
    due = (
        select(Offer.id)
        .join(Problem, Problem.id == Offer.problem_id)
        .where(Offer.state == "waiting", late)
        .order_by(Offer.id)
        .limit(MOST_AT_ONCE)
    )
    return list(await work.session.scalars(due))


async def offers_over(work: Work) -> list[int]:
    """The welcomed offers whose last day has passed."""
    due = select(Offer.id).where(Offer.state == "welcomed", Offer.until < earliest_today(work.now))
    return list(await work.session.scalars(due.order_by(Offer.id).limit(MOST_AT_ONCE)))


async def needs_over(work: Work) -> list[int]:
    """The open needs whose last day has passed; not while their problem is sorted, and they rest."""
    due = (
        select(Need.id)
        .join(Problem, Problem.id == Need.problem_id)
        .where(Need.state == "open", Need.by < earliest_today(work.now), Problem.stage != "sorted")
    )
    return list(await work.session.scalars(due.order_by(Need.id).limit(MOST_AT_ONCE)))


def _left_unsaid(work: Work) -> Select[int]:
    ended = select(func.max(Offer.ended_at)).where(Offer.need_id == Need.id, Offer.state == "ended", Offer.done)
    return (
        select(Need.id)
        .join(Problem, Problem.id == Need.problem_id)
        .where(Need.state == "being_met", Need.offer_count == 0, Problem.stage != "sorted")
        .where(ended.scalar_subquery() <= work.now - ANSWER_WITHIN)
    )


async def needs_left_unsaid(work: Work) -> list[int]:
    """The needs that somebody has helped with, of which nobody has said for a week whether that was enough."""
    return list(await work.session.scalars(_left_unsaid(work).order_by(Need.id).limit(MOST_AT_ONCE)))


async def is_left_unsaid(work: Work, need_id: int) -> bool:
    """Whether a need is one of them."""
    return await work.session.scalar(_left_unsaid(work).where(Need.id == need_id)) is not None


def ended_long_ago(work: Work) -> Select[int]:
    """SELECT the ids of offers that ended so long ago that the two need not reach each other any more."""
    return select(Offer.id).where(Offer.state == "ended", Offer.ended_at <= work.now - REACHABLE_FOR)


async def is_being_met(work: Work, need_id: int) -> bool:
    """Whether somebody is on a need: an offer to it is welcomed."""
    welcomed = select(Offer.id).where(Offer.need_id == need_id, Offer.state == "welcomed").limit(1)
    return await work.session.scalar(welcomed) is not None
