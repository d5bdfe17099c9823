"""Every SELECT of the search."""

from __future__ import annotations

from civicboard.board.queries.search.criteria import KINDS, MOST_BESIDE, MOST_FOUND, MOST_RANKED, Findings, Search
from civicboard.board.queries.search.needs import FoundNeed, search_needs
from civicboard.board.queries.search.people import FoundPerson, search_people
from civicboard.board.queries.search.posts import FoundOutcome, FoundPost, search_outcomes, search_posts
from civicboard.board.queries.search.preparing import prepared
from civicboard.board.queries.search.problems import Found, FoundProblems, search_problems

__all__ = [
    "KINDS",
    "MOST_BESIDE",
    "MOST_FOUND",
    "MOST_RANKED",
    "Findings",
    "Found",
    "FoundNeed",
    "FoundOutcome",
    "FoundPerson",
    "FoundPost",
    "FoundProblems",
    "Search",
    "prepared",
    "search_needs",
    "search_outcomes",
    "search_people",
    "search_posts",
    "search_problems",
]
