"""Every SELECT of the pages that gather several features."""

from __future__ import annotations

from civicboard.board.queries.cards import (
    PAGE,
    Card,
    Entry,
    Key,
    board_frame,
    cards_on,
    find_card,
    stage_names,
    suggested,
)
from civicboard.board.queries.filtering import SORTS, Filter
from civicboard.board.queries.network import DoneRow, done_on
from civicboard.board.queries.page import ProblemPage, find_problem_page
from civicboard.board.queries.search import (
    KINDS,
    MOST_BESIDE,
    MOST_FOUND,
    MOST_RANKED,
    Findings,
    Found,
    FoundNeed,
    FoundOutcome,
    FoundPerson,
    FoundPost,
    FoundProblems,
    Search,
    prepared,
    search_needs,
    search_outcomes,
    search_people,
    search_posts,
    search_problems,
)

__all__ = [
    "KINDS",
    "MOST_BESIDE",
    "MOST_FOUND",
    "MOST_RANKED",
    "PAGE",
    "SORTS",
    "Card",
    "DoneRow",
    "Entry",
    "Filter",
    "Findings",
    "Found",
    "FoundNeed",
    "FoundOutcome",
    "FoundPerson",
    "FoundPost",
    "FoundProblems",
    "Key",
    "ProblemPage",
    "Search",
    "board_frame",
    "cards_on",
    "done_on",
    "find_card",
    "find_problem_page",
    "prepared",
    "search_needs",
    "search_outcomes",
    "search_people",
    "search_posts",
    "search_problems",
    "stage_names",
    "suggested",
]
