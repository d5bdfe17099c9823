"""How the features hear of each other: the only list of reactions, and the desk that follows them."""

from __future__ import annotations

from civicboard import tables  # noqa: F401  # every table is known before the first query
from civicboard.board import reactions as board
from civicboard.kit.clock import Clock, wall_clock
from civicboard.kit.database import Database
from civicboard.kit.upon import Reaction, Reactions
from civicboard.kit.work import Desk
from civicboard.matching.reactions import asking, indexing
from civicboard.notices import reactions as notices
from civicboard.offers import reactions as offers
from civicboard.organisations import reactions as organisations

REACTIONS: list[Reaction] = [
    *organisations.REACTIONS,
    *offers.REACTIONS,
    *indexing.REACTIONS,
    *asking.REACTIONS,
    *notices.REACTIONS,
    *board.REACTIONS,
]


def make_desk(database: Database, *, clock: Clock = wall_clock, notify: bool = True) -> Desk:
    """Where deeds are done with all that follows from them. Whatever writes begins here."""
    return Desk(database, clock=clock, notify=notify, reactions=Reactions(REACTIONS))
