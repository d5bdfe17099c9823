"""In which order people may be asked: who lives near first, then any officer, then everybody.

It says when somebody may be asked by the board, and never who fits better: the score knows nothing of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from civicboard.matching.policy.scoring import LOCAL as NEAR

LOCAL, OFFICERS, WIDER = 1, 2, 3
#: The rings, with the words people read.
RINGS: dict[int, str] = {
    LOCAL: "people who live near it or can get there",
    OFFICERS: "officers as well, whatever their department",
    WIDER: "everybody, wherever they are",
}
#: How long a ring is asked before the next one is.
RING_LASTS = timedelta(hours=72)
#: So many people of each ring at most are asked by the board itself at a time, and so many again once that long has
#: passed since they were: in the last ring until the need is met.
MOST_IN_RING = 3
#: While fewer were found, it looks again after so long: people join, and say what they can do.
LOOKS_AGAIN = timedelta(hours=12)
#: And for the first time after so long, so that a model has read the need.
FIRST_LOOK = timedelta(minutes=2)


def is_in(ring: int, near: str, *, is_officer: bool) -> bool:
    """Whether somebody may be asked while this ring is open. Who could be asked in an earlier one still may."""
    return near in NEAR or (ring >= OFFICERS and is_officer) or ring >= WIDER


def moves_on(ring: int, since: datetime, now: datetime) -> bool:
    """Whether a need that has been asked for in a ring since then is asked for in the next. The last one stays."""
    return ring < WIDER and now - since >= RING_LASTS


def looks_now(asked_ring: int, looked_at: datetime | None, ring: int, now: datetime) -> bool:
    """Whether the board asks round for a need at this moment: never before, another ring, or long enough ago."""
    return looked_at is None or asked_ring < ring or now - looked_at >= LOOKS_AGAIN
