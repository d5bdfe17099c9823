"""The worker: the only list of jobs, which the clock runs, and of errands, which deeds leave to it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import delete

from civicboard.board import jobs as board
from civicboard.kit import outbox
from civicboard.kit.clockwork import Job, Runner, turn
from civicboard.kit.database import Database
from civicboard.kit.limits import Rates
from civicboard.kit.meaning import understanding_for
from civicboard.kit.presence import presence_table
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


async def mind_offers(desk: Desk, settings: Settings) -> None:
    await offers.mind_offers(desk)


async def mind_convenings(desk: Desk, settings: Settings) -> None:
    await networks.mind_convenings(desk)


async def mind_silence(desk: Desk, settings: Settings) -> None:
    await board.mind_silence(desk)


async def mind_asks(desk: Desk, settings: Settings) -> None:
    await asking.mind_asks(desk, config_of(settings))


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


async def index(desk: Desk, settings: Settings, payload: dict[str, Any]) -> None:
    await meanings.index_one(desk, understanding_for(settings.meaning), payload)


async def suit(desk: Desk, settings: Settings, payload: dict[str, Any]) -> None:
    await board.suit(desk, payload)


async def suit_person(desk: Desk, settings: Settings, payload: dict[str, Any]) -> None:
    await board.suit_person(desk, payload, config_of(settings).weights)


async def deliver_ask(desk: Desk, settings: Settings, payload: dict[str, Any]) -> None:
    await asking.deliver(desk, config_of(settings), payload)


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
                    await turn(desk, settings, jobs, runners, stop)
                except Exception as error:  # whatever it was, the clock goes on
                    wait = 0.5 if time.monotonic() - began > 60 else min(wait * 2, 10.0)
                    log.warning("worker_waits", error=type(error).__name__, detail=str(error)[:200], seconds=wait)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), wait)
        finally:
            await understanding_for(settings.meaning).close()
            await database.close()
    log.info("worker_stopped")


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
