"""What happens to offers upon what happens round a problem."""

from __future__ import annotations

from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.networks.events import MemberLeft
from civicboard.offers.actions import end_offers_of


@upon(MemberLeft)
async def end_offers(work: Work, happened: MemberLeft) -> None:
    await end_offers_of(work, happened.problem_id, happened.person_id)


REACTIONS: list[Reaction] = [end_offers]
