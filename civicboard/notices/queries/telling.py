"""Whom a fact concerns."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select

from civicboard.kit.work import Missing, Work
from civicboard.networks.models import Member
from civicboard.offers.models import Need, Offer
from civicboard.people.models import Block
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


async def blocked_with(work: Work, person_id: int | None) -> set[int]:
    """Everybody who wants nothing to do with a person, or with whom that person wants nothing to do."""
    if person_id is None:
        return set()
    found = await work.session.execute(
        select(Block.person_id, Block.blocked_id).where(
            or_(Block.person_id == person_id, Block.blocked_id == person_id)
        )
    )
    return {one for pair in found for one in pair} - {person_id}
