"""Rates hold over all processes: each ``Rates`` here stands for one process, on one PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from civicboard.kit import limits
from civicboard.kit.database import Database
from civicboard.kit.limits import RULES, Rates, Verdict

SECRET = "s" * 40
NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def process(database: Database, scale: float = 1, clock: Clock | None = None) -> Rates:
    return Rates(database.engine, scale, SECRET, clock=clock or Clock())


async def fast_forward(database: Database, seconds: int) -> None:
    """Let PostgreSQL's windows grow older, since its clock can't be turned."""
    async with database.engine.begin() as connection:
        await connection.execute(
            text("UPDATE rate_counters SET ends_at = ends_at - :s * interval '1 second'"), {"s": seconds}
        )


async def rows(database: Database) -> list[tuple[str, int]]:
    async with database.engine.connect() as connection:
        return [(row.key, row.hits) for row in await connection.execute(text("SELECT key, hits FROM rate_counters"))]


def test_the_rules_start_where_they_were_set() -> None:
    assert {name: (rule.hits, rule.seconds) for name, rule in RULES.items()} == {
        "page_anonymous": (300, 300),
        "page_signed_in": (1500, 300),
        "live": (600, 300),
        "sign_in": (25, 300),
        "new_problem": (2, 300),
        "comment": (4, 60),
        "search": (50, 300),
        "typing": (200, 300),
        "matches": (100, 300),
        "helping": (200, 300),
        "upload": (10, 300),
        "report": (20, 3600),
        "drafts": (120, 300),
        "preview": (60, 300),
        "asks": (20, 3600),
        "offers": (10, 300),
        "invitations": (5, 3600),
        "abilities": (20, 300),
        "tap": (60, 300),
    }


async def test_so_many_are_allowed_and_then_none_until_the_window_ends(database: Database) -> None:
    rates = process(database)
    verdicts = [await rates.hit("comment", "person:1") for _ in range(6)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 4 + [False] * 2
    assert verdicts[0] == Verdict(True, 0)
    assert 1 <= verdicts[-1].retry_after <= 60
    assert (await rates.hit("comment", "person:2")).allowed
    assert (await rates.hit("offers", "person:1")).allowed
    await fast_forward(database, 61)
    assert [(await rates.hit("comment", "person:1")).allowed for _ in range(5)] == [True] * 4 + [False]


async def test_all_at_once_from_several_processes_no_more_get_through(database: Database) -> None:
    processes = [process(database) for _ in range(4)]
    verdicts = await asyncio.gather(*(processes[i % 4].hit("sign_in", "address:1") for i in range(60)))
    assert sum(verdict.allowed for verdict in verdicts) == 25
    assert [hits for _, hits in await rows(database)] == [60]


@pytest.mark.parametrize(
    ("rule", "scale", "new_account", "allowed"),
    [("comment", 1, True, 1), ("new_problem", 1, True, 1), ("upload", 1, True, 2),
     ("comment", 2.5, False, 10), ("comment", 0.1, False, 1), ("upload", 10, True, 25)],
)  # fmt: skip
async def test_scale_and_young_accounts(
    database: Database, rule: str, scale: float, new_account: bool, allowed: int
) -> None:
    rates = process(database, scale)
    verdicts = [await rates.hit(rule, "person:1", new_account=new_account) for _ in range(allowed + 2)]
    assert [verdict.allowed for verdict in verdicts] == [True] * allowed + [False] * 2


async def test_an_unknown_rule_is_a_mistake_of_ours(database: Database) -> None:
    with pytest.raises(KeyError):
        await process(database).hit("no such rule", "x")


async def test_no_address_is_stored(database: Database) -> None:
    rates = process(database)
    await rates.hit("sign_in", "198.51.100.77")
    rates.note("page_anonymous", "2001:db8:1:2::/64")
    await rates.flush()
    kept = str(await rows(database))
    assert len(await rows(database)) == 2
    assert "198.51" not in kept
    assert "2001:db8" not in kept
    other = Rates(database.engine, 1, "t" * 40)
    await other.hit("sign_in", "198.51.100.77")
    assert len(await rows(database)) == 3


async def test_any_text_may_be_a_key(database: Database) -> None:
    rates = process(database)
    for key in ("", "\x00", "\ud800", "a" * 10_000, "'; DROP TABLE rate_counters; --"):
        assert (await rates.hit("comment", key)).allowed


async def test_ended_counters_are_purged(database: Database) -> None:
    rates = process(database)
    await rates.hit("comment", "old")
    await fast_forward(database, 61)
    await rates.hit("comment", "new")
    await rates.purge()
    assert len(await rows(database)) == 1


async def test_noted_pages_are_limited_in_one_process_at_once(database: Database) -> None:
    clock = Clock()
    rates = process(database, clock=clock)
    verdicts = [rates.note("page_anonymous", "a") for _ in range(302)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 300 + [False] * 2
    assert verdicts[-1].retry_after == 300
    clock.now += 299.5
    assert rates.note("page_anonymous", "a") == Verdict(False, 1)
    clock.now += 1
    assert rates.note("page_anonymous", "a").allowed


async def test_noted_pages_are_shared_by_flushing(database: Database) -> None:
    first, second = process(database), process(database)
    for _ in range(200):
        assert first.note("page_anonymous", "a").allowed
        assert second.note("page_anonymous", "a").allowed
    await first.flush()
    assert first.note("page_anonymous", "a").allowed
    await second.flush()
    assert not second.note("page_anonymous", "a").allowed
    await first.flush()
    assert not first.note("page_anonymous", "a").allowed
    await second.flush()
    assert [hits for _, hits in await rows(database)] == [402]
    await second.flush()
    await first.flush()
    assert first.note("page_anonymous", "b").allowed


async def test_what_is_noted_while_flushing_is_not_lost(database: Database) -> None:
    rates = process(database)
    noted = 0

    async def flush_often() -> None:
        for _ in range(5):
            await rates.flush()

    flushing = [asyncio.create_task(flush_often()) for _ in range(3)]
    while not all(task.done() for task in flushing):
        rates.note("page_anonymous", "a")
        noted += 1
        await asyncio.sleep(0)
    await rates.flush()
    assert [hits for _, hits in await rows(database)] == [noted]


async def test_many_processes_flushing_the_same_people_do_not_block_each_other(database: Database) -> None:
    processes = [process(database) for _ in range(4)]
    for _ in range(4):
        for each, step in zip(processes, (1, 1999, 7, 1993), strict=True):  # each meets them in another order
            for number in range(2000):
                each.note("page_anonymous", str(number * step % 2000))
        await asyncio.gather(*(each.flush() for each in processes))
    assert [hits for _, hits in await rows(database)] == [16] * 2000


async def test_a_window_that_ended_starts_again_everywhere(database: Database) -> None:
    clock = Clock()
    rates = process(database, clock=clock)
    for _ in range(301):
        rates.note("page_anonymous", "a")
    await rates.flush()
    assert not rates.note("page_anonymous", "a").allowed
    clock.now += 301
    await fast_forward(database, 301)
    assert rates.note("page_anonymous", "a").allowed
    await rates.flush()
    assert rates.note("page_anonymous", "a").allowed
    assert [hits for _, hits in await rows(database)] == [1]


async def test_a_count_has_an_end(database: Database) -> None:
    rates = process(database)
    await rates.hit("comment", "a")
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE rate_counters SET hits = 1000000"))
    assert not (await rates.hit("comment", "a")).allowed
    assert [hits for _, hits in await rows(database)] == [1_000_000]


async def test_without_postgresql_memory_alone_still_limits() -> None:
    engine = create_async_engine(NOWHERE)
    clock = Clock()
    rates = Rates(engine, 1, SECRET, clock=clock)
    assert [(await rates.hit("comment", "a")).allowed for _ in range(5)] == [True] * 4 + [False]
    assert [rates.note("page_anonymous", "a").allowed for _ in range(301)] == [True] * 300 + [False]
    with pytest.raises(OSError, match="Connect"):
        await rates.flush()
    assert not rates.note("page_anonymous", "a").allowed
    clock.now += 301
    assert (await rates.hit("comment", "a")).allowed
    await engine.dispose()


async def test_what_was_counted_without_postgresql_is_added_when_it_is_back(database: Database) -> None:
    engine = create_async_engine(NOWHERE)
    rates = Rates(engine, 1, SECRET)
    for _ in range(4):
        assert (await rates.hit("comment", "a")).allowed
    rates._engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    await rates.flush()
    assert not (await process(database).hit("comment", "a")).allowed
    await engine.dispose()


def test_memory_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MOST_WINDOWS", 100)
    rates = Rates(create_async_engine(NOWHERE), 1, SECRET)
    for number in range(1000):
        rates.note("page_anonymous", str(number))
    assert len(rates._windows) == 100


@given(st.lists(st.one_of(st.sampled_from("ab"), st.floats(0, 200)), max_size=60))
def test_never_more_than_the_rule_in_one_window(deeds: list[str | float]) -> None:
    clock = Clock()
    rates = Rates(create_async_engine(NOWHERE), 0.01, SECRET, clock=clock)  # three pages in 300 seconds
    started: dict[str, float] = {}
    allowed: dict[str, int] = {}
    for deed in deeds:
        if isinstance(deed, float):
            clock.now += deed
            continue
        if deed not in started or clock.now >= started[deed] + 300:
            started[deed], allowed[deed] = clock.now, 0
        verdict = rates.note("page_anonymous", deed)
        allowed[deed] += verdict.allowed
        assert allowed[deed] <= 3
        assert verdict.allowed == (verdict.retry_after == 0)
        assert 0 <= verdict.retry_after <= 300
