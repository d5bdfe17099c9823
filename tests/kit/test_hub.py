"""The hub: every committed event reaches every watcher of its topic, here and in the next process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from civicboard.kit import outbox
from civicboard.kit.database import Database
from civicboard.kit.hub import MOST_CATCH_UP, Hub, Watcher, shows
from civicboard.kit.outbox import Cursor, Derived, Event
from civicboard.kit.partials import Fragment, Pages
from civicboard.kit.wire import frame_text
from civicboard.kit.work import Desk, Missing, Work


@dataclass(frozen=True)
class BellRung(Event):
    tower_id: int
    bell_id: int


@shows(BellRung, on="tower:{tower_id}")
async def show_bell(work: Work, happened: BellRung) -> Fragment:
    if happened.bell_id == 13:
        raise Missing
    return Fragment("bell.html", {"bell": happened.bell_id}, target="#bells", key=f"bell-{happened.bell_id}")


class Kept:
    """A wire that keeps what was sent; ``stalled`` refuses like a reader who is cut off."""

    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []
        self.closed: int | None = None
        self.stalled = False

    def send(self, frame: bytes) -> bool:
        if self.stalled:
            return False
        start = {126: 4, 127: 10}.get(frame[1], 2)
        self.messages.append(json.loads(frame[start:]))
        return True

    def close(self, code: int) -> None:
        self.closed = code

    @property
    def keys(self) -> list[str]:
        return [key for message in self.messages for key in message.get("keys", [])]  # type: ignore[attr-defined]


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "bell.html").write_text('<p id="bell-{{ bell }}">{{ bell }}</p>')
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / "_presence.html").write_text("{{ here.watching }}")
    return Pages(tmp_path)


@asynccontextmanager
async def awake(desk: Desk, pages: Pages, *, poll: float = 0.2) -> AsyncIterator[Hub]:
    hub = Hub(desk, pages, [show_bell], poll_seconds=poll)
    await hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


def watcher(wire: Kept, *topics: str, session: int | None = None) -> Watcher:
    return Watcher(wire, topics or ("tower:1",), person_id=None, session_id=session, address="a")


async def ring(desk: Desk, tower: int, bell: int) -> None:
    async with desk.writing() as work:
        work.record(BellRung(tower, bell))


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event of its own
            await asyncio.sleep(0.01)


async def now(desk: Desk) -> Cursor:
    async with desk.reading() as work:
        return await outbox.present(work.session)


async def test_a_watcher_sees_its_topic_and_no_other(desk: Desk, pages: Pages) -> None:
    async with awake(desk, pages) as hub:
        mine, other = Kept(), Kept()
        await hub.join(watcher(mine, "tower:1"), await now(desk))
        await hub.join(watcher(other, "tower:2"), await now(desk))
        await ring(desk, 1, 7)
        await until(lambda: mine.keys == ["bell-7"])
        await asyncio.sleep(0.3)
        assert other.keys == []


async def test_two_processes_hear_each_other_through_the_database(
    desk: Desk, database: Database, database_url: str, pages: Pages
) -> None:
    second = Database(database_url, pool_size=3)
    async with awake(desk, pages, poll=60) as hub, awake(Desk(second), pages, poll=60) as other_hub:
        await until(lambda: hub.listening and other_hub.listening)
        wire = Kept()
        await other_hub.join(watcher(wire), await now(desk))
        await ring(desk, 1, 8)
        await until(lambda: wire.keys == ["bell-8"], 2)
    await second.close()


async def test_without_notify_the_poll_finds_the_same(database: Database, pages: Pages) -> None:
    quiet = Desk(database, notify=False)
    async with awake(quiet, pages, poll=0.1) as hub:
        assert not hub.listening
        wire = Kept()
        await hub.join(watcher(wire), await now(quiet))
        await ring(quiet, 1, 9)
        await until(lambda: wire.keys == ["bell-9"])


async def test_the_late_commit_reaches_a_page_that_reconnects(desk: Desk, pages: Pages) -> None:
    """Hold A open, commit B, reconnect, commit A: A arrives."""
    begun, may_commit = asyncio.Event(), asyncio.Event()

    async def hold_open() -> None:
        async with desk.writing() as work:
            await outbox.append(work.session, [BellRung(1, 1)], notify=True)
            begun.set()
            await may_commit.wait()

    async with awake(desk, pages) as hub:
        slow = asyncio.create_task(hold_open())
        await begun.wait()
        await ring(desk, 1, 2)
        cursor = await now(desk)
        wire = Kept()
        await hub.join(watcher(wire), cursor)
        may_commit.set()
        await slow
        await until(lambda: "bell-1" in wire.keys)


async def test_what_was_missed_is_caught_up_once_each(desk: Desk, pages: Pages) -> None:
    cursor = await now(desk)
    for bell in (3, 4, 4, 13):
        await ring(desk, 1, bell)
    async with awake(desk, pages) as hub:
        wire = Kept()
        await hub.join(watcher(wire), cursor)
        assert wire.keys == ["bell-3", "bell-4"], "the same partial once, and nothing for what has gone"
        assert Cursor.parse(str(wire.messages[0]["cursor"])) is not None


async def test_a_page_from_another_epoch_or_from_long_ago_fetches_itself(desk: Desk, pages: Pages) -> None:
    present = await now(desk)
    async with awake(desk, pages) as hub:
        strange, ahead = Kept(), Kept()
        await hub.join(watcher(strange), replace(present, epoch="another-1"))
        await hub.join(watcher(ahead), Cursor(present.epoch, present.xmin + 10**6, present.xmax + 10**6))
        assert strange.messages == ahead.messages == [{"stale": True}]
    async with desk.writing() as work:
        for bell in range(300):
            work.record(BellRung(1, bell + 100))
    async with awake(desk, pages) as hub:
        old = Kept()
        await hub.join(watcher(old), present)
        assert old.messages == [{"stale": True}]


async def test_when_another_database_stands_in_every_open_page_fetches_itself(desk: Desk, pages: Pages) -> None:
    """After a failover, what the pages have not heard of can't be told from what they have."""
    async with awake(desk, pages) as hub:
        wire = Kept()
        await hub.join(watcher(wire), await now(desk))
        assert hub.low is not None
        hub.low = replace(hub.low, epoch="the-one-before-1")
        hub.wake()
        await until(lambda: {"stale": True} in wire.messages)
        await ring(desk, 1, 5)
        await until(lambda: "bell-5" in wire.keys)


async def test_a_page_takes_in_so_much_at_once_and_no_more(desk: Desk, pages: Pages, tmp_path: Path) -> None:
    (tmp_path / "bell.html").write_text('<p id="bell-{{ bell }}">' + "ding " * 60_000 + "</p>")
    cursor = await now(desk)
    await ring(desk, 1, 1)
    async with awake(desk, pages) as hub:
        wire = Kept()
        await hub.join(watcher(wire), cursor)
        assert wire.messages == [{"stale": True}]
        assert len(hub.watchers) == 1


async def test_others_are_delivered_to_while_a_page_catches_up(desk: Desk, pages: Pages) -> None:
    cursor = await now(desk)
    await ring(desk, 2, 1)
    going, go_on = asyncio.Event(), asyncio.Event()

    @shows(BellRung, on="steeple:{tower_id}")
    async def show_slowly(work: Work, happened: BellRung) -> Fragment:
        going.set()
        await go_on.wait()
        return Fragment("bell.html", {"bell": happened.bell_id}, target="#bells", key=f"bell-{happened.bell_id}")

    hub = Hub(desk, pages, [show_bell, show_slowly], poll_seconds=0.2)
    await hub.start()
    try:
        here, slow = Kept(), Kept()
        await hub.join(watcher(here), await now(desk))
        joining = asyncio.create_task(hub.join(watcher(slow, "steeple:2"), cursor))
        await going.wait()
        await ring(desk, 1, 3)
        await until(lambda: "bell-3" in here.keys)
        go_on.set()
        await joining
        assert slow.keys == ["bell-1"]
    finally:
        await hub.stop()


async def test_events_that_happened_while_postgresql_was_away_arrive(
    desk: Desk, database: Database, pages: Pages
) -> None:
    """The listener's connection is cut; it returns, and then reads the gap."""
    async with awake(desk, pages, poll=60) as hub:
        await until(lambda: hub.listening)
        wire = Kept()
        await hub.join(watcher(wire), await now(desk))
        async with database.engine.connect() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
                )
            )
        await until(lambda: not hub.listening)
        await ring(desk, 1, 5)
        await until(lambda: wire.keys == ["bell-5"])


async def test_a_stalled_reader_is_dropped_and_the_others_go_on(desk: Desk, pages: Pages) -> None:
    async with awake(desk, pages) as hub:
        fast, slow = Kept(), Kept()
        for wire in (slow, fast):
            await hub.join(watcher(wire), await now(desk))
        slow.stalled = True
        await ring(desk, 1, 6)
        await until(lambda: fast.keys == ["bell-6"])
        assert len(hub.watchers) == 1


async def test_ending_a_session_closes_its_sockets_only(desk: Desk, pages: Pages) -> None:
    async with awake(desk, pages) as hub:
        mine, other = Kept(), Kept()
        await hub.join(watcher(mine, session=1), None)
        await hub.join(watcher(other, session=2), None)
        hub.close_session(1)
        assert (mine.closed, other.closed) == (4001, None)


async def test_whose_rights_changed_comes_again_and_is_asked_before_anything_is_sent(desk: Desk, pages: Pages) -> None:
    cursor = await now(desk)
    await ring(desk, 1, 4)
    may = True

    async def ask_again() -> bool:
        return may

    def of(person: int, wire: Kept, *topics: str) -> Watcher:
        return Watcher(wire, topics, person_id=person, session_id=1, address="a", ask_again=ask_again)

    async with awake(desk, pages) as hub:
        mine, elsewhere, other = Kept(), Kept(), Kept()
        await hub.join(of(1, mine, "tower:1"), cursor)
        await hub.join(of(1, elsewhere, "tower:2"), cursor)
        await hub.join(of(2, other, "tower:1"), cursor)
        hub.unseat("tower:1", 1)
        assert (mine.closed, elsewhere.closed, other.closed) == (4003, None, None)
        assert len(hub.watchers) == 2
        may, again = False, Kept()
        await hub.join(of(1, again, "tower:1"), cursor)
        assert (again.closed, again.messages, len(hub.watchers)) == (4003, [], 2)


async def test_a_name_is_hidden_on_one_page_alone(desk: Desk, pages: Pages) -> None:
    hub = Hub(desk, pages, [show_bell])
    one = Watcher(Kept(), ("tower:1", "tower:2"), person_id=1, session_id=1, address="a")
    one.shown_as = {"tower:1": "Ada", "tower:2": "Ada"}
    hub.enter(one)
    hub.hide_name(1, on="tower:1")
    assert one.shown_as == {"tower:2": "Ada"}
    hub.leave(one)


async def test_presence_is_summed_over_processes(desk: Desk, database_url: str, pages: Pages) -> None:
    second = Database(database_url, pool_size=3)
    async with awake(desk, pages) as hub, awake(Desk(second), pages) as other:
        here, there = Kept(), Kept()
        await hub.join(watcher(here), None)
        await other.join(watcher(there), None)
        await until(lambda: any("2" in str(m.get("content")) for m in here.messages))
    await second.close()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_a_frame_is_what_the_protocol_says(size: int) -> None:
    from websockets.frames import Frame, Opcode

    message = "x" * size
    assert frame_text(message) == Frame(Opcode.TEXT, message.encode()).serialize(mask=False)


@shows(BellRung, on="tower:{tower_id}", about="tower_id")
async def show_tower(work: Work, happened: BellRung) -> Fragment:
    if happened.bell_id == 66:
        raise KeyError("a stage that only a newer version knows")
    CALLS.append(happened.tower_id)
    return Fragment("bell.html", {"bell": "tower"}, target="#towers", key=f"tower-{happened.tower_id}")


CALLS: list[int] = []


async def test_a_renderer_that_fails_stops_nobody_else(desk: Desk, pages: Pages) -> None:
    hub = Hub(desk, pages, [show_tower, show_bell], poll_seconds=0.2)
    hub.on(BellRung, lambda _: 1 / 0)
    await hub.start()
    try:
        wire = Kept()
        await hub.join(watcher(wire), await now(desk))
        await ring(desk, 1, 66)
        await until(lambda: "bell-66" in wire.keys)
        await ring(desk, 1, 67)
        await until(lambda: "tower-1" in wire.keys)
    finally:
        await hub.stop()


async def test_a_burst_about_one_thing_is_rendered_once(desk: Desk, pages: Pages) -> None:
    cursor = await now(desk)
    async with desk.writing() as work:
        for bell in range(100):
            work.record(BellRung(1, bell + 100))
    hub = Hub(desk, pages, [show_tower], poll_seconds=60)
    await hub.start()
    CALLS.clear()
    try:
        await hub.join(watcher(Kept()), cursor)
        assert CALLS == [1]
    finally:
        await hub.stop()


@dataclass(frozen=True)
class RingerLeft(Event):
    """It names no tower."""

    ringer_id: int


@dataclass(frozen=True)
class BellsRest(Derived):
    tower_id: int
    bell_id: int


@shows(BellsRest, on="tower:{tower_id}")
async def show_rest(work: Work, happened: BellsRest) -> Fragment:
    return Fragment("bell.html", {"bell": "rest"}, target="#bells", key=f"rest-{happened.bell_id}")


async def test_an_event_that_names_no_page_is_shown_on_those_that_are_open(desk: Desk, pages: Pages) -> None:
    """Also where the page was read before it happened, and is live only after."""
    asked: list[set[str]] = []

    async def towers_of(work: Work, happened: Sequence[RingerLeft], topics: Collection[str]) -> list[BellsRest]:
        asked.append(set(topics))
        if happened[0].ringer_id == 13:
            raise KeyError("a ringer that only a newer version knows")
        return [BellsRest(tower, happened[0].ringer_id) for tower in (1, 3) if f"tower:{tower}" in topics]

    cursor = await now(desk)
    hub = Hub(desk, pages, [show_bell, show_rest], poll_seconds=60)
    hub.derive(RingerLeft, towers_of)
    await hub.start()
    try:
        first, second, late = Kept(), Kept(), Kept()
        await hub.join(watcher(first), cursor)
        await hub.join(watcher(second, "tower:2"), cursor)
        async with desk.writing() as work:
            work.record(RingerLeft(40))
        await until(lambda: first.keys == ["rest-40"])
        assert asked[-1] == {"tower:1", "tower:2"}
        await hub.join(watcher(late, "tower:3"), cursor)
        assert (late.keys, second.keys, first.keys) == (["rest-40"], [], ["rest-40"])

        # One that fails stops nothing else.
        async with desk.writing() as work:
            work.record(RingerLeft(13))
            work.record(BellRung(1, 41))
        await until(lambda: first.keys == ["rest-40", "bell-41"])
    finally:
        await hub.stop()


async def test_what_is_derived_is_not_recorded(desk: Desk) -> None:
    with pytest.raises(TypeError):
        async with desk.writing() as work:
            work.record(BellsRest(1, 1))


@dataclass(frozen=True)
class LetterSent(Event):
    person_id: int


@shows(LetterSent, on="letters:{person_id}")
async def show_letter(work: Work, happened: LetterSent) -> Fragment:
    return Fragment("bell.html", {"bell": "letter"}, target="#bells", key=f"letter-{happened.person_id}")


async def test_what_others_were_told_is_nothing_that_a_page_missed(desk: Desk, pages: Pages) -> None:
    """Something new may be for hundreds of people: no page needs to load itself anew for that, but for its own."""
    cursor = await now(desk)
    async with desk.writing() as work:
        for person in range(1, MOST_CATCH_UP + 20):
            work.record(LetterSent(person))
        work.record(BellRung(1, 7))
    hub = Hub(desk, pages, [show_bell, show_letter], poll_seconds=60)
    stranger, seven = Kept(), Kept()
    await hub.join(watcher(stranger), cursor)
    of_seven = Watcher(seven, ("tower:1", "letters:7"), person_id=7, session_id=None, address="a")
    await hub.join(of_seven, cursor)
    assert (stranger.keys, seven.keys) == (["bell-7"], ["bell-7", "letter-7"])


async def test_beside_an_open_transaction_each_event_is_delivered_once(
    desk: Desk, database: Database, pages: Pages
) -> None:
    async with database.writes() as importing, awake(desk, pages, poll=60) as hub:
        await importing.execute(text("SELECT pg_current_xact_id()"))
        async with desk.writing() as work:
            for bell in range(1500):
                work.record(BellRung(2, bell))
        await hub.sweep()
        assert [await hub.sweep(), await hub.sweep()] == [0, 0]
        await importing.rollback()
