"""Who is told what, in the transaction of the deed."""

from __future__ import annotations

from civicboard.kit.upon import Reaction
from civicboard.notices.reactions.convening import REACTIONS as CONVENING
from civicboard.notices.reactions.offering import REACTIONS as OFFERING
from civicboard.notices.reactions.telling import REACTIONS as TELLING

REACTIONS: list[Reaction] = [*OFFERING, *TELLING, *CONVENING]
