"""Every SELECT of the page of what is for one person."""

from __future__ import annotations

from civicboard.board.queries.for_you.candidates import nearest
from civicboard.board.queries.for_you.elsewhere import AlikeRow, alike_elsewhere
from civicboard.board.queries.for_you.nearby import NearbyRow, find_line, nearby, waved_by
from civicboard.board.queries.for_you.questions import (
    Question,
    find_question,
    question_key,
    questions_for,
    questions_settled,
)
from civicboard.board.queries.for_you.suggestions import Suggestion, find_suggestion, suggestions_for
from civicboard.board.queries.for_you.suited import (
    people_alike,
    people_answering,
    people_concerned,
    people_suited,
    people_told,
)

__all__ = [
    "AlikeRow",
    "NearbyRow",
    "Question",
    "Suggestion",
    "alike_elsewhere",
    "find_line",
    "find_question",
    "find_suggestion",
    "nearby",
    "nearest",
    "people_alike",
    "people_answering",
    "people_concerned",
    "people_suited",
    "people_told",
    "question_key",
    "questions_for",
    "questions_settled",
    "suggestions_for",
    "waved_by",
]
