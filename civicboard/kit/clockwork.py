"""A clock that does jobs, and a queue that holds errands until somebody does them: PgQueuer, for all workers together.

PgQueuer keeps each job's next time in one row. Whichever worker marks the row first has the job, and says
every second that it still has, so no job runs twice at the same time. One whose worker died is free again
after 30 seconds, and is taken up at the next minute. An errand is a row of the deed that left it: a worker takes it at
once, and another one takes it over when that worker died.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.models import Job as QueuedErrand
from pgqueuer.models import Schedule

from civicboard.kit.queue import Errand
from civicboard.kit.work import Desk
from civicboard.settings import Settings

log = structlog.get_logger()

#: Errands that one worker takes at a time, and how often one is tried that fails.
ERRANDS_AT_ONCE = 5
ERRAND_POLL = timedelta(seconds=2)
ERRAND_TRIES = 8

#: Seconds that running jobs get to finish after the worker was told to stop, and then to be called off.
FINISH_SECONDS = 3.0
CALL_OFF_SECONDS = 1.0


@dataclass(frozen=True)
class Job:
    """Something done by the clock. ``cron`` is in UTC. It must do no harm when it is done twice, or half."""

    name: str
    cron: str
    do: Callable[[Desk, Settings], Awaitable[None]]


@dataclass(frozen=True)
class Runner:
    """Who does the errands of one name, at most ``at_once`` of them over all workers; 0 for any number."""

    name: str
    do: Callable[[Desk, Settings, dict[str, Any]], Awaitable[None]]
    at_once: int = 0


async def turn(
    desk: Desk, settings: Settings, jobs: tuple[Job, ...], runners: tuple[Runner, ...], stop: asyncio.Event
) -> None:
    """Run the clock and the queue on one pool, until told to stop. Raises what took the database away."""
    pool = await asyncpg.create_pool(
        **desk.database.driver_arguments(),
        min_size=0,  # the clock needs none between two jobs
        max_size=4,  # the queue listens on one, and the clock must not wait for it
        timeout=5,
        command_timeout=20,
        # PgBouncer, handing out another connection for each transaction, knows no prepared statements.
        statement_cache_size=0,
    )
    try:
        clock = PgQueuer.from_asyncpg_pool(pool)
        for job in jobs:
            clock.schedule(job.name, job.cron)(_logged(job, desk, settings))
        for runner in runners:
            clock.entrypoint(runner.name, concurrency_limit=runner.at_once, executor_factory=_retrying)(
                _run_by(runner, desk, settings)
            )
        await _begin_now(clock, pool, jobs)
        log.info("worker_started", jobs=len(jobs), errands=len(runners))
        running = {asyncio.create_task(clock.sm.run(), name="clock")}
        if runners:
            # Batches of a few: what one worker has taken, the others don't do meanwhile. A bell may be missed.
            looking = clock.qm.run(dequeue_timeout=ERRAND_POLL, batch_size=ERRANDS_AT_ONCE)
            running.add(asyncio.create_task(looking, name="queue"))
        told = asyncio.create_task(stop.wait(), name="stop")
        await asyncio.wait({*running, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        clock.shutdown.set()
        done, late = await asyncio.wait(running, timeout=FINISH_SECONDS)
        if late:
            log.warning("jobs_called_off")
            for task in late:
                task.cancel()
            await asyncio.wait(late, timeout=CALL_OFF_SECONDS)
        for failed in (task.exception() for task in done):
            if failed is not None:
                raise failed
    finally:
        pool.terminate()


async def _begin_now(clock: PgQueuer, pool: asyncpg.Pool[Any], jobs: tuple[Job, ...]) -> None:
    """Make every job due, but for one that ran a moment ago: a worker that keeps falling over waits."""
    await clock.sm.queries.insert_schedule({key: timedelta(0) for key in clock.sm.registry})
    # Its name is the queue's own setting, nobody's words.
    table = clock.sm.queries.qbe.settings.schedules_table
    await pool.execute(
        f"UPDATE {table} SET next_run = now() WHERE status = 'queued' AND entrypoint = ANY($1::text[])"  # noqa: S608
        " AND (last_run IS NULL OR last_run < now() - interval '30 seconds')",
        [job.name for job in jobs],
    )


def _logged(job: Job, desk: Desk, settings: Settings) -> Callable[[Schedule], Awaitable[None]]:
    async def do(_: Schedule) -> None:
        began = time.perf_counter()
        try:
            await job.do(desk, settings)
        except Exception:
            log.exception("job_failed", job=job.name)
        else:
            log.info("job_done", job=job.name, ms=round((time.perf_counter() - began) * 1000, 1))

    return do


def _retrying(parameters: EntrypointExecutorParameters) -> DatabaseRetryEntrypointExecutor:
    """An errand that failed is tried again, later each time; after the last time the log keeps it."""
    return DatabaseRetryEntrypointExecutor(parameters, max_attempts=ERRAND_TRIES)


def _run_by(runner: Runner, desk: Desk, settings: Settings) -> Callable[[QueuedErrand], Awaitable[None]]:
    async def do(errand: QueuedErrand) -> None:
        began = time.perf_counter()
        await runner.do(desk, settings, Errand.read(errand.payload))
        log.info("errand_done", errand=runner.name, ms=round((time.perf_counter() - began) * 1000, 1))

    return do
