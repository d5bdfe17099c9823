"""Who is told that somebody looks after a problem, would, is asked to, or does so no more."""

from __future__ import annotations

from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.networks.events import (
    ConveningAsked,
    ConveningEnded,
    ConveningReminded,
    ConveningRenewed,
    ConveningSettled,
    ConveningStarted,
)
from civicboard.notices.actions import mark_done, mark_kind_done, tell
from civicboard.notices.queries import find_convening_parties, people_on


@upon(ConveningAsked)
async def tell_whose_yes_it_waits_for(work: Work, happened: ConveningAsked) -> None:
    """Who is named, or who posted the problem, with the answers beside it; nobody who was asked it only lately."""
    found = await find_convening_parties(work, happened.convening_id)
    asker_id = found.named_by_id if found.awaited_id == found.person_id else found.person_id
    if asker_id is None or found.is_quiet:
        return
    await _take_as_read(work, happened.convening_id, found.person_id)
    await tell(
        work,
        "convening_asked",
        [found.awaited_id],
        once=_asked(happened.convening_id),
        by=asker_id,
        of=found.named_by_id,
        problem_id=found.problem_id,
        convening_id=happened.convening_id,
        person_id=asker_id,
    )


@upon(ConveningStarted)
async def tell_who_looks_after_it(work: Work, happened: ConveningStarted) -> None:
    """Themselves, who asked them, and those who work on the problem."""
    found = await find_convening_parties(work, happened.convening_id)
    await _take_as_read(work, happened.convening_id, found.person_id, found.poster_id)
    await tell(
        work,
        "convening_began",
        [found.person_id, found.poster_id, found.named_by_id, *await people_on(work, found.problem_id)],
        once=f"convening:{happened.convening_id}:began",
        by=work.viewer.id,
        of=found.person_id,
        problem_id=found.problem_id,
        convening_id=happened.convening_id,
        person_id=found.person_id,
    )


@upon(ConveningSettled)
async def tell_that_it_came_to_nothing(work: Work, happened: ConveningSettled) -> None:
    """Who asked, and who had agreed, whatever the reason; but for whoever took it back, or stepped out."""
    found = await find_convening_parties(work, happened.convening_id)
    await _take_as_read(work, happened.convening_id, found.person_id, found.poster_id)
    await tell(
        work,
        "convening_settled",
        found.asker_ids,
        once=f"convening:{happened.convening_id}:settled",
        by=work.viewer.id if found.how in ("declined", "withdrawn") else None,
        problem_id=found.problem_id,
        convening_id=happened.convening_id,
        person_id=found.person_id,
    )


@upon(ConveningReminded)
async def ask_whether_they_go_on(work: Work, happened: ConveningReminded) -> None:
    found = await find_convening_parties(work, happened.convening_id)
    await tell(
        work,
        "convening_ending",
        [found.person_id],
        once=f"convening:{happened.convening_id}:ends:{found.ends_at:%Y-%m-%d}",
        by=None,
        problem_id=found.problem_id,
        convening_id=happened.convening_id,
    )


@upon(ConveningRenewed)
async def note_that_they_go_on(work: Work, happened: ConveningRenewed) -> None:
    found = await find_convening_parties(work, happened.convening_id)
    await mark_kind_done(work, found.person_id, "convening_ending", problem_id=found.problem_id)


@upon(ConveningEnded)
async def tell_that_nobody_looks_after_it(work: Work, happened: ConveningEnded) -> None:
    """Themselves, where their time was over, and those who work on the problem; not where somebody else goes on."""
    found = await find_convening_parties(work, happened.convening_id)
    await mark_kind_done(work, found.person_id, "convening_ending", problem_id=found.problem_id)
    if found.how == "handed_on":
        return
    await tell(
        work,
        "convening_ended",
        [found.person_id, found.poster_id, *await people_on(work, found.problem_id)],
        once=f"convening:{happened.convening_id}:ended",
        by=work.viewer.id,
        of=found.person_id,
        problem_id=found.problem_id,
        convening_id=happened.convening_id,
        person_id=found.person_id,
    )


def _asked(convening_id: int) -> str:
    return f"convening:{convening_id}:asked"


async def _take_as_read(work: Work, convening_id: int, *people: int | None) -> None:
    """Who has answered, or needn't, has nothing to read any more."""
    for one in people:
        if one is not None:
            await mark_done(work, one, once=_asked(convening_id))


REACTIONS: list[Reaction] = [
    tell_whose_yes_it_waits_for,
    tell_who_looks_after_it,
    tell_that_it_came_to_nothing,
    ask_whether_they_go_on,
    note_that_they_go_on,
    tell_that_nobody_looks_after_it,
]
