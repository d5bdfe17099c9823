"""Who wants nothing to do with whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from civicboard.kit.work import Missing, Work
from civicboard.people.models import Block, Person


@dataclass(frozen=True, slots=True)
class BlockRow:
    """Somebody whom the viewer wants nothing to do with."""

    handle: str
    name: str
    since: datetime


async def find_person_id(work: Work, handle: str) -> int:
    """The id of whoever has this handle; its case doesn't count. Raises Missing."""
    found: int | None = await work.session.scalar(select(Person.id).where(Person.handle == handle.lower()))
    if found is None:
        raise Missing
    return found


async def find_block(work: Work, person_id: int) -> bool:
    """Whether the viewer wants nothing to do with this person. Nobody finds out the other way round."""
    if not work.viewer.signed_in:
        return False
    found = await work.session.scalar(
        select(Block.since).where(Block.person_id == work.viewer.id, Block.blocked_id == person_id)
    )
    return found is not None


async def own_blocks(work: Work) -> list[BlockRow]:
    """Whom the viewer wants nothing to do with, the last first."""
    found = await work.session.execute(
        select(Person.handle, Person.name, Block.since)
        .join(Block, Block.blocked_id == Person.id)
        .where(Block.person_id == work.viewer.id)
        .order_by(Block.since.desc(), Person.id)
        .limit(500)
    )
    return [BlockRow(*row) for row in found]


def not_blocked(one: Any, other: Any) -> ColumnElement[bool]:
    """The condition that neither of two people wants nothing to do with the other; true where either is nobody.

    Each may be an id or a column of ids.
    """
    between = or_(
        (Block.person_id == one) & (Block.blocked_id == other),
        (Block.blocked_id == one) & (Block.person_id == other),
    )
    return ~select(Block.person_id).where(between).exists()


async def blocked_with(work: Work, person_id: int) -> set[int]:
    """Everybody whom this person has blocked or who has blocked them. For matching: never for a page."""
    found = await work.session.execute(
        select(Block.person_id, Block.blocked_id).where(
            or_(Block.person_id == person_id, Block.blocked_id == person_id)
        )
    )
    return {blocked if by == person_id else by for by, blocked in found}
