"""Who could help with a problem, for the people who have to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from civicboard.kit.work import Work
from civicboard.matching.policy.rings import RINGS
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.asks import Asked, asked_by_viewer
from civicboard.matching.queries.candidates import Candidate, people_to_show
from civicboard.matching.queries.needed import Needed, needs_to_match


@dataclass(frozen=True, slots=True)
class Helping:
    """Who fits the open needs of a problem, and whom the viewer has asked."""

    needs: Sequence[Needed]
    people: Sequence[Candidate]
    asked: Sequence[Asked]

    @property
    def by_meaning(self) -> bool:
        """Whether a model has read it; without one, people are found by tags and words alone, and the page says so."""
        return any(need.model for need in self.needs)

    @property
    def rings(self) -> list[tuple[int, str]]:
        return list(RINGS.items())

    @property
    def ring_words(self) -> str:
        """Whom the board itself asks at the moment; empty where nobody wants it to."""
        asked_for = [need.ring for need in self.needs if need.is_asked_round]
        return RINGS[max(asked_for)] if asked_for else ""


async def help_for(work: Work, needs: Sequence[Needed], weights: Weights) -> Helping:
    """Who could help with these needs of one problem."""
    people = await people_to_show(work, needs, weights)
    return Helping(needs, people, await asked_by_viewer(work, [need.id for need in needs]))


async def who_could_help(work: Work, number: int, weights: Weights) -> Helping:
    """Who could help with the open needs of a problem. Whether the viewer may ask is for the caller."""
    needs = await needs_to_match(work, number)
    return await help_for(work, needs, weights) if needs else Helping((), (), ())
