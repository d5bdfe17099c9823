"""The worker: its jobs, and the clock that runs each of them alone, through whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from civicboard import worker
from civicboard.kit import outbox
from civicboard.kit.clockwork import Job, Runner
from civicboard.kit.database import Database
from civicboard.kit.embedded import EmbeddedPostgres
from civicboard.kit.limits import rate_counters
from civicboard.kit.migrations import migrate
from civicboard.kit.outbox import Cursor, EventRow
from civicboard.kit.presence import presence_table
from civicboard.kit.work import Desk
from civicboard.problems.events import ProblemPosted
from civicboard.settings import Settings

EACH_SECOND = "* * * * * */1"


class Counted:
    """A job that counts how often it ran, and how many of it ran at once."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.done = self.now = self.most = 0

    async def __call__(self, desk: Desk, settings: Settings) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(self.seconds)
            self.done += 1
        finally:
            self.now -= 1


@asynccontextmanager
async def working(
    settings: Settings, *jobs: Job, workers: int = 1, runners: tuple[Runner, ...] = ()
) -> AsyncIterator[asyncio.Event]:
    """Workers that stop, within five seconds, at the end."""
    stop = asyncio.Event()
    running = [asyncio.create_task(worker.run(settings, jobs=jobs, runners=runners, stop=stop)) for _ in range(workers)]
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(5):
            await asyncio.gather(*running)


async def until(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110  # jobs of many kinds are waited for
            await asyncio.sleep(0.02)


# The clock


async def test_jobs_run_once_at_the_start_and_again_by_the_clock(settings: Settings) -> None:
    yearly, often = Counted(), Counted()
    async with working(settings, Job("yearly", "0 0 1 1 *", yearly), Job("often", EACH_SECOND, often)):
        await until(lambda: often.done >= 3 and yearly.done == 1)
    assert yearly.done == 1


async def test_two_workers_never_run_a_job_at_the_same_time(settings: Settings) -> None:
    slow = Counted(seconds=1.5)
    async with working(settings, Job("slow", EACH_SECOND, slow), workers=3):
        await until(lambda: slow.done >= 3, 20)
    assert slow.most == 1


async def test_a_job_that_fails_runs_again(settings: Settings) -> None:
    tried = 0

    async def fail(desk: Desk, settings: Settings) -> None:
        nonlocal tried
        tried += 1
        raise ValueError("as it happens")

    async with working(settings, Job("fails", EACH_SECOND, fail)):
        await until(lambda: tried >= 2)


async def test_a_job_that_hangs_is_called_off(settings: Settings) -> None:
    endless = Counted(seconds=1000)
    async with working(settings, Job("endless", EACH_SECOND, endless)):
        await until(lambda: endless.now == 1)
    assert (endless.now, endless.done) == (0, 0)
    async with working(settings, Job("endless", EACH_SECOND, again := Counted())):
        await until(lambda: again.done == 1)  # nobody holds it any more


async def test_without_a_database_it_waits_and_still_stops(settings: Settings, tmp_path: Path) -> None:
    nowhere = settings.model_copy(update={"database_url": f"postgresql+asyncpg://civicboard@:5432/x?host={tmp_path}"})
    async with working(nowhere, Job("any", EACH_SECOND, Counted())):
        await asyncio.sleep(0.3)


async def test_it_survives_losing_its_connections(settings: Settings, desk: Desk) -> None:
    often = Counted()
    async with working(settings, Job("often", EACH_SECOND, often)):
        await until(lambda: often.done >= 1)
        async with desk.reading() as work:
            await work.session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
                )
            )
        before = often.done
        await until(lambda: often.done >= before + 2, 45)


async def test_it_survives_a_restart_of_postgresql(settings: Settings, tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "own", throwaway=True)
    url = await asyncio.to_thread(server.start)
    try:
        database = Database(url, pool_size=1)
        await migrate(database)
        await database.close()
        often = Counted()
        async with working(settings.model_copy(update={"database_url": url}), Job("often", EACH_SECOND, often)):
            await until(lambda: often.done >= 1)
            await asyncio.sleep(0.2)  # a job that is cut off stays marked for 30 seconds
            await asyncio.to_thread(server.stop)
            await asyncio.sleep(2.5)
            await asyncio.to_thread(server.start)
            before = often.done
            await until(lambda: often.done >= before + 2, 45)
    finally:
        await asyncio.to_thread(server.stop)


def test_sigterm_stops_it(settings: Settings, tmp_path: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": settings.database_url,
        "CIVICBOARD_DATA": str(tmp_path),
        "CIVICBOARD_SECRET": settings.secret,
    }
    code = (
        "import asyncio; from civicboard.settings import load; from civicboard.kit import logs;"
        "from civicboard.worker import run; logs.configure(json=True, level='info'); asyncio.run(run(load()))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environ, stderr=subprocess.PIPE, cwd=Path(__file__).parent.parent
    )
    assert process.stderr is not None
    with process.stderr:
        done = set()
        for line in process.stderr:
            done |= {job.name for job in worker.JOBS if f'"job": "{job.name}"'.encode() in line}
            if len(done) == len(worker.JOBS):
                break
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        rest = process.stderr.read()
    assert process.wait(10) == 0
    assert time.monotonic() - began < 5
    assert b"worker_stopped" in rest


# The jobs


async def happened(desk: Desk, days_ago: list[int]) -> list[int]:
    async with desk.writing() as work:
        rows = [EventRow(kind="ProblemPosted", data={"problem_id": 1}) for _ in days_ago]
        for event in rows:
            work.session.add(event)
            await work.session.flush()
        for event, days in zip(rows, days_ago, strict=True):
            await work.session.execute(
                text("UPDATE events SET happened_at = :at WHERE id = :id"),
                {"at": work.now - timedelta(days=days), "id": event.id},
            )
    return [event.id for event in rows]


async def test_old_events_are_forgotten_but_for_one_that_marks_the_end(desk: Desk, settings: Settings) -> None:
    ids = [(await happened(desk, [days]))[0] for days in (30, 20, 8, 6, 0)]
    for _ in range(2):
        await worker.forget_events(desk, settings)
    async with desk.reading() as work:
        assert list(await work.session.scalars(select(EventRow.id).order_by(EventRow.id))) == ids[2:]


async def test_a_cursor_from_before_what_was_forgotten_is_known_as_such(desk: Desk, settings: Settings) -> None:
    async with desk.reading() as work:
        empty = await outbox.present(work.session)
        assert await outbox.reaches_back(work.session, empty)
    await happened(desk, [30])
    await happened(desk, [20])
    async with desk.reading() as work:
        between = await outbox.present(work.session)
    await happened(desk, [10])
    await happened(desk, [9])
    await worker.forget_events(desk, settings)
    async with desk.writing() as work:
        work.record(ProblemPosted(1))
    async with desk.reading() as work:
        now = await outbox.present(work.session)
        assert not await outbox.reaches_back(work.session, Cursor(empty.epoch, empty.xmin - 1, empty.xmin - 1))
        assert not await outbox.reaches_back(work.session, between)
        assert await outbox.reaches_back(work.session, now)


async def test_rows_of_gone_processes_and_windows_that_are_over_go(desk: Desk, settings: Settings) -> None:
    async with desk.writing() as work:
        for name, minutes in (("gone", 11), ("here", 0)):
            seen_at = work.now - timedelta(minutes=minutes)
            row = {"process": name, "topic": "board", "watching": 1, "names": [], "seen_at": seen_at}
            await work.session.execute(insert(presence_table).values(row))
            row = {"key": name, "hits": 1, "ends_at": work.now + timedelta(minutes=5 - minutes)}
            await work.session.execute(insert(rate_counters).values(row))
    jobs: list[Callable[[Desk, Settings], Awaitable[None]]] = [worker.forget_presence, worker.purge_rates]
    for do in jobs:
        await do(desk, settings)
    async with desk.reading() as work:
        assert list(await work.session.scalars(select(presence_table.c.process))) == ["here"]
        assert list(await work.session.scalars(select(rate_counters.c.key))) == ["here"]


@pytest.mark.parametrize("job", worker.JOBS, ids=lambda job: job.name)
async def test_every_job_may_be_done_on_an_empty_board_and_twice(job: Job, desk: Desk, settings: Settings) -> None:
    await job.do(desk, settings)
    await job.do(desk, settings)
