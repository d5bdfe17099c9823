"""Every SELECT of the page of what is for one person."""

from __future__ import annotations

from civicboard.board.queries.for_you.candidates import nearest
from civicboard.board.queries.for_you.elsewhere import AlikeRow, alike_elsewhere
from civicboard.board.queries.for_you.nearby import NearbyRow, nearby, waved_by
from civicboard.board.queries.for_you.questions import Question, questions_for
from civicboard.board.queries.for_you.suggestions import Suggestion, find_suggestion, suggestions_for
from civicboard.board.queries.for_you.suited import people_concerned, people_suited, people_told

__all__ = [
    "AlikeRow",
    "NearbyRow",
    "Question",
    "Suggestion",
    "alike_elsewhere",
    "find_suggestion",
    "nearby",
    "nearest",
    "people_concerned",
    "people_suited",
    "people_told",
    "questions_for",
    "suggestions_for",
    "waved_by",
]
