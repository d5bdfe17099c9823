"""Where a person's name stands on the board."""

from __future__ import annotations

from sqlalchemy import select, union

from civicboard.kit.work import Work
from civicboard.networks.models import Convening, Member
from civicboard.offers.models import Offer
from civicboard.problems.models import Problem


async def problems_with(work: Work, person_id: int, *, most: int) -> list[int]:
    """The numbers of the problems whose pages name somebody: the ``most`` that moved last."""
    named = union(
        select(Problem.id).where(Problem.poster_id == person_id),
        # Whose ``convenor_id`` they are: by the rows that have an index.
        select(Convening.problem_id).where(
            Convening.person_id == person_id, Convening.began_at.is_not(None), Convening.ended_at.is_(None)
        ),
        select(Member.problem_id).where(Member.person_id == person_id),
        select(Offer.problem_id).where(Offer.helper_id == person_id),
    ).subquery()
    newest = select(Problem.id).join(named, named.c.id == Problem.id).order_by(Problem.moved_at.desc(), Problem.id)
    return list(await work.session.scalars(newest.limit(most)))
