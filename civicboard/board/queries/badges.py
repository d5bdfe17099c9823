"""Where a person's name stands on the board."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, any_, bindparam, select, union
from sqlalchemy.dialects.postgresql import ARRAY

from civicboard.kit.work import Work
from civicboard.networks.models import Convening, Member
from civicboard.offers.models import Offer
from civicboard.posts.models import Post
from civicboard.problems.models import Problem


async def problems_with(work: Work, person_id: int, among: Sequence[int]) -> list[int]:
    """Of these problems the numbers of those whose pages name somebody."""
    there = any_(bindparam("among", type_=ARRAY(BigInteger)))
    named = union(
        select(Problem.id).where(Problem.poster_id == person_id, Problem.id == there),
        # Whose ``convenor_id`` they are: by the rows that have an index.
        select(Convening.problem_id).where(
            Convening.person_id == person_id,
            Convening.problem_id == there,
            Convening.began_at.is_not(None),
            Convening.ended_at.is_(None),
        ),
        select(Member.problem_id).where(Member.person_id == person_id, Member.problem_id == there),
        select(Offer.problem_id).where(Offer.helper_id == person_id, Offer.problem_id == there),
        select(Post.problem_id).where(Post.author_id == person_id, Post.problem_id == there),
    )
    return sorted(await work.session.scalars(named, {"among": list(among)}))
