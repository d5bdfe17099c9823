"""Facts about notices."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit.outbox import Event


@dataclass(frozen=True)
class PersonTold(Event):
    """Somebody has a new notice. It is nobody's business but theirs."""

    person_id: int
    notice_id: int


@dataclass(frozen=True)
class NoticesMarked(Event):
    """Somebody has marked what they were told as read."""

    person_id: int


@dataclass(frozen=True)
class NoticeReplaced(Event):
    """A notice of somebody's has given way to a newer one that says the same."""

    person_id: int
