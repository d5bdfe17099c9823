"""Running the board: its database, its web processes, and what the demo needs beside them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

from civicboard.kit import logs
from civicboard.kit.embedded import EmbeddedPostgres
from civicboard.settings import Settings, load

# What only a web process needs takes a second to import, and the worker and the demo's sign-in start here too.
if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette

    from civicboard.app import Board
    from civicboard.kit.web import Kit

#: After SIGTERM a web process says that it is not ready, and still answers for this long, in production.
GRACE_SECONDS = 5.0
DRAIN_SECONDS = 30


def make_app() -> Board:
    """What each web process makes of the environment."""
    from civicboard.app import create_app

    settings = load()
    logs.configure(json=settings.log_json, level=settings.log_level)
    app = create_app(settings)
    if settings.production:
        _leave_gently(app)
    return app


def _leave_gently(app: Board) -> None:
    """On SIGTERM be unready at once, so that the balancer looks elsewhere, and go on answering for a while."""
    lifespan = app.router.lifespan_context
    held: Kit = app.state.kit

    @contextlib.asynccontextmanager
    async def with_patience(running: Starlette) -> AsyncIterator[Any]:
        async with lifespan(running) as state:
            stop = signal.getsignal(signal.SIGTERM)
            loop = asyncio.get_running_loop()

            def leave(sig: int, frame: FrameType | None) -> None:
                hurry = held.leaving
                held.leaving = True
                if callable(stop):
                    loop.call_soon_threadsafe(loop.call_later, 0 if hurry else GRACE_SECONDS, stop, sig, frame)

            signal.signal(signal.SIGTERM, leave)
            yield state

    app.router.lifespan_context = with_patience


def configuration(settings: Settings) -> uvicorn.Config:
    import uvicorn

    from civicboard.kit.wire import SocketProtocol

    return uvicorn.Config(
        "civicboard.serving:make_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        ws=SocketProtocol,
        ws_per_message_deflate=False,
        ws_max_size=4096,
        ws_max_queue=4,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_keep_alive=15,
    )


def run_web(settings: Settings) -> None:
    """Answer requests until told to stop."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    config = configuration(settings)
    if settings.workers == 1:
        uvicorn.Server(config).run()
        return
    Multiprocess(config, sockets=[config.bind_socket()]).run()


@contextlib.contextmanager
def database_up(settings: Settings) -> Iterator[str]:
    """The address of the database, started here when no DATABASE_URL names another, and kept up meanwhile."""
    if settings.database_url:
        yield settings.database_url
        return
    with EmbeddedPostgres(settings.data) as postgres:
        loop = asyncio.new_event_loop()
        watch = loop.create_task(postgres.keep_up())

        def keep() -> None:
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(watch)
            loop.close()

        keeper = threading.Thread(target=keep, daemon=True, name="postgres-keeper")
        keeper.start()
        try:
            yield postgres.url()
        finally:
            loop.call_soon_threadsafe(watch.cancel)
            keeper.join(5)


@contextlib.contextmanager
def beside(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another civicboard process, which ends with this one even if this one is killed: it watches its input."""
    process = subprocess.Popen(  # our own interpreter and our own command
        [sys.executable, "-m", "civicboard", *command], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            process.kill()


def end_with_parent() -> None:
    """Leave as soon as whoever started this process has gone, however that happened."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1024):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True, name="parent-watch").start()
