"""Whether a database is fit for the board: reachable, new enough, up to date, safe, and heard from."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeAlias

import asyncpg
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from civicboard.commands.findings import Finding
from civicboard.kit import migrations
from civicboard.kit.database import Database
from civicboard.settings import Settings

OLDEST_POSTGRES = 15
EXTENSIONS = ("vector", "pg_trgm", "btree_gin", "unaccent")
MOST_CLOCK_SECONDS = 5.0
CONNECT_SECONDS = 5.0
LISTEN_SECONDS = 3.0

Connection: TypeAlias = "asyncpg.Connection[Any]"

MIGRATE = "Run: civicboard migrate"


class Unreachable(Exception):
    """There is no talking to the database. ``finding`` says why."""

    def __init__(self, says: str, mend: str) -> None:
        super().__init__(says)
        self.finding = Finding(False, says, mend)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A connection of the driver's own. Raises Unreachable while connecting, whatever the cause."""
    connection = await _connect(url)
    try:
        yield connection
    finally:
        connection.terminate()


async def _connect(url: str) -> Connection:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise Unreachable(
            "DATABASE_URL is not an address.", "Write it as postgresql://user:password@host:5432/name"
        ) from None
    if address.get_backend_name() != "postgresql":
        raise Unreachable(
            f"DATABASE_URL names {address.get_backend_name()}.",
            "The board keeps its data in PostgreSQL only.",
        )
    given = Database(url, pool_size=1).driver_arguments()
    user = address.username or "the default user"
    name = address.database or address.username or "the default one"
    host, port = _place(given)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await asyncpg.connect(**given)
    except socket.gaierror:
        raise Unreachable(
            f"There is no host named {host}.",
            "Correct the host in DATABASE_URL, or look at the network's names.",
        ) from None
    except TimeoutError:
        raise Unreachable(
            f"The database at {host}, port {port}, doesn't answer.",
            "Look whether it runs, and whether a firewall stands between.",
        ) from None
    except asyncpg.InvalidPasswordError:
        raise Unreachable(
            f"The database refuses the password of {user}.", "Correct the password in DATABASE_URL."
        ) from None
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise Unreachable(
            f"The database doesn't let {user} in: {error}.",
            "Create that user, or let it in from here (pg_hba.conf).",
        ) from None
    except asyncpg.InvalidCatalogNameError:
        raise Unreachable(
            f"There is no database named {name} at {host}.", f"Create it: createdb --owner {user} {name}"
        ) from None
    except asyncpg.CannotConnectNowError:
        raise Unreachable("The database is starting or stopping.", "Wait a moment, then try again.") from None
    except asyncpg.TooManyConnectionsError:
        raise Unreachable(
            "The database has no connection left to give.",
            "Raise its max_connections, or lower CIVICBOARD_POOL_SIZE.",
        ) from None
    except ssl.SSLError as error:
        raise Unreachable(
            f"There is no safe connection to the database: {error.reason or error}.",
            "Look at ssl= in DATABASE_URL, and at the certificate of the database.",
        ) from None
    except TypeError:
        raise Unreachable(
            f"DATABASE_URL has a setting after its question mark that is not known: {_unknown(given)}.",
            "Take it out.",
        ) from None
    except OSError as error:
        # A name with several addresses that all refuse gives one error without a number.
        why = os.strerror(error.errno) if error.errno else str(error)
        if error.errno in (errno.ECONNREFUSED, errno.ENOENT) or "Connect call failed" in why:
            why = "nothing listens there"
        raise Unreachable(
            f"The database at {host}, port {port}, can't be reached: {why}.",
            "Start it, or correct DATABASE_URL. Without DATABASE_URL the board brings its own.",
        ) from None
    except Exception as error:  # the driver has many more; each is still something to say, not to fall over
        raise Unreachable(
            f"The database at {host} can't be used: {str(error).rstrip('.') or type(error).__name__}.",
            "Look into its log.",
        ) from None


async def examine_database(settings: Settings) -> list[Finding]:
    """Everything there is to say about the database of these settings."""
    try:
        async with connected(settings.database_url) as connection:
            return [
                Finding(True, "The database answers."),
                await _version(connection),
                *await _extensions(connection),
                await _schema(connection),
                await _role(connection, production=settings.production),
                await _fsync(connection, production=settings.production),
                await _clock(connection),
                await _listener(connection, settings),
            ]
    except Unreachable as unreachable:
        return [unreachable.finding]
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
        return [Finding(False, f"The database went away meanwhile: {error}.", "Look into its log.")]


async def unfit_for_public(url: str) -> list[str]:
    """Why a board with this database must not face the public, as sentences; empty when it may."""
    try:
        async with connected(url) as connection:
            found = (
                await _schema(connection),
                await _role(connection, production=True),
                await _fsync(connection, production=True),
            )
    except Unreachable as unreachable:
        found = (unreachable.finding,)  # type: ignore[assignment]  # one, where there were three
    return [f"{finding.says} {finding.mend}" for finding in found if not finding.ok]


async def _version(connection: Connection) -> Finding:
    version = connection.get_server_version()
    says = f"It is PostgreSQL {version.major}.{version.minor}."
    return Finding(version.major >= OLDEST_POSTGRES, says, f"The board needs {OLDEST_POSTGRES} or newer: upgrade it.")


async def _extensions(connection: Connection) -> list[Finding]:
    rows = await connection.fetch("SELECT name, installed_version FROM pg_available_extensions")
    found = {row["name"]: row["installed_version"] for row in rows}
    missing = [name for name in EXTENSIONS if name not in found]
    waiting = [name for name in EXTENSIONS if name in found and found[name] is None]
    findings = [
        Finding(
            False,
            f"The extension {name} is not on the database's machine.",
            "Install it there (pgvector is a package of its own, the others are in postgresql-contrib).",
        )
        for name in missing
    ]
    if waiting:
        may = await connection.fetchval("SELECT has_database_privilege(current_database(), 'CREATE')")
        create = "; ".join(f"CREATE EXTENSION {name}" for name in waiting)
        says = f"The extensions {', '.join(waiting)} are there, but not in this database yet."
        findings.append(Finding(bool(may), says, f"As its superuser, say in it: {create}"))
    if not findings:
        findings.append(Finding(True, f"The extensions are there: {', '.join(EXTENSIONS)}."))
    return findings


async def _schema(connection: Connection) -> Finding:
    """Whether the tables are those of this version; read past Alembic, whose own look needs an engine."""
    needs = migrations.newest()
    known = {revision.revision for revision in ScriptDirectory(str(migrations.folder())).walk_revisions()}
    if await connection.fetchval("SELECT to_regclass('alembic_version') IS NULL"):
        return Finding(False, "The database is empty.", MIGRATE)
    at = await connection.fetchval("SELECT version_num FROM alembic_version")
    if at == needs:
        return Finding(True, f"Its schema is the one of this version ({at}).")
    if at is None or at in known:
        return Finding(False, f"Its schema is old: at {at or 'nothing'}, and this version needs {needs}.", MIGRATE)
    return Finding(
        False,
        f"Its schema ({at}) is newer than this version of the board, which knows {needs}.",
        "Install the version that was here last, or restore a backup from before it.",
    )


async def _role(connection: Connection, *, production: bool) -> Finding:
    row = await connection.fetchrow("SELECT rolname::text, rolsuper FROM pg_roles WHERE rolname = current_user")
    name, super_user = row
    if not super_user:
        return Finding(True, f"The board's role there, {name}, is an ordinary one.")
    return Finding(
        not production,
        f"The board's role there, {name}, is a superuser.",
        "A mistake of the board could do anything: give it a role of its own that owns only its database.",
    )


async def _fsync(connection: Connection, *, production: bool) -> Finding:
    if await connection.fetchval("SHOW fsync") == "on":
        return Finding(True, "It writes to the disk before it says that it has (fsync).")
    return Finding(
        not production,
        "fsync is off: a power cut would ruin the data.",
        "Set fsync = on in its postgresql.conf, then restart it.",
    )


async def _clock(connection: Connection) -> Finding:
    before = datetime.now(UTC)
    there = await connection.fetchval("SELECT clock_timestamp()")
    after = datetime.now(UTC)
    apart = (there - (before + (after - before) / 2)).total_seconds()
    if abs(apart) <= MOST_CLOCK_SECONDS:
        return Finding(True, "Its clock and this machine's agree.")
    return Finding(
        False,
        f"Its clock is {abs(apart):.0f} seconds {'ahead of' if apart > 0 else 'behind'} this machine's.",
        "Let both machines keep time (NTP). Sessions and limits depend on it.",
    )


async def _listener(connection: Connection, settings: Settings) -> Finding:
    """Whether a signal gets through, from one connection to another, as between two web processes."""
    if not settings.notify:
        return Finding(True, f"Pages look for news each {settings.poll_seconds:g} seconds, as set.")
    channel, heard = f"civicboard_doctor_{uuid.uuid4().hex[:8]}", asyncio.Event()
    await connection.add_listener(channel, lambda *_: heard.set())
    async with connected(settings.database_url) as other:
        await other.execute("SELECT pg_notify($1, '')", channel)
        try:
            await asyncio.wait_for(heard.wait(), LISTEN_SECONDS)
        except TimeoutError:
            return Finding(
                False,
                f"Its signals (NOTIFY) don't arrive: pages are up to {settings.poll_seconds:g} seconds late.",
                "A pooler such as PgBouncer in transaction mode swallows them: connect to PostgreSQL itself,"
                " use session mode, or accept the delay with CIVICBOARD_NOTIFY=0.",
            )
    return Finding(True, "Its signals (NOTIFY) arrive, so pages are live.")


def _place(given: dict[str, Any]) -> tuple[str, Any]:
    host = given.get("host") or "localhost"
    port = given.get("port") or 5432
    return (",".join(map(str, host)) if isinstance(host, list) else str(host)), port


def _unknown(given: dict[str, Any]) -> str:
    common = {"host", "port", "user", "password", "database", "ssl"}
    return ", ".join(sorted(given.keys() - common)) or "one of them"
