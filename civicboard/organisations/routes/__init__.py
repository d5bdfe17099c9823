"""The doors of organisations: their pages, one's own affiliations, and what stewards do."""

from __future__ import annotations

from civicboard.organisations.routes.belonging import ROUTES as BELONGING
from civicboard.organisations.routes.listing import ROUTES as LISTING
from civicboard.organisations.routes.stewarding import ROUTES as STEWARDING

__all__ = ["ROUTES"]

ROUTES = [*BELONGING, *LISTING, *STEWARDING]
