"""``civicboard doctor``: each thing that can be wrong is said in its own words."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from civicboard.commands import database_check, doctor
from civicboard.commands.doctor import examine, refuse_to_start
from civicboard.commands.findings import Finding
from civicboard.kit.embedded import EmbeddedPostgres
from civicboard.kit.work import Desk
from civicboard.people.gateway import ProviderDown
from civicboard.people.gateway.openid import OpenId
from civicboard.settings import Provider, Settings

FORDWAY = Provider("fordway", "oidc", "Fordway", client_id="x", issuer="https://fordway.example")
PUBLIC = {
    "environment": "production",
    "origin": "https://board.example",
    "allowed_hosts": ("board.example",),
    "providers": (FORDWAY,),
}


def changed(settings: Settings, **changes: Any) -> Settings:
    return settings.model_copy(update=changes)


async def wrong(settings: Settings, *, online: bool = False) -> list[str]:
    """What is not well, as it is told."""
    return [f"{found.says} {found.mend}" for found in await examine(settings, online=online) if not found.ok]


async def the_one(settings: Settings, *, online: bool = False) -> str:
    found = await wrong(settings, online=online)
    assert len(found) == 1, found
    return found[0]


@pytest.fixture
def closed(settings: Settings, tmp_path: Path) -> Settings:
    """Settings whose data folder is as it should be."""
    tmp_path.chmod(0o700)
    return settings


@asynccontextmanager
async def refusing(code: str, words: str) -> AsyncIterator[str]:
    """The address of a server that answers every newcomer with this error of PostgreSQL's."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        asked = await reader.readexactly(length - 4)
        if asked == struct.pack("!i", 80877103):  # may we speak TLS?
            writer.write(b"N")
            (length,) = struct.unpack("!i", await reader.readexactly(4))
            await reader.readexactly(length - 4)
        fields = f"SFATAL\0VFATAL\0C{code}\0M{words}\0\0".encode()
        writer.write(b"E" + struct.pack("!i", len(fields) + 4) + fields)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"postgresql+asyncpg://ford:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}/brook"


async def test_all_is_well(closed: Settings) -> None:
    assert await wrong(closed) == []
    assert all(found.says.endswith((".", ")")) for found in await examine(closed))


# Reaching the database


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "DATABASE_URL is not an address."),
        ("somewhere", "DATABASE_URL is not an address."),
        ("postgresql+asyncpg://a@host:many/x", "DATABASE_URL is not an address."),
        ("mysql://a@host/x", "DATABASE_URL names mysql."),
        (
            "postgresql+asyncpg://a:secret@127.0.0.1:1/x",
            "The database at 127.0.0.1, port 1, can't be reached",
        ),
        ("postgresql+asyncpg://a@/x?host=/nowhere", "The database at /nowhere, port 5432, can't be reached"),
        ("postgresql+asyncpg://a:secret@brook.invalid/x", "There is no host named brook.invalid."),
        ("postgresql+asyncpg://a:secret@127.0.0.1:1/x?colour=red", "a setting after its question mark"),
    ],
)
async def test_an_address_that_leads_nowhere(closed: Settings, address: str, says: str) -> None:
    said = await the_one(changed(closed, database_url=address))
    assert says in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("28P01", "The database refuses the password of ford."),
        ("28000", "The database doesn't let ford in"),
        ("3D000", "There is no database named brook"),
        ("57P03", "The database is starting or stopping."),
        ("53300", "no connection left to give"),
        ("XX000", "can't be used: it broke."),
    ],
)
async def test_a_server_that_refuses(closed: Settings, code: str, says: str) -> None:
    async with refusing(code, "it broke") as url:
        said = await the_one(changed(closed, database_url=url))
    assert says in said
    assert "secret" not in said


async def test_a_server_that_says_nothing(closed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_check, "CONNECT_SECONDS", 0.2)
    writers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda reader, writer: writers.append(writer), "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        url = f"postgresql+asyncpg://a@127.0.0.1:{port}/x"
        assert "doesn't answer" in await the_one(changed(closed, database_url=url))
        for writer in writers:
            writer.close()
            await writer.wait_closed()


async def test_unknown_roles_and_databases_of_a_real_server(closed: Settings, postgres: EmbeddedPostgres) -> None:
    assert "There is no database named nowhere" in await the_one(changed(closed, database_url=postgres.url("nowhere")))
    stranger = postgres.url().replace("civicboard@", "stranger@")
    assert 'role "stranger" does not exist' in await the_one(changed(closed, database_url=stranger))


# What is in it


async def test_an_empty_database(closed: Settings, postgres: EmbeddedPostgres) -> None:
    url = postgres.create_database("doctor_empty")
    try:
        assert await the_one(changed(closed, database_url=url)) == ("The database is empty. Run: civicboard migrate")
    finally:
        postgres.drop_database("doctor_empty")


@pytest.mark.parametrize(("at", "says"), [("0001", "is old: at 0001"), ("9999", "(9999) is newer")])
async def test_another_schema(closed: Settings, desk: Desk, at: str, says: str) -> None:
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": at})
    assert says in await the_one(closed)


async def test_extensions_that_are_not_there(closed: Settings, monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    monkeypatch.setattr(database_check, "EXTENSIONS", ("vector", "flux"))
    assert "The extension flux is not on the database's machine." in await the_one(closed)
    monkeypatch.setattr(database_check, "EXTENSIONS", ("vector", "cube"))
    found = [finding for finding in await examine(closed) if "cube" in finding.says]
    assert [finding.ok for finding in found] == [True]  # its owner may create it


async def test_an_old_postgresql(closed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_check, "OLDEST_POSTGRES", 99)
    assert "The board needs 99 or newer" in await the_one(closed)


async def test_clocks_that_differ(closed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_check, "MOST_CLOCK_SECONDS", -1)
    assert "Its clock is 0 seconds" in await the_one(closed)


async def test_signals_that_do_not_arrive(closed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """As behind PgBouncer in transaction mode, where LISTEN is said to a connection that others use next."""

    async def listen_in_vain(*_: Any) -> None:
        pass

    monkeypatch.setattr(database_check.asyncpg.Connection, "add_listener", listen_in_vain)
    monkeypatch.setattr(database_check, "LISTEN_SECONDS", 0.1)
    assert "PgBouncer in transaction mode" in await the_one(closed)
    assert await wrong(changed(closed, notify=False)) == []


# Around it


async def test_a_folder_that_others_can_look_into(closed: Settings, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert "Everybody on this machine can look into" in await the_one(closed)
    tmp_path.chmod(0o710)
    assert await wrong(closed) == []
    assert await wrong(changed(closed, data=tmp_path / "not yet")) == []


async def test_missing_assets(closed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "STATIC", tmp_path)
    assert "Browser assets are missing: htmx.min.js" in await the_one(closed)


async def test_a_full_disk(closed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_DISK_BYTES", 2**62)
    assert "Make room" in await the_one(closed)


async def test_sign_in_providers(closed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(*_: Any) -> None:
        pass

    async def fail(*_: Any) -> None:
        raise ProviderDown("Fordway", "ConnectError")

    with_one = changed(closed, providers=(FORDWAY, Provider("github", "github", "GitHub", client_id="x")))
    monkeypatch.setattr(OpenId, "begin", fail)
    assert await wrong(with_one) == []
    said = await the_one(with_one, online=True)
    assert "Fordway doesn't answer as a sign-in provider: ConnectError." in said
    assert "CIVICBOARD_LOGIN_FORDWAY_ISSUER" in said
    monkeypatch.setattr(OpenId, "begin", answer)
    assert await wrong(with_one, online=True) == []


async def test_nobody_can_sign_in(closed: Settings) -> None:
    assert Finding(True, "There is no way to sign in yet.", FINDING_MEND) in await examine(closed)
    public = changed(closed, **PUBLIC | {"providers": ()})
    assert any("no way to sign in" in said for said in await wrong(public))


FINDING_MEND = "Name one in CIVICBOARD_LOGIN: docs/running.md shows how."


# In production


async def test_unsafe_settings_are_named_in_production_only(closed: Settings) -> None:
    unsafe = {"secret": "short", "debug": True, "demo": True, "origin": "http://board.example"}
    assert await wrong(changed(closed, **unsafe)) == []
    said = " ".join(await wrong(changed(closed, **PUBLIC | unsafe)))
    for name in ("CIVICBOARD_SECRET", "CIVICBOARD_DEBUG", "CIVICBOARD_DEMO", "CIVICBOARD_ORIGIN"):
        assert name in said


async def test_refusing_to_start(closed: Settings, postgres: EmbeddedPostgres, desk: Desk, tmp_path: Path) -> None:
    """The servers of tests don't write to the disk, so that is always among it."""
    public = changed(closed, **PUBLIC)
    assert [said.split(":")[0] for said in await refuse_to_start(public)] == ["fsync is off"]

    superuser = changed(public, database_url=closed.database_url.replace("civicboard@", "postgres@"))
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    tmp_path.chmod(0o755)
    said = " ".join(await refuse_to_start(changed(superuser, debug=True)))
    for part in ("CIVICBOARD_DEBUG", "Everybody on this machine", "is a superuser", "fsync is off", "is old"):
        assert part in said


async def test_refusing_to_start_without_a_database(closed: Settings) -> None:
    away = changed(closed, **PUBLIC, database_url="postgresql+asyncpg://a@127.0.0.1:1/x")
    (said,) = await refuse_to_start(away)
    assert "can't be reached" in said
