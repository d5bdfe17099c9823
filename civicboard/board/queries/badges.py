"""Where people's names stand on the board."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import BigInteger, any_, bindparam, select, union
from sqlalchemy.dialects.postgresql import ARRAY

from civicboard.kit.work import Work
from civicboard.networks.models import Convening, Member
from civicboard.offers.models import Offer
from civicboard.posts.models import Post
from civicboard.problems.models import Problem


async def named_on(work: Work, people: Collection[int], among: Collection[int]) -> Mapping[int, set[int]]:
    """Who of these people is named on which of these problems' pages, by the problem's number."""
    some = any_(bindparam("people", type_=ARRAY(BigInteger)))
    there = any_(bindparam("among", type_=ARRAY(BigInteger)))
    # Whose ``convenor_id`` they are: by the rows that have an index.
    looks_after = (Convening.began_at.is_not(None), Convening.ended_at.is_(None))
    named: Any = union(
        select(Problem.id, Problem.poster_id).where(Problem.poster_id == some, Problem.id == there),
        select(Convening.problem_id, Convening.person_id).where(
            Convening.person_id == some, Convening.problem_id == there, *looks_after
        ),
        select(Member.problem_id, Member.person_id).where(Member.person_id == some, Member.problem_id == there),
        select(Offer.problem_id, Offer.helper_id).where(Offer.helper_id == some, Offer.problem_id == there),
        select(Post.problem_id, Post.author_id).where(Post.author_id == some, Post.problem_id == there),
    )
    found: dict[int, set[int]] = defaultdict(set)
    for number, person in await work.session.execute(named, {"people": list(people), "among": list(among)}):
        found[number].add(person)
    return found
