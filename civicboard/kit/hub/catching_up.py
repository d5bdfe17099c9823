"""What a page missed between being read and being live."""

from __future__ import annotations

from collections.abc import Iterable

from civicboard.kit import outbox
from civicboard.kit.outbox import Cursor, Happened
from civicboard.kit.work import Work

#: More missed events than this, and a page is better off fetching itself anew.
MOST_CATCH_UP = 200
#: Tells a page that it has been away too long: it fetches itself.
STALE = '{"stale":true}'


async def missed_since(
    work: Work, cursor: Cursor | None, now: Cursor, *, personal: Iterable[str], person_id: int | None
) -> tuple[list[Happened], bool]:
    """Events since a page's cursor, and whether the page is too old to be patched.

    What only somebody else's own pages show (of the kinds that are ``personal``) is nothing that it missed: one new
    problem may be for hundreds, each of whom hears of it.
    """
    if cursor is None:
        return [], False
    if cursor.epoch != now.epoch or cursor.xmax > now.xmax:
        return [], True
    if not await outbox.reaches_back(work.session, cursor):
        return [], True
    most = MOST_CATCH_UP + 1
    missed = await outbox.since(work.session, cursor, most=most, personal=personal, person_id=person_id)
    return missed, len(missed) > MOST_CATCH_UP
