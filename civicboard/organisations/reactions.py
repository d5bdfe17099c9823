"""What follows for organisations from what happens to people."""

from __future__ import annotations

from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.organisations.actions import review
from civicboard.people.events import ProofChanged


@upon(ProofChanged)
async def review_affiliations(work: Work, happened: ProofChanged) -> None:
    """What the provider no longer says confirms nobody any longer."""
    await review(work, person_id=happened.person_id)


REACTIONS: list[Reaction] = [review_affiliations]
