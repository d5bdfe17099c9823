"""What the tests of looking after a problem share: a deed, and what it left."""

from __future__ import annotations

from civicboard.networks.queries import find_convenor, questions_by, questions_for
from civicboard.notices.queries import notices_of
from tests.cast import problem_now


async def convenor(desk, number):
    """Who looks after a problem; what the problem's own row repeats of it is the same."""
    async with desk.reading() as work:
        found = await find_convenor(work, number)
    assert (await problem_now(desk, number)).convenor_id == (found.person_id if found else None)
    return found.handle if found else None


async def do(desk, who, deed, *given):
    async with desk.writing(who) as work:
        await deed(work, *given)
    return work.events


async def told(desk, who):
    """What somebody was told of it, the newest first, and whether it is unread."""
    async with desk.reading(who) as work:
        page = await notices_of(work)
    return [(one.kind.removeprefix("convening_"), one.is_unread) for one in page.notices if "convening" in one.kind]


async def asked(desk, who, number):
    async with desk.reading(who) as work:
        return [one.id for one in await questions_for(work, number)], [
            one.id for one in await questions_by(work, number)
        ]
