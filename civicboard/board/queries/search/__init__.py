"""Every SELECT of the search."""

from __future__ import annotations

from civicboard.board.queries.search.asked import KINDS, MOST_FOUND, MOST_RANKED, Search, asking
from civicboard.board.queries.search.needs import FoundNeed, search_needs
from civicboard.board.queries.search.people import FoundPerson, search_people
from civicboard.board.queries.search.posts import FoundPost, search_posts
from civicboard.board.queries.search.problems import Found, FoundProblems, search_problems

__all__ = [
    "KINDS",
    "MOST_FOUND",
    "MOST_RANKED",
    "Found",
    "FoundNeed",
    "FoundPerson",
    "FoundPost",
    "FoundProblems",
    "Search",
    "asking",
    "search_needs",
    "search_people",
    "search_posts",
    "search_problems",
]
