"""The hub itself: it sweeps up what was committed and delivers it, and lets watchers join without missing anything."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import structlog

from civicboard.kit import outbox
from civicboard.kit.hub.catching_up import STALE, missed_since
from civicboard.kit.hub.listening import Listener
from civicboard.kit.hub.rendering import Derivation, Renderer, Renderers, by_place
from civicboard.kit.hub.watching import ASK_AGAIN, SIGNED_OUT, Crowd, Watcher
from civicboard.kit.outbox import Cursor, Event, Happened
from civicboard.kit.partials import Fragment, Pages
from civicboard.kit.presence import Here, Presence
from civicboard.kit.wire import MOST_UNREAD_BYTES, frame_text
from civicboard.kit.work import Desk, Work

log = structlog.get_logger()


class Hub(Crowd):
    """Delivers each committed event once to every watcher of its topics in this process.

    ``renderers`` are functions marked by ``shows``, and ``given`` is what they may ask for by name. One sweep runs at
    a time, so a page never gets an older state after a newer one.
    """

    def __init__(
        self, desk: Desk, pages: Pages, renderers: Iterable[Renderer], *, poll_seconds: float = 5.0, **given: object
    ) -> None:
        super().__init__(Presence(desk.database))
        self.desk = desk
        self.pages = pages
        self.poll_seconds = poll_seconds
        self.renderers = Renderers(renderers, **given)
        self.listener = Listener(desk.database, self.wake)
        self.listeners: dict[type[Event], list[Callable[[Any], None]]] = defaultdict(list)
        self.low: Cursor | None = None
        #: Events delivered that could be found again, each with its transaction.
        self.seen: dict[int, int] = {}
        #: How many events have been delivered here.
        self.delivered = 0
        self.awake = asyncio.Event()
        self.lock = asyncio.Lock()
        self.tasks: list[asyncio.Task[None]] = []

    # Life

    async def start(self) -> None:
        async with self.desk.reading() as work:
            self.low = await outbox.present(work.session)
        self.tasks = [
            asyncio.create_task(self._sweep_forever(), name="hub-sweep"),
            asyncio.create_task(self._presence_forever(), name="hub-presence"),
        ]
        if self.desk.notify:
            self.tasks.append(asyncio.create_task(self.listener.listen_forever(), name="hub-listen"))

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

    def derive(self, event: type[Event], derive: Derivation) -> None:
        """Ask ``derive`` what events of this kind mean for the pages that are open, where they don't name them.

        Something may stand on a thousand pages of which three are open. It is given the events and the topics that
        somebody watches here; only for these it makes the events that are then shown. Nobody else hears of them.
        """
        self.renderers.derivations[event].append(derive)

    @property
    def listening(self) -> bool:
        """Whether NOTIFY is heard; otherwise the poll finds what happened."""
        return self.listener.listening

    def wake(self) -> None:
        self.awake.set()

    # Joining

    async def join(self, watcher: Watcher, cursor: Cursor | None, *, greeting: Sequence[Fragment] = ()) -> None:
        """Begin to deliver to a watcher, after sending what it missed since the cursor of its page.

        The ``greeting`` is sent in any case, below what it missed: it was read a moment ago.
        """
        # What it missed is rendered while others are delivered to; only what they were told meanwhile holds them up.
        delivered = self.delivered
        now, shown = await self._catch_up(watcher, cursor)
        async with self.lock:
            if watcher.session_id in self.ended:
                # It ended after the handshake had looked at its cookie.
                watcher.wire.close(SIGNED_OUT)
                return
            if self.delivered != delivered and shown is not None:
                now, more = await self._catch_up(watcher, now)
                shown = None if more is None else by_place([*shown, *more])
            if watcher.ask_again is not None and not await watcher.ask_again():
                # It left that audience meanwhile: what it was about to be sent may be from after that.
                watcher.wire.close(ASK_AGAIN)
                return
            here = [_here(told) for topic in watcher.topics if (told := self.presence.told.get(topic))]
            frame = frame_text(
                STALE if shown is None else self.pages.message(by_place([*greeting, *shown, *here]), str(now))
            )
            # A page that would have to take in so much at once is better off fetching itself.
            watcher.wire.send(frame if len(frame) <= MOST_UNREAD_BYTES else frame_text(STALE))
            self.enter(watcher)

    async def _catch_up(self, watcher: Watcher, cursor: Cursor | None) -> tuple[Cursor, list[Fragment] | None]:
        """What a watcher is to be shown of what happened since a cursor; None if it is too old to be patched."""
        async with self.desk.reading() as work:
            now = await outbox.present(work.session)
            whose = watcher.person_id
            missed, stale = await missed_since(work, cursor, now, personal=self.renderers.personal, person_id=whose)
            if stale:
                return now, None
            missed += await self.renderers.derived(work, missed, watcher.topics)
            return now, [one for topic in watcher.topics for one in await self.renderers.render(work, missed, topic)]

    # Delivering

    async def sweep(self) -> int:
        """Deliver everything committed and not yet delivered here. Returns how many events that was."""
        delivered = 0
        async with self.lock, self.desk.reading() as work:
            while True:
                now = await outbox.present(work.session)
                if self.low is None or self.low.epoch != now.epoch:
                    if self.low is not None:
                        # Another database stands in for the one that the open pages were made from.
                        self.tell_all(STALE)
                    self.low, self.seen = now, {}
                found = await outbox.since(work.session, self.low, seen=self.seen)
                await self._deliver(work, found, now)
                delivered += len(found)
                self.delivered += len(found)
                self.seen |= {happened.id: happened.xid for happened in found}
                if len(found) < 1000:
                    break
            # Events of transactions older than every one still running can't turn up any more.
            self.seen = {number: xid for number, xid in self.seen.items() if xid >= now.xmin}
            self.low = now
        return delivered

    async def _deliver(self, work: Work, found: Sequence[Happened], now: Cursor) -> None:
        for happened in found:
            for do in self.listeners.get(type(happened.event), ()) if happened.event is not None else ():
                try:
                    do(happened.event)
                except Exception:  # one that fails must not keep the others from hearing
                    log.exception("listener_failed", kind=type(happened.event).__name__)
        touched: dict[str, list[Happened]] = defaultdict(list)
        # Watchers come and go meanwhile.
        for happened in (*found, *await self.renderers.derived(work, found, frozenset(self.topics))):
            if happened.event is not None:
                for topic in self.renderers.topics_of(happened.event) & self.topics.keys():
                    touched[topic].append(happened)
        for topic, happenings in touched.items():
            fragments = await self.renderers.render(work, happenings, topic)
            if fragments:
                self.broadcast(topic, self.pages.message(fragments, str(now)))

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
                    self.broadcast(topic, self.pages.message([_here(here)], ""))
            except Exception as error:
                log.warning("presence_failed", error=type(error).__name__)


def _here(here: Here) -> Fragment:
    return Fragment("kit/_presence.html", {"here": here}, target="#presence", swap="innerHTML")
