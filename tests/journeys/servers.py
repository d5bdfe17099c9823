"""The board as people run it: ``civicboard serve`` in a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.journeys.nest import Forked

ROOT = Path(__file__).parents[2]
SECRET = "a secret that every web process of these tests shares"


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


class Process:
    """One ``civicboard …`` with a data folder of its own.

    ``environment`` adds settings. Every method blocks: in a test that a browser takes part in, call them through
    ``asyncio.to_thread``.
    """

    #: Whether it is to be forked from a process that has read the program already (nest.py), or starts from nothing.
    quickly = sys.platform == "linux"

    def __init__(self, *command: str, **environment: str) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="cj-"))
        self._command = command
        self._environment = {
            **{name: value for name, value in os.environ.items() if not _is_setting(name)},
            "CIVICBOARD_SECRET": SECRET,
            "CIVICBOARD_RATE_SCALE": "100",
            "CIVICBOARD_BOARD_NAME": "Millbrook",
            # Reading the model takes each process a second; what depends on it asks for it.
            "CIVICBOARD_MEANING": "none",
            "CIVICBOARD_DATA": str(self.data),
            **environment,
        }
        self._log = self.data / "process.log"
        self.process: subprocess.Popen[bytes] | Forked | None = None

    def start(self, patience: float = 45) -> None:
        """Start it, and wait until it says that it is ready."""
        self.launch()
        self.wait(patience)

    def launch(self) -> None:
        if self.quickly:
            self.process = Forked(self._command, self._environment, self._log)
            return
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "civicboard", *self._command],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self, patience: float = 45) -> None:
        assert self.process is not None
        deadline = time.monotonic() + patience
        while not self.ready:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.said}"
            assert time.monotonic() < deadline, f"it isn't ready after {patience} s: {self.said}"
            time.sleep(0.05)

    @property
    def ready(self) -> bool:
        raise NotImplementedError

    @property
    def said(self) -> str:
        """The end of what it has written."""
        return self._log.read_text(errors="replace")[-4000:] if self._log.exists() else ""

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """SIGKILL: it has no time for anything."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self, patience: float = 30) -> int:
        """SIGTERM, and what it ended with."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise AssertionError(f"it did not stop within {patience} s: {self.said}") from None

    def close(self) -> None:
        """End it, however it is, and remove what it kept."""
        if self.process is not None and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.data, ignore_errors=True)


class Served(Process):
    """One ``civicboard serve`` on a port of its own."""

    def __init__(self, *options: str, port: int = 0, **environment: str) -> None:
        self.port = port or free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        super().__init__("serve", *options, PORT=str(self.port), **environment)

    @property
    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.origin}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


class Working(Process):
    """One ``civicboard worker``, for a database that others serve from."""

    def __init__(self, **environment: str) -> None:
        super().__init__("worker", **environment)

    @property
    def ready(self) -> bool:
        return "worker_started" in self.said


def _is_setting(name: str) -> bool:
    return name.startswith("CIVICBOARD_") or name in ("DATABASE_URL", "PORT")


def login_settings(issuer: str, client_id: str, client_secret: str) -> dict[str, str]:
    """The settings that let people sign in with one OpenID provider, under the name "Town hall"."""
    return {
        "CIVICBOARD_LOGIN": "town",
        "CIVICBOARD_LOGIN_TOWN_LABEL": "Town hall",
        "CIVICBOARD_LOGIN_TOWN_ISSUER": issuer,
        "CIVICBOARD_LOGIN_TOWN_CLIENT_ID": client_id,
        "CIVICBOARD_LOGIN_TOWN_CLIENT_SECRET": client_secret,
    }
