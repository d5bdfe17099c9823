"""The cursor: nothing that commits late is ever missed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from civicboard.kit import outbox
from civicboard.kit.database import Database
from civicboard.kit.outbox import Cursor, Event
from civicboard.kit.work import Desk


@dataclass(frozen=True)
class LampLit(Event):
    lamp_id: int


async def lit_since(database: Database, cursor: Cursor) -> list[int]:
    async with database.reads() as session:
        return [h.event.lamp_id for h in await outbox.since(session, cursor) if isinstance(h.event, LampLit)]


async def present(database: Database) -> Cursor:
    async with database.reads() as session:
        return await outbox.present(session)


async def test_a_deed_that_commits_after_a_later_one_is_still_found(desk: Desk, database: Database) -> None:
    """The trap: A is begun first and gets the lower number, B commits, the page reads, then A commits."""
    begun, may_commit = asyncio.Event(), asyncio.Event()

    async def slow_deed() -> None:
        async with desk.writing() as work:
            work.record(LampLit(1))
            await outbox.append(work.session, work.events, notify=False)
            work.events.clear()
            begun.set()
            await may_commit.wait()

    slow = asyncio.create_task(slow_deed())
    await begun.wait()
    async with desk.writing() as work:
        work.record(LampLit(2))
    cursor = await present(database)
    assert await lit_since(database, cursor) == [], "the page has read B, and A can't be seen yet"
    may_commit.set()
    await slow
    assert await lit_since(database, cursor) == [1], "A arrives, though its number is below B's"


async def test_what_was_not_committed_was_never_told(desk: Desk, database: Database) -> None:
    cursor = await present(database)

    async def fail() -> None:
        async with desk.writing() as work:
            work.record(LampLit(3))
            raise RuntimeError("the deed fails at the very end")

    with pytest.raises(RuntimeError):
        await fail()
    assert await lit_since(database, cursor) == []


async def test_a_change_and_its_event_are_one_transaction(desk: Desk, database: Database) -> None:
    async with desk.writing() as work:
        xid = await work.session.scalar(text("SELECT pg_current_xact_id()::text::bigint"))
        work.record(LampLit(4))
    async with database.reads() as session:
        found = await session.scalar(text("SELECT xid::text::bigint FROM events WHERE kind = 'LampLit'"))
    assert found == xid


async def test_an_open_import_holds_nobody_back(desk: Desk, database: Database) -> None:
    """While a long transaction is open, later events are read, and each only once by a reader who remembers them."""
    async with database.writes() as importing:
        await importing.execute(text("SELECT pg_current_xact_id()"))
        seen: set[int] = set()
        cursor = await present(database)
        for lamp in (5, 6, 7):
            async with desk.writing() as work:
                work.record(LampLit(lamp))
            async with database.reads() as session:
                found = await outbox.since(session, cursor, seen=seen)
            assert [h.event for h in found] == [LampLit(lamp)]
            seen |= {h.id for h in found}
        await importing.rollback()


def test_a_kind_that_this_version_does_not_know_is_passed_over() -> None:
    assert Event.parse("SomethingFromTomorrow", {"id": 1}) is None
    assert Event.parse("LampLit", {"lamp_id": 1, "colour": "red"}) is None
    assert Event.parse("LampLit", {"lamp_id": 1}) == LampLit(1)


@given(st.text(max_size=80))
def test_any_text_for_a_cursor_is_a_cursor_or_nothing(raw: str) -> None:
    parsed = Cursor.parse(raw)
    assert parsed is None or str(parsed).rpartition(".")[0] == raw.rpartition(".")[0]


@pytest.mark.parametrize("running", [(), (757,), (757, 760, 999)])
def test_a_cursor_survives_its_journey(running: tuple[int, ...]) -> None:
    cursor = Cursor("7711198973184151037-1", 757, 1000, running)
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize("snapshot", ["0:1:", "2:1:", "5:9:4", "5:9:9", "5:9:7,6", "5:9:6,6", "5:9", "5:9:6,", "²:9:"])
def test_a_snapshot_that_cannot_be_is_no_cursor(snapshot: str) -> None:
    """PostgreSQL would refuse it with an error."""
    assert Cursor.parse(f"1-1.{snapshot}") is None


def test_a_moment_with_very_many_at_work_counts_all_since_the_oldest() -> None:
    many = Cursor.of("1-1", "100:200:" + ",".join(str(number) for number in range(100, 160)))
    assert many == Cursor("1-1", 100, 100)
    assert Cursor.parse(str(many)) == many


async def test_a_transaction_that_stays_open_makes_nobody_catch_up_again(desk: Desk, database: Database) -> None:
    """An idle one, anywhere in the cluster, holds the oldest transaction back; what was seen is seen all the same."""
    async with database.engine.connect() as idle:
        await idle.execute(text("SELECT pg_current_xact_id()"))
        for lamp in range(5):
            async with desk.writing() as work:
                work.record(LampLit(lamp))
        cursor = await present(database)
        assert await lit_since(database, cursor) == []
        async with desk.writing() as work:
            work.record(LampLit(7))
        assert await lit_since(database, cursor) == [7]
