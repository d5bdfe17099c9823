"""The worker: the only list of jobs, the clock that runs some of them, and the queue that holds the others.

PgQueuer keeps each job's next time in one row. Whichever worker marks the row first has the job, and says
every second that it still has, so no job runs twice at the same time. One whose worker died is free again
after 30 seconds, and is taken up at the next minute. An errand is a row of the deed that left it: a worker takes it at
once, and another one takes it over when that worker died.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.models import Job as QueuedErrand
from pgqueuer.models import Schedule
from sqlalchemy import delete

from civicboard.board import jobs as board
from civicboard.kit import outbox
from civicboard.kit.database import Database
from civicboard.kit.limits import Rates
from civicboard.kit.meaning import understanding_for
from civicboard.kit.presence import presence_table
from civicboard.kit.queue import Errand
from civicboard.kit.work import Desk
from civicboard.linking import make_desk
from civicboard.matching.jobs import asking, meanings
from civicboard.matching.policy.config import config_of
from civicboard.networks import jobs as networks
from civicboard.notices import jobs as notices
from civicboard.offers import jobs as offers
from civicboard.people import jobs as people
from civicboard.settings import Settings

log = structlog.get_logger()

KEEP_EVENTS = timedelta(days=7)
KEEP_PRESENCE = timedelta(minutes=10)

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


async def tidy_accounts(desk: Desk, settings: Settings) -> None:
    await people.tidy(desk)


async def forget_events(desk: Desk, settings: Settings) -> None:
    """A page that slept for longer than this fetches itself anew."""
    async with desk.writing() as work:
        await outbox.forget(work.session, work.now - KEEP_EVENTS)


async def purge_rates(desk: Desk, settings: Settings) -> None:
    await Rates(desk.database.engine, settings.rate_scale, settings.secret).purge()


async def forget_presence(desk: Desk, settings: Settings) -> None:
    """Drop the rows of web processes that ended without saying so."""
    async with desk.writing() as work:
        gone = presence_table.c.seen_at < work.now - KEEP_PRESENCE
        await work.session.execute(delete(presence_table).where(gone))


async def index_missing(desk: Desk, settings: Settings) -> None:
    """Imports, restored backups and a change of the model leave texts without a meaning."""
    await meanings.index_missing(desk, understanding_for(settings.meaning))


async def forget_meanings(desk: Desk, settings: Settings) -> None:
    await meanings.forget_orphans(desk)


async def index(desk: Desk, settings: Settings, payload: dict[str, Any]) -> None:
    await meanings.index_one(desk, understanding_for(settings.meaning), payload)


async def mind_offers(desk: Desk, settings: Settings) -> None:
    await offers.mind_offers(desk)


async def mind_convenings(desk: Desk, settings: Settings) -> None:
    await networks.mind_convenings(desk)


async def mind_silence(desk: Desk, settings: Settings) -> None:
    await board.mind_silence(desk)


async def mind_asks(desk: Desk, settings: Settings) -> None:
    await asking.mind_asks(desk, config_of(settings))


async def deliver_ask(desk: Desk, settings: Settings, payload: dict[str, Any]) -> None:
    await asking.deliver(desk, config_of(settings), payload)


async def forget_notices(desk: Desk, settings: Settings) -> None:
    await notices.forget(desk)


JOBS = (
    Job("index_missing", "* * * * *", index_missing),
    Job("forget_meanings", "27 * * * *", forget_meanings),
    Job("purge_rates", "* * * * *", purge_rates),
    Job("forget_presence", "*/10 * * * *", forget_presence),
    Job("tidy_accounts", "7 * * * *", tidy_accounts),
    Job("mind_offers", "* * * * *", mind_offers),
    Job("mind_convenings", "* * * * *", mind_convenings),
    Job("mind_asks", "* * * * *", mind_asks),
    Job("mind_silence", "* * * * *", mind_silence),
    Job("forget_events", "17 * * * *", forget_events),
    Job("forget_notices", "37 * * * *", forget_notices),
)


async def suit(desk: Desk, settings: Settings, payload: dict[str, Any]) -> None:
    await board.suit(desk, payload)


async def suit_person(desk: Desk, settings: Settings, payload: dict[str, Any]) -> None:
    await board.suit_person(desk, payload, config_of(settings).weights)


RUNNERS: tuple[Runner, ...] = (
    Runner("index", index),
    Runner("suit", suit),
    Runner("suit_person", suit_person),
    Runner("deliver_ask", deliver_ask),
)


async def run(
    settings: Settings,
    *,
    jobs: tuple[Job, ...] = JOBS,
    runners: tuple[Runner, ...] = RUNNERS,
    stop: asyncio.Event | None = None,
) -> None:
    """Do the jobs, each once now and then by the clock, and errands as they come, until SIGTERM, SIGINT or ``stop``.

    Without its database the worker waits for it. It stops within five seconds.
    """
    stop = stop or asyncio.Event()
    database = Database(settings.database_url, pool_size=2)
    desk = make_desk(database, notify=settings.notify)
    wait = 0.5
    with _stopping(stop):
        try:
            while not stop.is_set():
                began = time.monotonic()
                try:
                    await _work(settings, desk, jobs, runners, stop)
                except Exception as error:  # whatever it was, the clock goes on
                    wait = 0.5 if time.monotonic() - began > 60 else min(wait * 2, 10.0)
                    log.warning("worker_waits", error=type(error).__name__, detail=str(error)[:200], seconds=wait)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), wait)
        finally:
            await understanding_for(settings.meaning).close()
            await database.close()
    log.info("worker_stopped")


async def _work(
    settings: Settings, desk: Desk, jobs: tuple[Job, ...], runners: tuple[Runner, ...], stop: asyncio.Event
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


@contextlib.contextmanager
def _stopping(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT ask the worker to stop, as long as this lasts."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not in the main thread
        for sent in signals:
            loop.add_signal_handler(sent, stop.set)
    try:
        yield
    finally:
        for sent in signals:
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.remove_signal_handler(sent)
