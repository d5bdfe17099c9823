"""The hub: in every web process, it hears that something happened and shows it to whoever is watching.

The table of events is the truth. NOTIFY only wakes the hub, and a poll finds the same events when it doesn't.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from civicboard.kit import outbox
from civicboard.kit.metrics import DELIVERIES, SOCKETS
from civicboard.kit.outbox import Cursor, Event, Happened
from civicboard.kit.partials import Fragment, Pages
from civicboard.kit.presence import Here, Presence
from civicboard.kit.wire import Wire, frame_text
from civicboard.kit.work import Desk, Missing, Work

log = structlog.get_logger()

Shown = Fragment | Sequence[Fragment] | None
Renderer = Callable[[Work, Any], Awaitable[Shown]]

#: More missed events than this, and a page is better off fetching itself anew.
MOST_CATCH_UP = 200
#: Ended sessions that are remembered for sockets which are just opening.
MOST_ENDED = 10_000
#: The code that a socket of an ended session is closed with.
SIGNED_OUT = 4001


@dataclass(frozen=True, slots=True)
class Shows:
    """What a live renderer declares: on which event it runs, and which topic gets what it renders."""

    event: type[Event]
    topic: str
    #: The field that what is shown depends on: many events about one thing are rendered once.
    about: str = ""


def shows(event: type[Event], *, on: str, about: str = "") -> Callable[[Renderer], Renderer]:
    """Mark a function as showing an event on a topic, as in ``on="problem:{problem_id}"``.

    ``about`` names the one field that the result depends on, so that a burst about one thing is rendered once.
    """

    def mark(renderer: Renderer) -> Renderer:
        renderer.shows = [*getattr(renderer, "shows", []), Shows(event, on, about)]  # type: ignore[attr-defined]
        return renderer

    return mark


class Watcher:
    """One open socket: who is behind it, and which audiences it belongs to."""

    __slots__ = ("address", "person_id", "session_id", "shown_as", "topics", "wire")

    def __init__(
        self,
        wire: Wire,
        topics: Iterable[str],
        *,
        person_id: int | None,
        session_id: int | None,
        address: str,
    ) -> None:
        self.wire = wire
        self.topics = tuple(topics)
        self.person_id = person_id
        self.session_id = session_id
        self.address = address
        self.shown_as: dict[str, str] = {}


class Hub:
    """Delivers each committed event once to every watcher of its topics in this process.

    ``renderers`` are functions marked by ``shows``. One sweep runs at a time, so a page never gets an older state
    after a newer one.
    """

    def __init__(self, desk: Desk, pages: Pages, renderers: Iterable[Renderer], *, poll_seconds: float = 5.0) -> None:
        self.desk = desk
        self.pages = pages
        self.poll_seconds = poll_seconds
        self.renderers: dict[type[Event], list[tuple[Shows, Renderer]]] = defaultdict(list)
        for renderer in renderers:
            for declared in renderer.shows:  # type: ignore[attr-defined]
                self.renderers[declared.event].append((declared, renderer))
        self.listeners: dict[type[Event], list[Callable[[Any], None]]] = defaultdict(list)
        self.topics: dict[str, set[Watcher]] = defaultdict(set)
        self.watchers: set[Watcher] = set()
        self.opening: Counter[int | str] = Counter()
        self.ended: dict[int, None] = {}
        self.presence = Presence(desk.database)
        self.low: Cursor | None = None
        #: Events delivered that could be found again, each with its transaction.
        self.seen: dict[int, int] = {}
        self.awake = asyncio.Event()
        self.lock = asyncio.Lock()
        self.tasks: list[asyncio.Task[None]] = []
        self.listening = False

    # Life

    async def start(self) -> None:
        async with self.desk.reading() as work:
            self.low = await outbox.present(work.session)
        self.tasks = [
            asyncio.create_task(self._sweep_forever(), name="hub-sweep"),
            asyncio.create_task(self._presence_forever(), name="hub-presence"),
        ]
        if self.desk.notify:
            self.tasks.append(asyncio.create_task(self._listen_forever(), name="hub-listen"))

    async def stop(self) -> None:
        # Asked again until they have gone: a library that swallows one cancellation must not hang the shutdown.
        while pending := [task for task in self.tasks if not task.done()]:
            for task in pending:
                task.cancel()
            await asyncio.wait(pending, timeout=1)
        with contextlib.suppress(Exception):
            await self.presence.leave()

    def on(self, event: type[Event], do: Callable[[Any], None]) -> None:
        """Call ``do`` in every process when the event has committed."""
        self.listeners[event].append(do)

    # Watching

    async def join(self, watcher: Watcher, cursor: Cursor | None) -> None:
        """Begin to deliver to a watcher, after sending what it missed since the cursor of its page."""
        async with self.lock:
            if watcher.session_id in self.ended:
                # It ended after the handshake had looked at its cookie.
                watcher.wire.close(SIGNED_OUT)
                return
            async with self.desk.reading() as work:
                now = await outbox.present(work.session)
                missed, stale = await self._missed(work, cursor, now)
                fragments: list[Fragment] = []
                if not stale:
                    for topic in watcher.topics:
                        fragments += await self._render(work, missed, topic)
            if stale:
                watcher.wire.send(frame_text(STALE))
            else:
                fragments += [self._here(told) for topic in watcher.topics if (told := self.presence.told.get(topic))]
                watcher.wire.send(frame_text(self.pages.message(fragments, str(now))))
            self.watchers.add(watcher)
            for topic in watcher.topics:
                self.topics[topic].add(watcher)
                self.presence.come(topic, watcher.shown_as.get(topic, ""))
        SOCKETS.set(len(self.watchers))

    def leave(self, watcher: Watcher) -> None:
        if watcher not in self.watchers:
            return
        self.watchers.discard(watcher)
        for topic in watcher.topics:
            self.presence.go(topic, watcher.shown_as.get(topic, ""))
            self.topics[topic].discard(watcher)
            if not self.topics[topic]:
                del self.topics[topic]
        SOCKETS.set(len(self.watchers))

    def close_session(self, session_id: int) -> None:
        """Shut every socket that came with a session which has ended, and those that are still on their way."""
        self.ended[session_id] = None
        if len(self.ended) > MOST_ENDED:
            del self.ended[next(iter(self.ended))]
        for watcher in [w for w in self.watchers if w.session_id == session_id]:
            self.leave(watcher)
            watcher.wire.close(SIGNED_OUT)

    def count(self, *, person_id: int | None = None, address: str = "") -> int:
        """How many sockets a person, or an address, has open in this process, or is about to have."""
        if person_id is not None:
            return self.opening[person_id] + sum(w.person_id == person_id for w in self.watchers)
        return self.opening[address] + sum(w.address == address for w in self.watchers)

    @contextlib.contextmanager
    def expecting(self, whose: int | str) -> Iterator[None]:
        """Count a socket of this person or address that opens meanwhile, so that many at once don't pass as one."""
        self.opening[whose] += 1
        try:
            yield
        finally:
            self.opening[whose] -= 1
            if not self.opening[whose]:
                del self.opening[whose]

    def broadcast(self, topic: str, message: str) -> None:
        """Write one message to every watcher of a topic: framed once, and nobody waits for a slow reader."""
        frame = frame_text(message)
        watchers = self.topics.get(topic, ())
        for watcher in list(watchers):
            if not watcher.wire.send(frame):
                self.leave(watcher)
        DELIVERIES.inc(len(watchers))

    # Hearing

    def wake(self) -> None:
        self.awake.set()

    async def _listen_forever(self) -> None:
        reach = self.desk.database.driver_arguments()
        wait = 0.2
        while True:
            connection: asyncpg.Connection[Any] | None = None
            try:
                connection = await asyncpg.connect(**reach, timeout=5)
                lost = asyncio.Event()
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(outbox.CHANNEL, lambda *_: self.wake())
                self.listening = True
                wait = 0.2
                # What happened while nobody listened is read only now that somebody does.
                self.wake()
                await lost.wait()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("listener_lost", error=type(error).__name__)
            finally:
                self.listening = False
                if connection is not None and not connection.is_closed():
                    connection.terminate()
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5.0)

    async def _sweep_forever(self) -> None:
        while True:
            # Not wait_for: in Python 3.11 it can swallow the cancellation that arrives with the wake-up.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.poll_seconds):
                    await self.awake.wait()
            self.awake.clear()
            try:
                await self.sweep()
            except Exception as error:  # the database may be away: say so, and look again at the next turn
                log.warning("sweep_failed", error=type(error).__name__, detail=str(error)[:200])
                await asyncio.sleep(0.5)
            # A burst of writes becomes one sweep, so counters are sent a few times a second, not a few hundred.
            await asyncio.sleep(0.03)

    async def _presence_forever(self) -> None:
        while True:
            await asyncio.sleep(1.5)
            try:
                for topic, here in await self.presence.exchange(self.topics):
                    self.broadcast(topic, self.pages.message([self._here(here)], ""))
            except Exception as error:
                log.warning("presence_failed", error=type(error).__name__)

    @staticmethod
    def _here(here: Here) -> Fragment:
        return Fragment("kit/_presence.html", {"here": here}, target="#presence", swap="innerHTML")

    async def sweep(self) -> int:
        """Deliver everything committed and not yet delivered here. Returns how many events that was."""
        delivered = 0
        async with self.lock, self.desk.reading() as work:
            while True:
                now = await outbox.present(work.session)
                if self.low is None or self.low.epoch != now.epoch:
                    self.low, self.seen = now, {}
                found = await outbox.since(work.session, self.low, seen=self.seen)
                await self._deliver(work, found, now)
                delivered += len(found)
                self.seen |= {happened.id: happened.xid for happened in found}
                if len(found) < 1000:
                    break
            # Events of transactions older than every one still running can't turn up any more.
            self.seen = {number: xid for number, xid in self.seen.items() if xid >= now.xmin}
            self.low = now
        return delivered

    async def _deliver(self, work: Work, found: Sequence[Happened], now: Cursor) -> None:
        touched: dict[str, list[Happened]] = defaultdict(list)
        for happened in found:
            if happened.event is None:
                continue
            for do in self.listeners.get(type(happened.event), ()):
                try:
                    do(happened.event)
                except Exception:  # one that fails must not keep the others from hearing
                    log.exception("listener_failed", kind=type(happened.event).__name__)
            for topic in {name for name, _, _ in self._renderers_of(happened.event)} & self.topics.keys():
                touched[topic].append(happened)
        for topic, happenings in touched.items():
            fragments = await self._render(work, happenings, topic)
            if fragments:
                self.broadcast(topic, self.pages.message(fragments, str(now)))

    def _renderers_of(self, event: Event) -> list[tuple[str, Renderer, object]]:
        """Each topic that an event is shown on, how, and what the result depends on."""
        facts = vars(event)
        return [
            (declared.topic.format_map(facts), renderer, facts[declared.about] if declared.about else event)
            for declared, renderer in self.renderers.get(type(event), ())
        ]

    async def _render(self, work: Work, found: Iterable[Happened], topic: str) -> list[Fragment]:
        """What a topic's audience gets to see of these events: each thing once, as it stands now."""
        asked: dict[tuple[Renderer, object], Event] = {}
        for happened in found:
            for name, renderer, about in self._renderers_of(happened.event) if happened.event else ():
                if name == topic and happened.event:
                    asked.setdefault((renderer, about), happened.event)
        shown: dict[tuple[str, str, str], Fragment] = {}
        for (renderer, _), event in asked.items():
            try:
                result = await renderer(work, event)
            except Missing:
                continue  # gone since, or no longer for everybody: nothing to show
            except (SQLAlchemyError, OSError):
                raise  # the database is away: the sweep looks again
            except Exception:  # one that fails, on what a newer version wrote perhaps, must not stop the others
                log.exception("renderer_failed", kind=type(event).__name__, renderer=renderer.__name__)
                continue
            for fragment in [result] if isinstance(result, Fragment) else result or ():
                shown[fragment.template, fragment.target, fragment.key] = fragment
        return list(shown.values())

    async def _missed(self, work: Work, cursor: Cursor | None, now: Cursor) -> tuple[list[Happened], bool]:
        """Events since a page's cursor, and whether the page is too old to be patched."""
        if cursor is None:
            return [], False
        if cursor.epoch != now.epoch or cursor.xmin > now.xmin:
            return [], True
        if not await outbox.reaches_back(work.session, cursor):
            return [], True
        missed = await outbox.since(work.session, cursor, most=MOST_CATCH_UP + 1)
        return missed, len(missed) > MOST_CATCH_UP


#: Tells a page that it has been away too long: it fetches itself.
STALE = '{"stale":true}'
