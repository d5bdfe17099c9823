"""Who is asked when: the needs whose turn it is, and who is an officer.

It is the only place of matching that knows of organisations, and says when somebody may be asked, never how well they
fit (tests/house/test_belonging_is_no_input.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from civicboard.kit.days import earliest_today
from civicboard.kit.work import Work
from civicboard.matching.models import Ask, Round
from civicboard.matching.policy import rings
from civicboard.matching.policy.asking import STANDING
from civicboard.offers.models import Need
from civicboard.organisations.models import Affiliation
from civicboard.problems.models import Problem

#: So many are seen to in one go; the others have their turn a minute later.
MOST_AT_ONCE = 200


async def officers_among(work: Work, ids: Iterable[int]) -> set[int]:
    """Who of these is an officer of any organisation."""
    given = literal(sorted(ids), ARRAY(BigInteger))
    found = await work.session.scalars(
        select(Affiliation.person_id).where(
            Affiliation.person_id == any_(given), Affiliation.role == "officer", Affiliation.ended_at.is_(None)
        )
    )
    return set(found)


_SINCE: ColumnElement[object] = func.coalesce(Need.ring_since, Need.added_at)


def _open(work: Work) -> Select[int]:
    """SELECT the ids of open needs that there is still time for, on problems that are not sorted."""
    today = earliest_today(work.now)
    return (
        select(Need.id)
        .join(Problem, Problem.id == Need.problem_id)
        .outerjoin(Round, Round.need_id == Need.id)
        # Written out as in the partial index.
        .where(Need.state == literal("open", literal_execute=True), Problem.stage != "sorted")
        .where(or_(Need.by.is_(None), Need.by >= today))
    )


async def needs_to_move(work: Work) -> list[int]:
    """The needs that have been asked for in one ring for long enough."""
    due = _open(work).where(
        Need.ring < rings.WIDER, func.coalesce(Round.is_on, True), work.now - rings.RING_LASTS >= _SINCE
    )
    return list(await work.session.scalars(due.order_by(Need.ring_since, Need.id).limit(MOST_AT_ONCE)))


async def needs_to_ask_for(work: Work) -> list[int]:
    """The needs for which the board has not asked round in their ring, or may look again, those longest ago first."""
    asked = (
        select(func.count())
        .where(Ask.need_id == Need.id, Ask.ring == Need.ring, _takes_a_place(work))
        .correlate(Need)
        .scalar_subquery()
    )
    due = (
        _open(work)
        .where(func.coalesce(Round.is_on, True), Need.added_at <= work.now - rings.FIRST_LOOK)
        .where(
            or_(
                Round.looked_at.is_(None),
                Round.ring < Need.ring,
                (Round.looked_at <= work.now - rings.LOOKS_AGAIN) & (asked < rings.MOST_IN_RING),
            )
        )
    )
    ordered = due.order_by(Round.looked_at.asc().nulls_first(), Need.id).limit(MOST_AT_ONCE)
    return list(await work.session.scalars(ordered))


def _takes_a_place(work: Work) -> ColumnElement[bool]:
    """The condition of what the board has asked somebody in a ring and that keeps it from asking another there.

    It does so while it waits for an answer, and once answered until the ring has had its time; without an answer, or
    called off, no longer.
    """
    answered = Ask.state.in_(("yes", "not_now", "not_me")) & (Ask.made_at > work.now - rings.RING_LASTS)
    return Ask.by_id.is_(None) & or_(Ask.state.in_(STANDING), answered)


async def places_left(work: Work, need_id: int, ring: int) -> int:
    """How many people more the board itself may ask for a need in a ring at this moment."""
    taken = select(func.count()).where(Ask.need_id == need_id, Ask.ring == ring, _takes_a_place(work))
    return max(rings.MOST_IN_RING - int(await work.session.scalar(taken) or 0), 0)


async def find_round(work: Work, need_id: int) -> Round | None:
    """How the board asks round for a need; None where it has not begun. The caller holds the need locked."""
    found: Round | None = await work.session.get(Round, need_id)
    return found
