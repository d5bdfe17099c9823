"""Where the tests' ``civicboard …`` processes come from: one that has read everything already, and forks.

Reading the program and compiling its templates takes a process two seconds of work before it does anything, and the
journeys start some thirty. Here that is done once for each process of the tests. A forked one has its own environment,
log, session and data, and runs ``civicboard.cli.main`` as ``python -m civicboard`` does; ``test_demo.py`` starts the
board as people do.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import time
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import IO
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[2]


class Nest:
    """The process that forks, as the tests know it: they ask it in lines of JSON, and it answers in such."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.nest"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.alone = Lock()
        atexit.register(self.close)

    def ask(self, **asked: object) -> int | None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self.alone:
            self.process.stdin.write(f"{json.dumps(asked)}\n")
            self.process.stdin.flush()
            answer: int | None = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        """Without anybody to ask it, it ends; so it does if this process is killed."""
        self.process.communicate(timeout=10)


@cache
def nest() -> Nest:
    """The one of this process."""
    return Nest()


class Forked:
    """What ``subprocess.Popen`` is for a process of one's own, for one that the nest has forked."""

    def __init__(self, command: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
        pid = nest().ask(fork=command, environment=environment, log=str(log))
        assert pid is not None
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = nest().ask(ended=self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("civicboard", timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        # Its number stays its own until the nest has been asked whether it has ended.
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def brood(asking: IO[str], answering: int) -> tuple[str, ...] | None:
    """Fork whatever is asked for. The command, in a process that was forked; None in the nest, when nobody asks."""
    while line := asking.readline():
        asked = json.loads(line)
        if "ended" in asked:
            pid, status = os.waitpid(asked["ended"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        elif not (answer := os.fork()):
            os.close(answering)
            become(asked["environment"], asked["log"])
            return tuple(asked["fork"])
        os.write(answering, f"{json.dumps(answer)}\n".encode())
    return None


def become(environment: dict[str, str], log: str) -> None:
    """Be a process of its own, in all that it has from the one it was forked from."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for here, there in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(here, there)
    os.close(nothing)
    os.close(written)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()


def read_everything() -> None:
    """Import what a web process or a worker imports by itself sooner or later, and compile the templates."""
    gc.disable()
    import alembic.command  # noqa: F401
    import httptools  # noqa: F401
    import pgqueuer  # noqa: F401
    import uvloop  # noqa: F401
    from jinja2 import Environment
    from uvicorn.lifespan import on  # noqa: F401
    from uvicorn.protocols.http import httptools_impl  # noqa: F401

    from civicboard import app, cli, serving, worker  # noqa: F401
    from civicboard.commands import migrating  # noqa: F401
    from civicboard.kit import filters, partials
    from tests.haste import Compiled

    partials.Environment = partial(Environment, bytecode_cache=Compiled())  # type: ignore[misc, assignment]
    environment = partials.Pages(app.HERE / "templates").environment
    environment.filters |= filters.filters(ZoneInfo("UTC"))
    for name in environment.list_templates():
        environment.get_template(name)
    gc.freeze()
    gc.enable()
    # As in the tests' own processes: what a request leaves is gone without anybody looking for it.
    gc.set_threshold(20_000, 20, 20)


if __name__ == "__main__":
    replies = os.dup(1)
    os.dup2(2, 1)
    read_everything()
    if (command := brood(sys.stdin, replies)) is not None:
        sys.argv = ["civicboard", *command]
        from civicboard.cli import main

        main()
