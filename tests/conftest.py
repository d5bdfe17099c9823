"""What every test may lean on: a database of its own, the cast, the application and clients for it."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from civicboard.app import Board, create_app
from civicboard.kit import migrations
from civicboard.kit.database import Database
from civicboard.kit.embedded import EmbeddedPostgres
from civicboard.kit.work import Desk
from civicboard.linking import make_desk
from civicboard.settings import Settings
from tests.cast import Cast, gather
from tests.haste import make_haste
from tests.lines import LASTING, end, keep_lines, resting

ORIGIN = "http://testserver"

make_haste()
keep_lines()


#: What is worth beginning with, so that no worker has all of it left when the other is done.
LONG = ("tests/journeys/test_payloads.py", "tests/journeys/", "tests/security/", "tests/people/gateway/")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay with one worker, since they share what takes long to start."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(item.nodeid.split("::")[0]))
    items.sort(key=lambda item: next((n for n, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG)))


def pytest_collection_finish() -> None:
    """What was read to find the tests stays to the end: nobody need look through it again for what is gone."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class TurnedClock:
    """A clock that a test turns by hand. It begins at the real time."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL for each test process, thrown away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="cb-"))
    server = EmbeddedPostgres(folder, throwaway=True)
    server.start()
    asyncio.run(_hurry(server))
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def connect_as_superuser(server: EmbeddedPostgres, name: str | None = None) -> asyncpg.Connection:
    """A connection to the database of this name, or to the one for maintenance."""
    url = make_url(server.admin_url)
    return await asyncpg.connect(host=url.query["host"], user=url.username, database=name or url.database)


async def _hurry(server: EmbeddedPostgres) -> None:
    """Nothing is tidied up or kept safe that will be thrown away; so rows also stand in the order they came in."""
    line = await connect_as_superuser(server)
    for setting in ("autovacuum = off", "synchronous_commit = off", "checkpoint_timeout = '1h'"):
        await line.execute(f"ALTER SYSTEM SET {setting}")
    await line.execute("SELECT pg_reload_conf()")
    await line.close()


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a migrated, empty database, to copy."""
    url = postgres.create_database("civicboard_template")

    async def make() -> None:
        database = Database(url, pool_size=1)
        await migrations.migrate(database)
        await database.close()

    asyncio.run(make())
    return "civicboard_template"


@pytest.fixture(scope="session")
def emptied(postgres: EmbeddedPostgres, template: str) -> str:
    """The address of the database that the tests of this process use one after the other."""
    return postgres.create_database(LASTING, template)


#: Making and dropping a database for each test took ten times as long as the tests, and emptying it by TRUNCATE alone
#: as long as they. So rows are deleted, by a superuser who needn't ask what refers to what; what has grown is cut off.
#: PostgreSQL's own wait for those who still hang up looks every tenth of a second; this one more often.
EMPTY = """
SET session_replication_role = replica;
DO $$ DECLARE one record; grown text[] := '{{}}'; has boolean;
BEGIN
  FOR attempt IN 1..1000 LOOP
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND NOT (pid = ANY('{{{resting}}}'));
    EXIT WHEN NOT FOUND;
    PERFORM pg_sleep(0.002);
    PERFORM pg_stat_clear_snapshot();
  END LOOP;
  FOR one IN SELECT oid, oid::regclass::text AS name FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version' LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || one.name || ')' INTO has;
    IF pg_relation_size(one.oid) > 200000 THEN grown := grown || one.name;
    ELSIF has THEN EXECUTE 'DELETE FROM ' || one.name;
    END IF;
  END LOOP;
  IF cardinality(grown) > 0 THEN EXECUTE 'TRUNCATE ' || array_to_string(grown, ', ') || ' CASCADE'; END IF;
  -- What was rolled back has left an empty table, and a number used.
  FOR one IN SELECT quote_ident(sequencename) AS name FROM pg_sequences
             WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    EXECUTE 'ALTER SEQUENCE ' || one.name || ' RESTART';
  END LOOP;
END $$;
UPDATE alembic_version SET version_num = '{newest}' WHERE version_num <> '{newest}';
"""


@pytest_asyncio.fixture(scope="session")
async def emptying(postgres: EmbeddedPostgres, emptied: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Empties that database, over a connection that stays: a new one has to read first what tables there are."""
    line = await connect_as_superuser(postgres, make_url(emptied).database)

    async def empty() -> None:
        nonlocal line
        if line.is_closed():
            line = await connect_as_superuser(postgres, make_url(emptied).database)
        kept = ",".join(map(str, await resting()))
        await line.execute(EMPTY.format(newest=migrations.newest(), resting=kept))

    yield empty
    await line.close()
    await end()


@pytest_asyncio.fixture
async def database_url(emptied: str, emptying: Callable[[], Awaitable[None]]) -> str:
    """The address of a migrated database in which nothing is, as far as this test goes."""
    await emptying()
    return emptied


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, pool_size=5)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def desk(database: Database, clock: TurnedClock) -> Desk:
    return make_desk(database, clock=clock)


@pytest_asyncio.fixture
async def cast(desk: Desk) -> Cast:
    """Ada posted a problem, Bo helps, Cy is the officer, Dee is nobody here."""
    return await gather(desk)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        environment="test",
        DATABASE_URL=database_url,
        origin=ORIGIN,
        secret="a secret for tests, long enough to be one",
        data=tmp_path,
        rate_scale=1000,
        board_name="Millbrook",
        meaning="none",
    )


@asynccontextmanager
async def running(settings: Settings, clock: TurnedClock | None = None) -> AsyncIterator[Board]:
    """The application, started and later stopped."""
    app = create_app(settings, **({"clock": clock} if clock else {}))
    async with app.router.lifespan_context(app):
        yield app


@pytest_asyncio.fixture
async def app(settings: Settings, clock: TurnedClock) -> AsyncIterator[Board]:
    async with running(settings, clock) as board:
        yield board


def client_for(app: Board, *, token: str = "", script: bool = False) -> httpx2.AsyncClient:
    """A browser, as far as HTTP goes: its own cookies, and the headers that a browser sends by itself."""
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "Origin": ORIGIN,
        "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0",
    }
    if script:
        headers["HX-Request"] = "true"
    client = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False), base_url=ORIGIN, headers=headers
    )
    if token:
        client.cookies.set("session", token, domain="testserver.local")
    return client


@pytest_asyncio.fixture
async def client(app: Board) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser that nobody is signed in with."""
    async with client_for(app) as browser:
        yield browser


@pytest_asyncio.fixture
async def ada_client(app: Board, cast: Cast) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_for(app, token=cast.tokens["ada"]) as browser:
        yield browser


@pytest_asyncio.fixture
async def bo_client(app: Board, cast: Cast) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_for(app, token=cast.tokens["bo"]) as browser:
        yield browser


@pytest_asyncio.fixture
async def dee_client(app: Board, cast: Cast) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_for(app, token=cast.tokens["dee"]) as browser:
        yield browser


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests reaches them."""
    for name in list(os.environ):
        if name.startswith("CIVICBOARD_") or name in ("DATABASE_URL", "PORT"):
            monkeypatch.delenv(name)
