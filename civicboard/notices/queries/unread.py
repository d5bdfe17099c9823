"""How much somebody has not read, also beside their name on every page."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import BigInteger, bindparam, func, select

from civicboard.kit.reads import Statement
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Work
from civicboard.notices.models import Notice
from civicboard.people.models import Person
from civicboard.people.queries import viewer_of, viewer_rows

_UNREAD = select(func.count()).where(Notice.person_id == bindparam("mine", type_=BigInteger), Notice.read_at.is_(None))
_COUNT = Statement(_UNREAD)


async def count_unread(work: Work, person_id: int) -> int:
    """How many notices a person has not marked as read."""
    found = await work.fetch(_COUNT, mine=person_id)
    return int(found[0][0])


_VISITOR = Statement(
    viewer_rows().add_columns(
        select(func.count())
        .where(Notice.person_id == Person.id, Notice.read_at.is_(None))
        .correlate(Person)
        .scalar_subquery()
    )
)


async def find_visitor(work: Work, token_hash: str) -> Viewer | None:
    """Whose session cookie this is, with how much they have not read; None when it is nobody's. One statement."""
    found = await work.fetch(_VISITOR, token_hash=token_hash, now=work.now)
    if not found:
        return None
    *row, unread = found[0]
    return replace(viewer_of(row, work.now), unread=unread)
