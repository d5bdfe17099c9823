"""The doors of needs and offers."""

from __future__ import annotations

from civicboard.offers.routes.answering import ROUTES as ANSWERING
from civicboard.offers.routes.ending import ROUTES as ENDING
from civicboard.offers.routes.needs import ROUTES as NEEDS
from civicboard.offers.routes.offering import ROUTES as OFFERING
from civicboard.offers.routes.own import ROUTES as OWN

ROUTES = [*OWN, *NEEDS, *OFFERING, *ANSWERING, *ENDING]
