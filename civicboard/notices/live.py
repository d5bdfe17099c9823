"""What somebody's own pages show when they are told something."""

from __future__ import annotations

from civicboard.kit.hub import shows
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Work
from civicboard.notices import fragments
from civicboard.notices.events import NoticeReplaced, NoticesMarked, PersonTold
from civicboard.notices.queries import count_unread, find_notice, newest_of


@shows(PersonTold, NoticesMarked, NoticeReplaced, on="person:{person_id}", about="person_id")
async def show_unread(work: Work, happened: PersonTold | NoticesMarked | NoticeReplaced) -> Fragment:
    is_new = isinstance(happened, PersonTold)
    return fragments.unread(await count_unread(work, happened.person_id), is_new=is_new)


@shows(PersonTold, on="person:{person_id}")
async def show_told(work: Work, happened: PersonTold) -> Fragment:
    return fragments.told(await find_notice(work, happened.notice_id))


@shows(NoticesMarked, NoticeReplaced, on="person:{person_id}", about="person_id")
async def show_all_told(work: Work, happened: NoticesMarked | NoticeReplaced) -> Fragment:
    """The newest of them, as they are now that they are read, or that one has given way."""
    return fragments.all_told(await newest_of(work, happened.person_id))


RENDERERS = [show_unread, show_told, show_all_told]
