"""The database of one data folder, shared by all the processes that use it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from civicboard.kit.embedded.folder import DataFolder
from civicboard.kit.embedded.furnishing import DATABASE, ROLE, checked, furnish
from civicboard.kit.embedded.programs import EmbeddedError
from civicboard.kit.embedded.server import Server

_log = structlog.get_logger(__name__)


class EmbeddedPostgres:
    """The server of one data folder.

    ``data`` is the board's data folder; the cluster is ``data/postgres``. ``throwaway`` trades safety for
    speed (no fsync, so a power cut ruins it) and is only for tests: a folder made one way refuses the other.
    ``patience`` is how many seconds a start or a stop may take.

    All methods block, for tens of milliseconds as a rule and about two seconds the first time; in a running
    event loop call them through ``asyncio.to_thread``. All raise EmbeddedError.
    """

    def __init__(self, data: Path, *, throwaway: bool = False, patience: float = 60.0) -> None:
        self._folder = DataFolder(data)
        self.data = self._folder.path
        self.cluster = self._folder.cluster
        self._server = Server(self._folder, throwaway=throwaway, patience=patience)
        self._users: int | None = None

    def start(self) -> str:
        """Find or start the server, with the board's role, database and extensions in it. Gives ``url()``."""
        self._folder.prepare()
        with self._turn():
            held = self._users is not None
            if not held:
                self._users = os.open(self.data / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                while not self._furnished():
                    pass
            except BaseException:
                if not held:
                    self._let_go()
                raise
        return self.url()

    def stop(self) -> None:
        """Leave; the last one to leave shuts the server down, letting no transaction half done."""
        if self._users is None:
            return
        with self._turn():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _log.info("database left running", reason="another process uses it")
            else:
                self._server.shut_down()
            finally:
                self._let_go()

    async def keep_up(self, every: float = 1.0) -> None:
        """Look every ``every`` seconds and start the server again when it has died. Runs until cancelled."""
        while True:
            await asyncio.sleep(every)
            if self.running:
                continue
            _log.warning("database gone", action="starting it again")
            try:
                await asyncio.to_thread(self.start)
            except EmbeddedError as error:
                _log.error("database not started", reason=str(error))

    @property
    def running(self) -> bool:
        return self._server.found() is not None

    def url(self, database: str = DATABASE) -> str:
        """SQLAlchemy's address of a database for the board's own role, which is not a superuser."""
        return self._server.address(ROLE, database)

    @property
    def admin_url(self) -> str:
        """SQLAlchemy's address of the maintenance database, for the superuser."""
        return self._server.address("postgres", "postgres")

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database owned by the board's role and give its URL.

        Without a ``template`` it is empty but for the extensions. Nobody may be connected to the template
        meanwhile.
        """
        source = f' TEMPLATE "{checked(template)}"' if template else ""
        self._server.run_sql("postgres", f'CREATE DATABASE "{checked(name)}" OWNER {ROLE}{source}')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is connected to it; none of that name is fine."""
        self._server.run_sql("postgres", f'DROP DATABASE IF EXISTS "{checked(name)}" WITH (FORCE)')

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time starts or stops the server of this folder."""
        turn = os.open(self.data / "postgres.turn", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield
        finally:
            os.close(turn)

    def _let_go(self) -> None:
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def _furnished(self) -> bool:
        """Have a ready server with everything in it; False if the one found was dying, so look again."""
        found = self._server.bring_up()
        try:
            furnish(self._server)
        except EmbeddedError:
            time.sleep(0.1)
            if self._server.found() == found:
                raise
            return False
        return True
