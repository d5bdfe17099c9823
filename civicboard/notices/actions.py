"""Telling people, marking what they were told as read, and forgetting it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Work, require
from civicboard.notices import policy
from civicboard.notices.events import NoticesMarked, PersonTold
from civicboard.notices.models import Notice
from civicboard.people.queries import blocked_with


async def tell(work: Work, kind: str, people: Sequence[int | None], *, once: str, by: int | None, **about: int) -> None:
    """Tell each of ``people`` one fact, once. ``once`` names the fact; ``about`` holds the ids that it is about.

    ``by`` is who did it, None for the board itself. Nobody is told of their own act, and nobody of what somebody did
    with whom they are blocked.
    """
    assert kind in policy.KINDS
    concerned = [one for one in people if one is not None]
    told = policy.to_tell(concerned, actor_id=by, apart=set() if by is None else await blocked_with(work, by))
    if not told:
        return
    rows = [
        {"person_id": one, "kind": kind, "once": once, "made_at": work.now, "about": about}
        for one in sorted(told)  # always in the same order, so that two deeds at once don't wait for each other
    ]
    added = await work.session.execute(
        insert(Notice).values(rows).on_conflict_do_nothing().returning(Notice.person_id, Notice.id)
    )
    for person_id, notice_id in added:
        work.record(PersonTold(person_id, notice_id))


async def mark_read(work: Work, *, until: int | None = None) -> int:
    """Mark what the viewer was told as read, up to notice ``until``; all of it without. Returns how many that were."""
    require(policy.may_mark(work.viewer), "Please sign in to read your notices.")
    assert work.viewer.id is not None  # the policy has just said so
    marked = update(Notice).where(Notice.person_id == work.viewer.id, Notice.read_at.is_(None))
    if until is not None:
        marked = marked.where(Notice.id <= until)
    found = await work.session.execute(
        marked.values(read_at=work.now).returning(Notice.id).execution_options(synchronize_session=False)
    )
    many = len(found.all())
    if many:
        work.record(NoticesMarked(work.viewer.id))
    return many


async def forget_read(work: Work) -> None:
    """Delete what was read long ago."""
    before = work.now - policy.KEPT_READ
    # What was read then was made before: the first condition is the one that has an index.
    old = delete(Notice).where(Notice.made_at < before, Notice.read_at < before)
    await work.session.execute(old.execution_options(synchronize_session=False))
