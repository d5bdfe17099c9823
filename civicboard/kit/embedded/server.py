"""The server process of one cluster: found, launched, waited for, asked and shut down."""

from __future__ import annotations

import os
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import structlog

from civicboard.kit.embedded.folder import PORT, DataFolder, make_private
from civicboard.kit.embedded.programs import EmbeddedError, run, serves

_LOG_KEPT = 5_000_000  # bytes of the server's log before it starts a new one
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
class Running:
    """A running server, as its ``postmaster.pid`` tells."""

    pid: int
    sockets: Path
    ready: bool


class Server:
    """The server of the cluster in ``folder``. Only one process at a time may bring it up or shut it down.

    ``patience`` is how many seconds either may take. All methods block, and raise EmbeddedError.
    """

    def __init__(self, folder: DataFolder, *, throwaway: bool, patience: float) -> None:
        self.folder = folder
        self.cluster = folder.cluster
        self.throwaway = throwaway
        self.patience = patience

    def found(self) -> Running | None:
        """The server if it runs, ready or not."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
        except (OSError, ValueError, IndexError):
            return None
        if not serves(pid, self.cluster):
            return None
        ready = len(lines) > 7 and lines[7].strip() == "ready"
        return Running(pid, Path(lines[4]) if len(lines) > 4 else self.cluster, ready)

    def bring_up(self) -> Running:
        """Find a ready server, or launch one and wait until it is."""
        deadline = time.monotonic() + self.patience
        while not ((server := self.found()) and server.ready):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL doesn't become ready. Look into {self.cluster / 'log'}.")
            if server is None:
                self._launch()
            else:
                time.sleep(0.02)  # found in the middle of starting, recovering or stopping
        return server

    def shut_down(self) -> None:
        """End the server, letting no transaction half done, and wait until it has gone."""
        # SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one. The pid file is what tells the end:
        # where nobody reaps orphans, as in a bare container, the process itself stays in the table.
        for order, wait in ((signal.SIGINT, self.patience), (signal.SIGQUIT, 10.0)):
            server = self.found()
            if server is None:
                break
            os.kill(server.pid, order)
            deadline = time.monotonic() + wait
            while self.found() is not None and time.monotonic() < deadline:
                time.sleep(0.01)
        if self.folder.sockets != self.cluster:
            shutil.rmtree(self.folder.sockets, ignore_errors=True)

    def run_sql(self, database: str, statements: str, *options: str) -> str:
        """Run statements as the superuser, with more options for psql, and give what it printed."""
        server = self.found()
        if server is None:
            raise EmbeddedError("The database isn't running. Start it first.")
        where = ("-h", server.sockets, "-p", str(PORT), "-U", "postgres", "-d", database)
        return run(self.folder.owner(), "psql", "-X", "-q", *options, *where, "-c", statements)

    def address(self, role: str, database: str) -> str:
        """SQLAlchemy's address of a database, for a role."""
        server = self.found()
        sockets = server.sockets if server else self.folder.sockets
        return f"postgresql+asyncpg://{role}@:{PORT}/{database}?host={quote(str(sockets))}"

    def _launch(self) -> None:
        if not self.cluster.exists():
            self._make_cluster()
        made_for = (self.cluster / "PG_VERSION").read_text().strip()
        brought = run(self.folder.owner(), "postgres", "--version").split()[-1]
        if made_for != brought.split(".")[0]:
            raise EmbeddedError(
                f"The data in {self.folder.path} was made by PostgreSQL {made_for}, and this one brings {brought}. "
                "Make a backup with the version of the board you had, then restore it with this one."
            )
        if (self.cluster / "throwaway").exists() != self.throwaway:
            kind = "real use" if self.throwaway else "tests"
            raise EmbeddedError(f"The data folder {self.folder.path} is for {kind}: use another.")
        self._clear_remains()
        if self.folder.sockets != self.cluster:
            make_private(self.folder.sockets, self.folder.owner())
        settings = _SETTINGS.format(port=PORT, sockets=self.folder.sockets)
        self.folder.write("civicboard.conf", settings + (_THROWAWAY_SETTINGS if self.throwaway else ""))
        log = self.cluster / "log"
        if log.exists() and log.stat().st_size > _LOG_KEPT:
            log.replace(log.with_name("log.old"))
        began = time.perf_counter()
        try:
            how = ("-w", "-t", str(round(self.patience)))
            run(self.folder.owner(), "pg_ctl", "start", "-D", self.cluster, "-l", log, *how)
        except EmbeddedError as error:
            last = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
            raise EmbeddedError(f"PostgreSQL didn't start. The end of {log}:\n{last or error}") from error
        _log.info("database started", seconds=round(time.perf_counter() - began, 2))

    def _make_cluster(self) -> None:
        """Made beside and then renamed, so that being killed halfway leaves nothing that looks whole."""
        fresh = self.folder.path / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        owner = self.folder.owner()
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
        socket = self.folder.sockets / f".s.PGSQL.{PORT}"
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
