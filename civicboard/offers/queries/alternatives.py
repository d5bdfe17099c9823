"""Where an offer that nobody answered would be welcome instead."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, any_, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import InstrumentedAttribute

from civicboard.kit.work import Work
from civicboard.networks.queries.apart import unblocked
from civicboard.offers.models import Need, Offer
from civicboard.offers.queries.needs import NeedRow, still_open
from civicboard.offers.queries.offering import OfferRow
from civicboard.people.queries import not_blocked
from civicboard.problems.models import Problem
from civicboard.problems.queries import ProblemRow, as_rows, problem_rows

#: So many that fit at all are compared, the newest ones.
MOST_COMPARED = 200
#: Words that say how much or when, and so in how many offers they stand says nothing of what fits.
_HOW_MUCH = frozenset(
    """
    hour hours day days morning mornings afternoon afternoons evening evenings night nights week weeks weekend
    weekends month months monday mondays tuesday tuesdays wednesday wednesdays thursday thursdays friday fridays
    saturday saturdays sunday sundays one two three four five help time somebody someone anybody anyone who with
    and for the
    """.split()  # noqa: SIM905  # sixty quotation marks would hide the words
)


async def fitting_alternative(work: Work, offer: OfferRow) -> NeedRow | ProblemRow | None:
    """What else the helper of an offer could do with it: an open need elsewhere, else a problem that asks for help.

    It has words or tags in common with the offer, the need it was for, or that need's problem. None when nothing has:
    to point at anything at all would be no kindness. Nothing where they would
    meet somebody with whom they are blocked.
    """
    said = re.findall(r"\w{3,}", f"{offer.what} {offer.need_what or ''}".lower())
    words = [word for word in dict.fromkeys(said) if word not in _HOW_MUCH][:24]
    query = func.websearch_to_tsquery("civic", " or ".join(f'"{word}"' for word in words))
    asked = (
        select(Problem.tags, Need.tags, Need.kind)
        .select_from(Offer)
        .join(Problem, Problem.id == Offer.problem_id)
        .outerjoin(Need, Need.id == Offer.need_id)
        .where(Offer.id == offer.id)
    )
    about, needed, kind = (await work.session.execute(asked)).one()
    tags = [*dict.fromkeys([*(needed or ()), *about])]
    elsewhere = (
        Problem.id != offer.problem_id,
        Problem.poster_id.is_distinct_from(offer.helper_id),
        unblocked(offer.helper_id, array([Problem.poster_id]), Problem.id),
    )
    taken = select(Offer.need_id).where(Offer.helper_id == offer.helper_id, Offer.need_id.is_not(None))
    score = (
        _shared(Need.tags, tags) * 2.0
        + _shared(Problem.tags, tags)
        + func.ts_rank(Need.search, query) * 4.0
        + (func.coalesce(Need.kind == (kind or ""), False).cast(Integer) * 0.5)
    ).label("score")
    fits = or_(Need.search.op("@@")(query), Need.tags.overlap(_texts(tags)), Problem.tags.overlap(_texts(tags)))
    near = (
        still_open(work.now)
        .where(*elsewhere, fits, Need.id.not_in(taken), not_blocked(Need.by_id, offer.helper_id))
        .add_columns(score)
        .order_by(Need.id.desc())
        .limit(MOST_COMPARED)
        .subquery()
    )
    columns = [column for column in near.c if column.key != "score"]
    best = (
        (await work.session.execute(select(*columns).order_by(near.c.score.desc(), near.c.id.desc()).limit(1)))
        .mappings()
        .first()
    )
    if best is not None:
        return NeedRow(**best)
    asking = (
        problem_rows()
        .where(*elsewhere, Problem.help_wanted != "", Problem.stage != "sorted")
        .where(or_(Problem.search.op("@@")(query), Problem.tags.overlap(_texts(tags))))
        .order_by((_shared(Problem.tags, tags) + func.ts_rank(Problem.search, query) * 4.0).desc(), Problem.id.desc())
        .limit(1)
    )
    found = as_rows((await work.session.execute(asking)).mappings().all())
    return found[0] if found else None


def _texts(tags: list[str]) -> ColumnElement[Any]:
    return cast(literal(tags, ARRAY(Text)), ARRAY(Text))


def _shared(theirs: ColumnElement[Any] | InstrumentedAttribute[Any], tags: list[str]) -> ColumnElement[int]:
    """How many tags are in both."""
    tag = func.unnest(theirs).column_valued("tag")
    return select(func.count(tag)).where(tag == any_(_texts(tags))).scalar_subquery()
