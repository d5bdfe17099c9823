"""Who is here: how many pages watch a topic, over all processes, and the names of those who are involved in it.

Each process writes its own counts into one small table and reads the sums, so the cost doesn't grow with watchers.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Select, Table, Text, func, select, text
from sqlalchemy.dialects.postgresql import JSONB

from civicboard.kit.database import Base, Database

presence_table = Table(
    "presence",
    Base.metadata,
    Column("process", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("watching", BigInteger, nullable=False),
    Column("names", JSONB, nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    prefixes=["UNLOGGED"],
)

#: Each process says every second and a half whom it serves; one that has said nothing for so long is gone.
_SAID_WITHIN = timedelta(seconds=20)
_WRITE = text(
    "INSERT INTO presence (process, topic, watching, names, seen_at)"
    " SELECT :process, t, w, n::jsonb, now()"
    " FROM unnest(CAST(:topics AS text[]), CAST(:watching AS bigint[]), CAST(:names AS text[])) AS u(t, w, n)"
    " ON CONFLICT (process, topic) DO UPDATE"
    " SET watching = excluded.watching, names = excluded.names, seen_at = excluded.seen_at"
)
_DROP = text(
    "DELETE FROM presence WHERE process = :process"
    " AND (CAST(:all AS boolean) OR NOT topic = ANY(CAST(:topics AS text[])))"
)
_READ = text(
    "SELECT topic, sum(watching)::bigint, jsonb_agg(names) FROM presence"
    " WHERE topic = ANY(CAST(:topics AS text[])) AND seen_at > now() - CAST(:within AS interval) GROUP BY topic"
)


def watched(beginning: str) -> Select[*tuple[str]]:
    """The topics with this beginning that somebody watches, wherever."""
    here = presence_table.c.seen_at > func.now() - _SAID_WITHIN
    topic = presence_table.c.topic
    return select(topic).distinct().where(topic.startswith(beginning, autoescape=True), here)


@dataclass(frozen=True, slots=True)
class Here:
    """Who watches a topic: how many pages in all, and the names of people involved."""

    watching: int
    names: tuple[str, ...]


class Presence:
    """This process's share of who is here."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.process = uuid.uuid4().hex
        self.names: dict[str, Counter[str]] = defaultdict(Counter)
        self.watching: Counter[str] = Counter()
        self.told: dict[str, Here] = {}
        self.wrote: set[str] = set()

    def come(self, topic: str, name: str) -> None:
        self.watching[topic] += 1
        if name:
            self.names[topic][name] += 1

    def go(self, topic: str, name: str) -> None:
        self.watching[topic] -= 1
        if name:
            self.names[topic][name] -= 1
        if self.watching[topic] <= 0:
            del self.watching[topic]
            self.names.pop(topic, None)
            self.told.pop(topic, None)

    async def exchange(self, topics: Iterable[str]) -> list[tuple[str, Here]]:
        """Tell the other processes who is here, hear who is there. Returns the topics where that changed."""
        import json

        mine = [topic for topic in topics if self.watching[topic] > 0]
        if not mine and not self.wrote:
            return []
        async with self.database.engine.begin() as connection:
            if mine:
                rows: dict[str, Any] = {
                    "process": self.process,
                    "topics": mine,
                    "watching": [self.watching[topic] for topic in mine],
                    "names": [json.dumps(sorted(+self.names[topic])) for topic in mine],
                }
                await connection.execute(_WRITE, rows)
            if self.wrote - set(mine):
                await connection.execute(_DROP, {"process": self.process, "all": False, "topics": mine})
            found = (await connection.execute(_READ, {"topics": mine, "within": _SAID_WITHIN})).all() if mine else []
        self.wrote = set(mine)
        changed = []
        for topic, watching, name_lists in found:
            here = Here(watching, tuple(sorted({name for names in name_lists for name in names})))
            if self.told.get(topic) != here:
                self.told[topic] = here
                changed.append((topic, here))
        return changed

    async def leave(self) -> None:
        """This process goes: its watchers are nobody's any more."""
        async with self.database.engine.begin() as connection:
            await connection.execute(_DROP, {"process": self.process, "all": True, "topics": []})
