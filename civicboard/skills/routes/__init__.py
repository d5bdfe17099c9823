"""The doors of skills: saying what one can do, and the words for it."""

from __future__ import annotations

from civicboard.kit.web import FLASHES
from civicboard.skills.routes.abilities import ROUTES as ABILITIES
from civicboard.skills.routes.vocabulary import ROUTES as VOCABULARY

__all__ = ["ROUTES"]

FLASHES.update(
    {
        "word-added": "Thank you. The word is on the list.",
        "synonym-added": "Thank you. Whoever says that word is understood now.",
        "synonym-removed": "That word is taken out.",
    }
)

ROUTES = [*ABILITIES, *VOCABULARY]
