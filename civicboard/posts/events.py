"""Facts about the conversation."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True)
class ReplyPosted(Event):
    problem_id: int
    post_id: int


@dataclass(frozen=True)
class UpdatePosted(Event):
    """Somebody reported how it goes."""

    problem_id: int
    post_id: int


@dataclass(frozen=True)
class PostEdited(Event):
    problem_id: int
    post_id: int
