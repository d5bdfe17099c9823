"""Server processes: started, asked for what they used, stopped."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
SECRET = "a secret for measuring, long enough to be one"


class NotStarted(RuntimeError):
    """A server that was to be measured didn't come up; the message has the end of its log."""


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


class Server:
    """One process that serves. CPU and memory are its own, as the kernel counts them."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self.counted = psutil.Process(process.pid)

    def cpu(self) -> float:
        """Seconds of CPU, user and system, since it started."""
        times = self.counted.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Bytes of its own memory, without what it shares with others."""
        return int(self.counted.memory_full_info().uss)

    def connections(self) -> int:
        """How many sockets it has open to browsers."""
        return sum(found.laddr.port == self.port for found in self.counted.net_connections("tcp"))

    def tell(self, order: str) -> None:
        """Write a line to its input, for the servers that listen to it."""
        assert self.process.stdin is not None
        self.process.stdin.write(order.encode() + b"\n")
        self.process.stdin.flush()


def environment(folder: Path, url: str, port: int, **more: str) -> dict[str, str]:
    """As in production but for http, with rates that no load reaches."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CIVICBOARD_")}
    return {
        **kept,
        "DATABASE_URL": url,
        "PORT": str(port),
        "CIVICBOARD_DATA": str(folder),
        "CIVICBOARD_SECRET": SECRET,
        "CIVICBOARD_BOARD_NAME": "Millbrook",
        "CIVICBOARD_RATE_SCALE": "1000",
        "CIVICBOARD_LOG_JSON": "1",
        **more,
    }


@contextlib.contextmanager
def server(kind: str, folder: Path, url: str) -> Iterator[Server]:
    """A server of one of the kinds that ``bench.serve`` knows, up and answering."""
    port = free_port()
    log = folder / f"{kind}-{port}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.serve", kind],
            cwd=ROOT,
            env=environment(folder, url, port),
            stdin=subprocess.PIPE,
            stdout=errors,
            stderr=errors,
        )
        try:
            wait_for(port, process, log)
            yield Server(process, port)
        finally:
            stop(process)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path, *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise NotStarted(f"{process.args} didn't start:\n{log.read_text(errors='replace')[-2000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()
