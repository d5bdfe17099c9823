"""Every SELECT of the page of what is for one person."""

from __future__ import annotations

from civicboard.board.queries.for_you.candidates import nearest
from civicboard.board.queries.for_you.elsewhere import AlikeRow, alike_elsewhere
from civicboard.board.queries.for_you.nearby import NearbyRow, find_line, nearby, waved_by
from civicboard.board.queries.for_you.questions import Question, find_question, questions_for
from civicboard.board.queries.for_you.suggestions import Suggestion, find_suggestion, suggestions_for
from civicboard.board.queries.for_you.suited import (
    people_alike,
    people_answering,
    people_breaking_silence,
    people_concerned,
    people_suited,
    people_told,
)
from civicboard.board.queries.for_you.waiting import (
    problems_fallen_silent,
    question_key,
    question_path,
    questions_settled,
    questions_waiting,
    silent_words,
    words_asked,
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
    "people_breaking_silence",
    "people_concerned",
    "people_suited",
    "people_told",
    "problems_fallen_silent",
    "question_key",
    "question_path",
    "questions_for",
    "questions_settled",
    "questions_waiting",
    "silent_words",
    "suggestions_for",
    "waved_by",
    "words_asked",
]
