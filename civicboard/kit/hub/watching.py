"""Who is watching: the open sockets of this process, by topic, and what is written to all of them at once."""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator

from civicboard.kit.metrics import DELIVERIES, SOCKETS
from civicboard.kit.presence import Presence
from civicboard.kit.wire import Wire, frame_text

#: Ended sessions that are remembered for sockets which are just opening.
MOST_ENDED = 10_000
#: The code that a socket of an ended session is closed with.
SIGNED_OUT = 4001
#: The code that tells a page to come again, since what its reader may watch has changed.
ASK_AGAIN = 4003


class Watcher:
    """One open socket: who is behind it, and which audiences it belongs to."""

    __slots__ = ("ask_again", "person_id", "session_id", "shown_as", "topics", "uncounted", "whose", "wire")

    def __init__(
        self,
        wire: Wire,
        topics: Iterable[str],
        *,
        person_id: int | None,
        session_id: int | None,
        address: str,
        ask_again: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self.wire = wire
        #: Asks whether it may watch all of this, for audiences that people leave; None where everybody may.
        self.ask_again = ask_again
        self.topics = tuple(topics)
        self.person_id = person_id
        self.session_id = session_id
        #: Whom it counts for: a person, or the address of a stranger.
        self.whose: int | str = address if person_id is None else person_id
        self.shown_as: dict[str, str] = {}
        #: Topics on which nobody counts who is here.
        self.uncounted: frozenset[str] = frozenset()


class Crowd:
    """The watchers of this process. ``presence`` is told who comes and goes."""

    def __init__(self, presence: Presence) -> None:
        self.presence = presence
        self.topics: dict[str, set[Watcher]] = defaultdict(set)
        self.watchers: set[Watcher] = set()
        self.opening: Counter[int | str] = Counter()
        #: Open sockets of each person, and of each address from which nobody is signed in.
        self.open: Counter[int | str] = Counter()
        self.ended: dict[int, None] = {}

    def enter(self, watcher: Watcher) -> None:
        self.watchers.add(watcher)
        self.open[watcher.whose] += 1
        for topic in watcher.topics:
            self.topics[topic].add(watcher)
            if topic not in watcher.uncounted:
                self.presence.come(topic, watcher.shown_as.get(topic, ""))
        SOCKETS.set(len(self.watchers))

    def leave(self, watcher: Watcher) -> None:
        if watcher not in self.watchers:
            return
        self.watchers.discard(watcher)
        self.open[watcher.whose] -= 1
        if not self.open[watcher.whose]:
            del self.open[watcher.whose]
        for topic in watcher.topics:
            if topic not in watcher.uncounted:
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

    def unseat(self, topic: str, person_id: int) -> None:
        """Shut every socket of a person on a topic that they may no longer watch, or perhaps not.

        The page comes again by itself, and whether it may is asked anew.
        """
        for watcher in [w for w in self.topics.get(topic, ()) if w.person_id == person_id]:
            self.leave(watcher)
            watcher.wire.close(ASK_AGAIN)

    def hide_name(self, person_id: int, *, on: str | None = None) -> None:
        """Show somebody on no page (or not ``on`` this topic) by the name that their sockets came with.

        They go on counting as one who reads.
        """
        for watcher in self.watchers:
            if watcher.person_id == person_id:
                hidden = {topic: name for topic, name in watcher.shown_as.items() if on in (None, topic)}
                for topic, name in hidden.items():
                    self.presence.come(topic, "")
                    self.presence.go(topic, name)
                    del watcher.shown_as[topic]

    def count(self, whose: int | str) -> int:
        """How many sockets a person, or a stranger's address, has open in this process, or is about to have."""
        return self.opening[whose] + self.open[whose]

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

    def tell_all(self, message: str) -> None:
        """Write one message to every watcher of this process."""
        frame = frame_text(message)
        for watcher in list(self.watchers):
            if not watcher.wire.send(frame):
                self.leave(watcher)

    def broadcast(self, topic: str, message: str) -> None:
        """Write one message to every watcher of a topic: framed once, and nobody waits for a slow reader."""
        frame = frame_text(message)
        watchers = self.topics.get(topic, ())
        for watcher in list(watchers):
            if not watcher.wire.send(frame):
                self.leave(watcher)
        DELIVERIES.inc(len(watchers))
