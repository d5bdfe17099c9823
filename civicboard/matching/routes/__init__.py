"""The doors of matching: who could help, asking them, and answering."""

from __future__ import annotations

from civicboard.matching.routes.answering import ROUTES as ANSWERING
from civicboard.matching.routes.asking import ROUTES as ASKING

ROUTES = [*ASKING, *ANSWERING]
