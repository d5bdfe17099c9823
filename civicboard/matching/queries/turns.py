"""When somebody may be asked, and which asks the clock has to see to."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import literal, select

from civicboard.kit.work import Work
from civicboard.matching.models import Ask
from civicboard.matching.policy.asking import ANSWER_WITHIN, WEEK, AskPreferences, zone_named
from civicboard.skills.models import Ability

#: So many are seen to in one go; the others have their turn a minute later.
MOST_AT_ONCE = 500


async def find_ask_preferences(work: Work, person_id: int, zone: ZoneInfo) -> AskPreferences:
    """When somebody is left in peace; ``zone`` is the board's, for who has not said theirs."""
    found = await work.session.execute(
        select(Ability.timezone, Ability.quiet_from, Ability.quiet_until, Ability.asks_a_week).where(
            Ability.person_id == person_id
        )
    )
    row = found.first()
    if row is None:
        return AskPreferences(zone)
    return AskPreferences(zone_named(row.timezone, zone), row.quiet_from, row.quiet_until, row.asks_a_week)


async def asked_lately(work: Work, person_id: int) -> list[datetime]:
    """When somebody was asked within the last seven days, for whatever need."""
    found = await work.session.scalars(
        select(Ask.asked_at).where(Ask.person_id == person_id, Ask.asked_at >= work.now - WEEK)
    )
    return [one for one in found if one is not None]


async def asks_due(work: Work) -> list[int]:
    """The asks that wait, and whose time has come."""
    waiting = Ask.state == literal("waiting", literal_execute=True)  # written out as in the partial index
    due = select(Ask.id).where(waiting, Ask.due_at <= work.now).order_by(Ask.due_at, Ask.id)
    return list(await work.session.scalars(due.limit(MOST_AT_ONCE)))


async def asks_overdue(work: Work) -> list[int]:
    """The asks that nobody has answered for too long."""
    asked = Ask.state == literal("asked", literal_execute=True)
    due = select(Ask.id).where(asked, Ask.asked_at <= work.now - ANSWER_WITHIN).order_by(Ask.asked_at, Ask.id)
    return list(await work.session.scalars(due.limit(MOST_AT_ONCE)))
