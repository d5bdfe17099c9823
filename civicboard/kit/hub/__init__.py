"""The hub: in every web process, it hears that something happened and shows it to whoever is watching.

The table of events is the truth. NOTIFY only wakes the hub, and a poll finds the same events when it doesn't.
"""

from __future__ import annotations

from civicboard.kit.hub.catching_up import MOST_CATCH_UP, STALE
from civicboard.kit.hub.delivering import Hub
from civicboard.kit.hub.rendering import Derivation, Renderer, Shown, Shows, shows
from civicboard.kit.hub.watching import ASK_AGAIN, SIGNED_OUT, Watcher

__all__ = [
    "ASK_AGAIN",
    "MOST_CATCH_UP",
    "SIGNED_OUT",
    "STALE",
    "Derivation",
    "Hub",
    "Renderer",
    "Shown",
    "Shows",
    "Watcher",
    "shows",
]
