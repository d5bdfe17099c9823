"""Every SELECT of the pages that gather several features."""

from __future__ import annotations

from civicboard.board.queries.cards import (
    PAGE,
    SORTS,
    Card,
    Entry,
    Filter,
    Key,
    board_frame,
    cards_on,
    find_card,
    stage_names,
    suggested,
)
from civicboard.board.queries.network import DoneRow, done_on
from civicboard.board.queries.page import ProblemPage, find_problem_page
from civicboard.board.queries.search import MOST_FOUND, MOST_RANKED, Found, FoundPost, search_posts, search_problems

__all__ = [
    "MOST_FOUND",
    "MOST_RANKED",
    "PAGE",
    "SORTS",
    "Card",
    "DoneRow",
    "Entry",
    "Filter",
    "Found",
    "FoundPost",
    "Key",
    "ProblemPage",
    "board_frame",
    "cards_on",
    "done_on",
    "find_card",
    "find_problem_page",
    "search_posts",
    "search_problems",
    "stage_names",
    "suggested",
]
