"""The outbox: each fact that happened is a row, written in the transaction of the deed (decision 0003).

Ids and times commit out of order, so "everything after number N" would lose events. Each row therefore keeps the id
of its transaction, and a page carries a cursor that is PostgreSQL's own snapshot of a moment: which transactions had
not ended then. Everything committed since belongs to one of them or to a later one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, ClassVar, Self

from sqlalchemy import ColumnElement, DateTime, FetchedValue, Index, bindparam, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from civicboard.kit.database import Base
from civicboard.kit.reads import Statement

#: The name that LISTEN and NOTIFY use. A notification says only "look"; what happened is in the table.
CHANNEL = "civicboard_events"


class Event:
    """A fact in the past tense. Subclasses are frozen dataclasses that hold ids only, so they age well."""

    kinds: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls, *, is_kept: bool = True) -> None:
        if is_kept:
            Event.kinds[cls.__name__] = cls

    @classmethod
    def parse(cls, kind: str, data: dict[str, Any]) -> Event | None:
        """The event that a row holds; None for a kind this version doesn't know (an older or newer process)."""
        known = cls.kinds.get(kind)
        if known is None:
            return None
        try:
            return known(**data)
        except TypeError:
            return None


class Derived(Event, is_kept=False):
    """What an event means for pages that are open here and that it doesn't name. No table holds it.

    It is made by a hub, of an event that was recorded (``Hub.derive``); nobody records it.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__(is_kept=False)


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class EventRow(Base):
    """One thing that happened. ``xid`` is the transaction that wrote it."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_xid", "xid"), Index("ix_events_happened_at", "happened_at"))

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    xid: Mapped[int] = mapped_column(
        Xid8, server_default=text("pg_current_xact_id()"), server_onupdate=FetchedValue(), init=False
    )
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), init=False)
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]


#: So many transactions that had not ended are told one by one; with more, a cursor counts all since the oldest.
MOST_RUNNING = 40
_SNAPSHOT = re.compile(rf"\d{{1,18}}:\d{{1,18}}:(?:\d{{1,18}}(?:,\d{{1,18}}){{0,{MOST_RUNNING - 1}}})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A moment in the life of one database, as PostgreSQL's ``pg_snapshot``: ``xmin:xmax:running,…``.

    What transactions below ``xmin`` wrote was seen; so was what those below ``xmax`` wrote, but for the ``running``.
    ``epoch`` changes when a backup is restored into another cluster or to a point in time, since transaction ids
    then start again from elsewhere.
    """

    epoch: str
    xmin: int
    xmax: int
    running: tuple[int, ...] = ()

    @classmethod
    def of(cls, epoch: str, snapshot: str) -> Self:
        """The cursor of a snapshot as PostgreSQL writes it."""
        xmin, xmax, running = snapshot.split(":")
        numbers = tuple(int(number) for number in running.split(",") if number)
        if len(numbers) > MOST_RUNNING:
            return cls(epoch, int(xmin), int(xmin))
        return cls(epoch, int(xmin), int(xmax), numbers)

    @property
    def snapshot(self) -> str:
        return f"{self.xmin}:{self.xmax}:{','.join(map(str, self.running))}"

    def __str__(self) -> str:
        return f"{self.epoch}.{self.snapshot}"

    @classmethod
    def parse(cls, raw: str) -> Self | None:
        """The cursor that a page sent back, or None for anything else: PostgreSQL takes no snapshot that can't be."""
        epoch, _, snapshot = raw.rpartition(".")
        if not epoch or len(epoch) > 40 or not _SNAPSHOT.fullmatch(snapshot):
            return None
        cursor = cls.of(epoch, snapshot)
        rising = pairwise((cursor.xmin - 1, *cursor.running, cursor.xmax))
        return cursor if cursor.xmin > 0 and all(one < other for one, other in rising) else None


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as it was read back: its row's id, its transaction, and the fact (None when unknown here)."""

    id: int
    xid: int
    event: Event | None


#: The two halves of the present cursor (``Cursor.of``), for a SELECT that reads a page in the same moment.
EPOCH: ColumnElement[str] = literal_column(
    "(SELECT system_identifier FROM pg_control_system())::text || '-' ||"
    " (SELECT timeline_id FROM pg_control_checkpoint())::text"
)
SNAPSHOT: ColumnElement[str] = literal_column("pg_current_snapshot()::text")
_NOW = select(EPOCH, SNAPSHOT)
_SINCE = text(
    "SELECT id, xid::text::bigint, kind, data FROM events"
    " WHERE xid >= CAST(CAST(:xmin AS text) AS xid8)"
    " AND NOT pg_visible_in_snapshot(xid, CAST(CAST(:snapshot AS text) AS pg_snapshot)) AND NOT (id = ANY(:seen))"
    " AND NOT (kind = ANY(CAST(:personal AS text[])) AND data->>'person_id' IS DISTINCT FROM CAST(:person AS text))"
    " ORDER BY id LIMIT :most"
).bindparams(bindparam("seen"))
_INSERT = (
    "INSERT INTO events (kind, data) SELECT kind, data::jsonb"
    " FROM unnest(CAST(:kinds AS text[]), CAST(:data AS text[])) AS e(kind, data)"
)
_QUIETLY = text(_INSERT)
#: One journey to the database for both: the bell rings when the transaction commits.
_AND_NOTIFY = text(f"WITH kept AS ({_INSERT}) SELECT pg_notify('{CHANNEL}', '')")


async def append(session: AsyncSession, events: Iterable[Event], *, notify: bool) -> None:
    """Write the facts into the outbox within the session's transaction, and ring the bell when it commits."""
    rows = [(type(event).__name__, json.dumps(asdict(event))) for event in events]  # type: ignore[call-overload]
    if not rows:
        return
    told = _AND_NOTIFY if notify else _QUIETLY
    await session.execute(told, {"kinds": [kind for kind, _ in rows], "data": [data for _, data in rows]})


#: The same question for ``Work.fetch``.
PRESENT = Statement(_NOW)


#: The number of the newest event, about: numbers commit out of order.
NEWEST = Statement(text("SELECT coalesce(max(id), 0) FROM events"))


async def present(connection: AsyncConnection | AsyncSession) -> Cursor:
    """The cursor of this moment. Take it before reading a page, so that nothing falls between the two."""
    epoch, snapshot = (await connection.execute(_NOW)).one()
    return Cursor.of(epoch, snapshot)


async def since(
    connection: AsyncConnection | AsyncSession,
    cursor: Cursor,
    *,
    seen: Iterable[int] = (),
    most: int = 1000,
    personal: Iterable[str] = (),
    person_id: int | None = None,
) -> list[Happened]:
    """What has committed since the cursor's moment, oldest first, without the ids in ``seen``.

    Of the kinds that are ``personal`` only what is about this person.
    """
    values = {"xmin": str(cursor.xmin), "snapshot": cursor.snapshot, "seen": list(seen), "most": most}
    whose = {"personal": list(personal), "person": None if person_id is None else str(person_id)}
    found = await connection.execute(_SINCE, values | whose)
    return [Happened(row_id, xid, Event.parse(kind, data)) for row_id, xid, kind, data in found]


_FORGET = text(
    "DELETE FROM events WHERE happened_at < :before"
    " AND xid < (SELECT xid FROM events WHERE happened_at < :before ORDER BY xid DESC LIMIT 1)"
)
_OLDEST = text("SELECT xid::text::bigint FROM events ORDER BY xid LIMIT 1")


async def forget(session: AsyncSession, before: datetime) -> None:
    """Delete what happened before a moment, but for the newest of it: that tells how far back the table goes."""
    await session.execute(_FORGET, {"before": before})


async def reaches_back(connection: AsyncConnection | AsyncSession, cursor: Cursor) -> bool:
    """Whether everything since the cursor's moment is still here; if not, only a fresh page is up to date."""
    oldest = (await connection.execute(_OLDEST)).scalar_one_or_none()
    return oldest is None or oldest <= cursor.xmin
