"""What one feature does when another records a fact: in the same transaction, so that both happen or neither.

A lower feature never imports a higher one: it records what happened, and the higher one declares what it does upon it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from civicboard.kit.outbox import Event

if TYPE_CHECKING:
    from civicboard.kit.work import Work

Reaction = Callable[["Work", Any], Awaitable[None]]


def upon(*events: type[Event]) -> Callable[[Reaction], Reaction]:
    """Mark a function as what is done upon each of these events, within the transaction that records it."""

    def mark(reaction: Reaction) -> Reaction:
        reaction.upon = (*events, *getattr(reaction, "upon", ()))  # type: ignore[attr-defined]  # it is put on here
        return reaction

    return mark


class Reactions:
    """The functions marked by ``upon``, by the events that they answer, in the order in which they were given."""

    def __init__(self, reactions: Iterable[Reaction] = ()) -> None:
        self.by_event: dict[type[Event], list[Reaction]] = defaultdict(list)
        for reaction in reactions:
            for event in reaction.upon:  # type: ignore[attr-defined]  # as marked
                self.by_event[event].append(reaction)

    async def follow(self, work: Work) -> None:
        """Do what follows from all that ``work`` has recorded, and from what that records in its turn."""
        # The list grows while it is gone through.
        for event in work.events:
            for reaction in self.by_event.get(type(event), ()):
                await reaction(work, event)
