"""What happens to offers upon what happens round a problem."""

from __future__ import annotations

from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.networks.events import ConveningEnded, ConveningStarted, MemberLeft
from civicboard.offers.actions import end_offers_of, let_in_waiting


@upon(MemberLeft)
async def end_offers(work: Work, happened: MemberLeft) -> None:
    await end_offers_of(work, happened.problem_id, happened.person_id)


@upon(ConveningStarted, ConveningEnded)
async def let_in(work: Work, happened: ConveningStarted | ConveningEnded) -> None:
    """Where nobody can answer any more, nobody waits."""
    await let_in_waiting(work, happened.problem_id)


REACTIONS: list[Reaction] = [end_offers, let_in]
