"""What must be known before a search begins: the places it means, and whether its words are words of this board."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true

from civicboard.board.queries.search.criteria import Search
from civicboard.board.queries.search.finding import MOST_READ, query_of, so_many
from civicboard.kit.reads import Statement
from civicboard.kit.work import Work
from civicboard.matching.models import ABILITY_SEARCH, OUTCOME_SEARCH
from civicboard.offers.models import Need
from civicboard.places.queries import places_within
from civicboard.posts.models import Post
from civicboard.problems.models import Problem
from civicboard.progress.models import StageChange
from civicboard.skills.models import Ability
from civicboard.skills.queries import find_vocabulary, shown_to

#: What so many of the problems that moved last have is common, and not counted.
NEWEST = 200


async def prepared(work: Work, wanted: Search) -> Search:
    """The same, with the ids of its place; and only what is surely alike, where no text has any of its words.

    Something is always nearest in meaning, to "zzzqqq" too. What nobody here has ever written may be a word that
    nobody knows, or a slip.
    """
    if wanted.place:
        wanted = replace(wanted, places=await places_within(work, wanted.place))
    if wanted.shape.meant and wanted.sure > wanted.least and not await _is_known(work, wanted):
        return replace(wanted, least=wanted.sure)
    return wanted


def _some(found: Select[Any]) -> ColumnElement[bool]:
    """Whether there is any. Counted, for to find just one PostgreSQL would rather read the table than the index."""
    return select(func.count()).select_from(found.limit(so_many(MOST_READ)).subquery()).scalar_subquery() > 0


_QUERY = query_of("partly")
_FIRST = select(Problem.search).order_by(Problem.moved_at.desc(), Problem.id.desc()).limit(so_many(NEWEST)).subquery()
_RARE = or_(
    _some(select(Problem.id).where(Problem.search.op("@@")(_QUERY))),
    _some(select(Post.id).where(Post.search.op("@@")(_QUERY))),
    _some(select(Need.id).where(Need.search.op("@@")(_QUERY))),
    _some(select(StageChange.id).where(OUTCOME_SEARCH.op("@@")(_QUERY))),
    _some(select(Ability.person_id).where(ABILITY_SEARCH.op("@@")(_QUERY), shown_to(None))),
)
_KNOWN = Statement(
    select(case((select(_FIRST.c.search).where(_FIRST.c.search.op("@@")(_QUERY)).exists(), true()), else_=_RARE))
)


async def _is_known(work: Work, wanted: Search) -> bool:
    """Whether any of the words is in a text that everybody may read, or in the vocabulary of what people can do."""
    ((known,),) = await work.fetch(_KNOWN, partly=wanted.values()["partly"])
    if known:
        return True
    vocabulary = await find_vocabulary(work)
    return any(vocabulary.tag_of(word) is not None for word in wanted.each_word)
