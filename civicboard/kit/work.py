"""A unit of work: one deed, one transaction, its edge in sight (decision 0002)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from civicboard.kit import outbox, queue
from civicboard.kit.clock import Clock, wall_clock
from civicboard.kit.database import Base, Database
from civicboard.kit.reads import Lost, Readers, Statement
from civicboard.kit.recent import Recent
from civicboard.kit.upon import Reactions
from civicboard.kit.viewer import NOBODY, Viewer

Made = TypeVar("Made", bound=Base)


class Refused(Exception):
    """A policy said no. ``words`` tell the person why, in a sentence."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Missing(Exception):
    """There is no such thing, or not for this viewer: which of the two is nobody's business."""


class Conflict(Exception):
    """The deed no longer fits what is there. ``words`` say what changed meanwhile."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class SentAlready(Conflict):
    """This sending of a form has done its deed, with other words. ``words`` say so; what is typed now goes back."""


class Unfit(Exception):
    """A value that only the database could judge: ``field`` of the form, and ``words`` to stand beside it."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field}: {words}")
        self.field = field
        self.words = words


class Work:
    """What a query or an action needs: the session, who asks, and the time.

    ``record`` keeps a fact for the outbox, and ``leave`` an errand for a worker; both are written with the change, in
    the same transaction. ``readers`` answer what is only read; without them, within a deed, the session does, so that
    it sees what the deed has changed.
    """

    def __init__(
        self,
        session: AsyncSession | Callable[[], AsyncSession],
        viewer: Viewer,
        now: datetime,
        *,
        readers: Readers | None = None,
    ) -> None:
        self._session = session
        self.viewer = viewer
        self.now = now
        self.readers = readers
        self.events: list[outbox.Event] = []
        self.errands: list[queue.Errand] = []

    @property
    def session(self) -> AsyncSession:
        """The session, opened when it is first needed."""
        if not isinstance(self._session, AsyncSession):
            self._session = self._session()
        return self._session

    @property
    def opened(self) -> AsyncSession | None:
        """The session if it was needed."""
        return self._session if isinstance(self._session, AsyncSession) else None

    async def fetch(self, statement: Statement, **values: object) -> Sequence[Sequence[Any]]:
        """The rows that answer a statement compiled once, by the shortest way."""
        if self.readers is not None:
            try:
                return await self.readers.fetch(statement, values)
            except Lost:
                pass  # SQLAlchemy's pool pings, reconnects, and says what is wrong in the words that all doors know
        found: Sequence[Sequence[Any]] = (await self.session.execute(statement.query, values)).all()
        return found

    async def mappings(self, statement: Statement, **values: object) -> list[dict[str, Any]]:
        """The same rows by the names of their columns, where there are many of those."""
        return [dict(zip(statement.columns, row, strict=True)) for row in await self.fetch(statement, **values)]

    def record(self, event: outbox.Event) -> None:
        """Keep a fact with the deed. What is derived of facts is kept by nobody: TypeError."""
        if isinstance(event, outbox.Derived):
            raise TypeError(f"{type(event).__name__} is derived, and not recorded")
        self.events.append(event)

    def leave(self, errand: str, **payload: int | str) -> None:
        """Leave something to a worker, by the name of its job."""
        self.errands.append(queue.Errand(errand, payload))

    async def one_at_a_time(self, name: str | None) -> None:
        """Wait until no other transaction does the deed of this name: two clicks on one button become one deed."""
        if name:
            await self.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def require(allowed: bool, words: str) -> None:
    """The first line of an action. Raises Refused with ``words`` unless the policy allowed it."""
    if not allowed:
        raise Refused(words)


async def find_sent(
    work: Work, made: type[Made], form_key: str | None, *, by: InstrumentedAttribute[Any]
) -> Made | None:
    """What the viewer has ``made`` already with this sending of a form, named by its key; ``by`` is who made it."""
    if not form_key:
        return None
    found: Made | None = await work.session.scalar(
        select(made).where(by == work.viewer.id).filter_by(form_key=form_key)
    )
    return found


class Desk:
    """Where work is begun: the only place that opens sessions and the only place that commits.

    ``reactions`` say what else is done, in the same transaction, upon what a deed records.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock = wall_clock,
        notify: bool = True,
        reactions: Reactions | None = None,
    ) -> None:
        self.database = database
        self.clock = clock
        self.notify = notify
        self.reactions = reactions or Reactions()
        #: What is the same for everybody and was read a moment ago.
        self.recent = Recent()

    @asynccontextmanager
    async def reading(self, viewer: Viewer = NOBODY) -> AsyncIterator[Work]:
        """Read, each statement by itself. Nothing can be written through it by mistake: nothing is flushed."""
        readers = None if self.database.heard else self.database.readers
        work = Work(self.database.reads, viewer, self.clock(), readers=readers)
        try:
            yield work
        finally:
            if work.opened is not None:
                await work.opened.close()

    @asynccontextmanager
    async def writing(self, viewer: Viewer = NOBODY) -> AsyncIterator[Work]:
        """Do one deed. Leaving the block commits the change and its events together, or neither."""
        async with self.database.writes() as session, session.begin():
            work = Work(session, viewer, self.clock())
            yield work
            await self.reactions.follow(work)
            await session.flush()
            await outbox.append(session, work.events, notify=self.notify)
            await queue.put(session, work.errands)
        # A draft kept, or a session seen, changes nothing that is shown to everybody.
        if work.events:
            self.recent.forget()
