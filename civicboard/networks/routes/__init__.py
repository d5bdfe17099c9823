"""The doors to a network: its members' thread, stepping out, staying together, being asked along, looking after it."""

from __future__ import annotations

from civicboard.networks.routes.convening import ROUTES as CONVENING
from civicboard.networks.routes.inviting import ROUTES as INVITING
from civicboard.networks.routes.joining import ROUTES as JOINING
from civicboard.networks.routes.staying import ROUTES as STAYING
from civicboard.networks.routes.thread import ROUTES as THREAD

__all__ = ["ROUTES"]

ROUTES = [*THREAD, *JOINING, *STAYING, *INVITING, *CONVENING]
