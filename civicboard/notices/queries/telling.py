"""Whom a fact concerns."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from civicboard.kit.work import Missing, Work
from civicboard.networks.models import Member
from civicboard.offers.models import Need, Offer
from civicboard.problems.models import Problem

#: The most people round one problem who are told of one thing, those who have helped longest.
MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is concerned by an offer: whose problem it is for, who made it, and who said that it is needed."""

    problem_id: int
    offer_id: int
    poster_id: int | None
    helper_id: int
    need_id: int | None
    need_by_id: int | None


async def find_parties(work: Work, offer_id: int) -> Parties:
    """Who is concerned by an offer. Raises Missing."""
    found = await work.session.execute(
        select(Offer.problem_id, Offer.id, Problem.poster_id, Offer.helper_id, Offer.need_id, Need.by_id)
        .join(Problem, Problem.id == Offer.problem_id)
        .outerjoin(Need, Need.id == Offer.need_id)
        .where(Offer.id == offer_id)
    )
    row = found.first()
    if row is None:
        raise Missing
    return Parties(*row)


async def people_on(work: Work, problem_id: int) -> list[int]:
    """Who works on a problem: its poster and the helpers who are still in it."""
    poster = await work.session.scalar(select(Problem.poster_id).where(Problem.id == problem_id))
    helpers = await work.session.scalars(
        select(Member.person_id)
        .where(Member.problem_id == problem_id, Member.part == "helper", Member.left_at.is_(None))
        .order_by(Member.joined_at, Member.person_id)
        .limit(MOST_TOLD)
    )
    return [one for one in (poster, *helpers) if one is not None]
