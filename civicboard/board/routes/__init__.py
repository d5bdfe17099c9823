"""The doors of the board: the pages that gather several features."""

from __future__ import annotations

from civicboard.board.routes.board import ROUTES as BOARD
from civicboard.board.routes.for_you import ROUTES as FOR_YOU
from civicboard.board.routes.helping import ROUTES as HELPING
from civicboard.board.routes.network import ROUTES as NETWORK
from civicboard.board.routes.person import ROUTES as PERSON
from civicboard.board.routes.problem import ROUTES as PROBLEM
from civicboard.board.routes.problem import show_problem
from civicboard.board.routes.search import ROUTES as SEARCH
from civicboard.board.routes.space import ROUTES as SPACE

__all__ = ["ROUTES", "show_problem"]

ROUTES = [*FOR_YOU, *PERSON, *BOARD, *SEARCH, *SPACE, *NETWORK, *HELPING, *PROBLEM]
