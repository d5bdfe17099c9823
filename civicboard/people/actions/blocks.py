"""Wanting nothing to do with somebody. It is nobody else's business: no event tells of it."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Work, require
from civicboard.people import policy, queries
from civicboard.people.models import Block


async def block_person(work: Work, handle: str) -> None:
    """Never be suggested to this person, nor they to the viewer. Twice counts once. Raises Missing."""
    require(work.viewer.signed_in, "Please sign in first.")
    person_id = await queries.find_person_id(work, handle)
    require(policy.may_block(work.viewer, person_id), "This is you. There is no getting away from yourself.")
    await work.session.execute(
        insert(Block).values(person_id=work.viewer.id, blocked_id=person_id, since=work.now).on_conflict_do_nothing()
    )


async def unblock_person(work: Work, handle: str) -> None:
    """Take that back. Raises Missing for nobody of that handle."""
    require(work.viewer.signed_in, "Please sign in first.")
    person_id = await queries.find_person_id(work, handle)
    await work.session.execute(delete(Block).where(Block.person_id == work.viewer.id, Block.blocked_id == person_id))
