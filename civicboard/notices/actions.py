"""Telling people, marking what they were told as read, and forgetting it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Work, require
from civicboard.notices import policy
from civicboard.notices.events import NoticeReplaced, NoticesMarked, PersonTold
from civicboard.notices.models import Notice
from civicboard.notices.queries import unread_about
from civicboard.people.queries import blocked_with


async def tell(
    work: Work,
    kind: str,
    people: Sequence[int | None],
    *,
    once: str,
    by: int | None,
    of: int | None = None,
    **about: int,
) -> None:
    """Tell each of ``people`` one fact, once. ``once`` names the fact; ``about`` holds the ids that it is about.

    ``by`` is who did it, None for the board itself, and ``of`` whom it speaks of besides. Nobody is told of their own
    act, and nobody of what somebody did, or of somebody, with whom they are blocked.
    """
    assert kind in policy.KINDS
    told = await _to_tell(work, people, by=by, of=of)
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


async def tell_of_more(
    work: Work, kind: str, people: Sequence[int | None], *, once: str, by: int, problem_id: int, **about: int
) -> None:
    """Tell each of ``people`` that there is more of what goes on, so that at most one notice of it waits to be read.

    One that was made within ``policy.SAME_NEWS`` says it already; an older one gives way to the new.
    """
    told = await _to_tell(work, people, by=by)
    waiting = await unread_about(work, kind, told, problem_id=problem_id)
    lately = {person_id for _, person_id, made_at in waiting if policy.is_same_news(made_at, work.now)}
    stale = {notice_id: person_id for notice_id, person_id, _ in waiting if person_id not in lately}
    if stale:
        gone = delete(Notice).where(Notice.id.in_(stale))
        await work.session.execute(gone.execution_options(synchronize_session=False))
    new = [one for one in told if one not in lately]
    await tell(work, kind, new, once=once, by=by, problem_id=problem_id, **about)
    for person_id in sorted(set(stale.values())):
        work.record(NoticeReplaced(person_id))


async def _to_tell(work: Work, people: Sequence[int | None], *, by: int | None, of: int | None = None) -> list[int]:
    apart: set[int] = set()
    for other in {by, of} - {None}:
        assert other is not None  # taken out just now
        apart |= await blocked_with(work, other)
    return policy.to_tell([one for one in people if one is not None], actor_id=by, apart=apart)


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


async def mark_done(work: Work, person_id: int, *, once: str) -> None:
    """Somebody has seen to what they were told under this name, or needn't any more: nothing of it waits to be read."""
    marked = update(Notice).where(Notice.person_id == person_id, Notice.once == once, Notice.read_at.is_(None))
    found = await work.session.execute(
        marked.values(read_at=work.now).returning(Notice.id).execution_options(synchronize_session=False)
    )
    if found.all():
        work.record(NoticesMarked(person_id))


async def mark_kind_done(work: Work, person_id: int, kind: str, *, problem_id: int) -> None:
    """The same of all that they were told of one kind about one problem."""
    waiting = await unread_about(work, kind, [person_id], problem_id=problem_id)
    marked = update(Notice).where(Notice.id.in_([notice_id for notice_id, _, _ in waiting]))
    if waiting:
        await work.session.execute(marked.values(read_at=work.now).execution_options(synchronize_session=False))
        work.record(NoticesMarked(person_id))


async def forget_read(work: Work) -> None:
    """Delete what was read long ago."""
    before = work.now - policy.KEPT_READ
    # What was read then was made before: the first condition is the one that has an index.
    old = delete(Notice).where(Notice.made_at < before, Notice.read_at < before)
    await work.session.execute(old.execution_options(synchronize_session=False))
