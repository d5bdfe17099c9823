"""The embedded database, started for real in throw-away folders."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from sqlalchemy import make_url

import civicboard
from civicboard.kit.embedded import EmbeddedError, EmbeddedPostgres
from civicboard.kit.embedded.folder import make_private, system_user
from civicboard.kit.embedded.programs import programs


@pytest.fixture(scope="module")
def fresh_cluster() -> Iterator[Path]:
    """A stopped database folder to copy: making one takes a second."""
    made = Path(tempfile.mkdtemp(prefix="civicboard-"))
    with EmbeddedPostgres(made / "data", throwaway=True):
        pass
    yield made / "data"
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path: its own folder is long, and pytest closes it again to PostgreSQL's user under root.
    made = Path(tempfile.mkdtemp(prefix="civicboard-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def server(folder: Path, fresh_cluster: Path) -> Iterator[EmbeddedPostgres]:
    subprocess.run(["cp", "-a", fresh_cluster, folder / "data"], check=True)
    made = EmbeddedPostgres(folder / "data", throwaway=True)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def running(fresh_cluster: Path) -> Iterator[EmbeddedPostgres]:
    """A server that many tests may ask, and none may stop."""
    copy = fresh_cluster.with_name("running")
    subprocess.run(["cp", "-a", fresh_cluster, copy], check=True)
    with EmbeddedPostgres(copy, throwaway=True) as made:
        yield made


async def ask(url: str, question: str) -> object:
    """One value, asked through the driver, at an address meant for SQLAlchemy."""
    place = make_url(url)
    found = await asyncpg.connect(
        user=place.username, database=place.database, host=place.query["host"], port=place.port
    )
    try:
        return await found.fetchval(question)
    finally:
        await found.close()


def pid_of(server: EmbeddedPostgres) -> int:
    return int((server.cluster / "postmaster.pid").read_text().split()[0])


def start_elsewhere(data: Path) -> subprocess.Popen[str]:
    """Another process that starts the same database, says so, and stops when it is told to."""
    program = (
        "import sys; from pathlib import Path; from civicboard.kit.embedded import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1]), throwaway=True)\n"
        "server.start(); print('up', flush=True)\n"
        "sys.stdin.readline(); server.stop()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, data],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(civicboard.__file__).parents[1],
    )
    assert other.stdout is not None
    assert any(line == "up\n" for line in other.stdout)
    return other


async def test_it_gives_a_working_database_to_a_role_without_power(running: EmbeddedPostgres) -> None:
    url = running.url()
    assert make_url(url).drivername == "postgresql+asyncpg"
    assert await ask(url, "SELECT current_user || '/' || current_database()") == "civicboard/civicboard"
    assert (
        await ask(url, "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        is False
    )
    assert await ask(url, "SELECT unaccent('Crème')") == "Creme"
    assert await ask(url, "SELECT '[1,2]'::vector <-> '[1,2]'::vector") == 0
    assert await ask(url, "SELECT similarity('pothole', 'pot hole') > 0.3") is True
    assert await ask(url, "SELECT lower('ÉÑ')") == "éñ"
    assert await ask(url, "SHOW timezone") == "UTC"
    assert await ask(running.admin_url, "SELECT current_user::text") == "postgres"


async def test_it_listens_on_no_network_and_keeps_its_folder_private(running: EmbeddedPostgres) -> None:
    url = running.url()
    assert await ask(url, "SHOW listen_addresses") == ""
    assert psutil.Process(pid_of(running)).net_connections(kind="inet") == []
    assert stat.S_IMODE(running.data.stat().st_mode) & 0o007 == 0
    assert stat.S_IMODE(running.data.stat().st_mode) in (0o700, 0o710)
    assert stat.S_IMODE(running.cluster.stat().st_mode) == 0o700
    assert running.cluster.stat().st_uid != 0


async def test_real_data_is_never_without_fsync(folder: Path) -> None:
    with EmbeddedPostgres(folder / "real") as real:
        assert await ask(real.url(), "SHOW fsync") == "on"
        assert await ask(real.url(), "SHOW synchronous_commit") == "on"
    with pytest.raises(EmbeddedError, match="for real use"):
        EmbeddedPostgres(folder / "real", throwaway=True).start()
    with EmbeddedPostgres(folder / "test", throwaway=True) as made:
        assert await ask(made.url(), "SHOW fsync") == "off"
    with pytest.raises(EmbeddedError, match="for tests"):
        EmbeddedPostgres(folder / "test").start()


async def test_what_was_written_is_there_after_a_restart(server: EmbeddedPostgres) -> None:
    await ask(server.start(), "CREATE TABLE kept AS SELECT 7 AS number")
    server.stop()
    assert not server.running
    assert not (server.cluster / "postmaster.pid").exists()
    assert await ask(server.start(), "SELECT number FROM kept") == 7


async def test_two_in_one_process_share_it_and_the_last_one_stops_it(server: EmbeddedPostgres) -> None:
    url = server.start()
    second = EmbeddedPostgres(server.data, throwaway=True)
    assert second.start() == url
    first_pid = pid_of(server)
    server.stop()
    assert await ask(url, "SELECT 1") == 1
    assert pid_of(second) == first_pid
    second.stop()
    assert not second.running


async def test_two_processes_share_it(server: EmbeddedPostgres) -> None:
    other = await asyncio.to_thread(start_elsewhere, server.data)
    pid = pid_of(server)
    url = await asyncio.to_thread(server.start)
    assert pid_of(server) == pid
    other.communicate("\n", timeout=60)
    assert other.returncode == 0
    assert await ask(url, "SELECT 1") == 1


async def test_it_outlives_a_killed_board_and_is_found_again(server: EmbeddedPostgres) -> None:
    other = await asyncio.to_thread(start_elsewhere, server.data)
    pid = pid_of(server)
    other.kill()
    other.communicate()
    assert server.running
    assert await ask(server.start(), "SELECT 1") == 1
    assert pid_of(server) == pid
    server.stop()
    assert not server.running


async def test_it_recovers_when_postgresql_itself_is_killed(server: EmbeddedPostgres) -> None:
    await ask(server.start(), "CREATE TABLE kept AS SELECT 7 AS number")
    killed = pid_of(server)
    os.kill(killed, signal.SIGKILL)
    assert await ask(server.start(), "SELECT number FROM kept") == 7
    assert pid_of(server) != killed


async def test_it_is_kept_up(server: EmbeddedPostgres) -> None:
    url = await asyncio.to_thread(server.start)
    watch = asyncio.create_task(server.keep_up(every=0.05))
    killed = pid_of(server)
    os.kill(killed, signal.SIGKILL)
    async with asyncio.timeout(10):
        while True:
            try:
                assert await ask(url, "SELECT 1") == 1
                break
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)
    watch.cancel()
    assert pid_of(server) != killed


@pytest.mark.parametrize("left", ["{other}\n{cluster}\n0\n5432\n{cluster}\n\n\nready\n", "999999999\n", "nonsense", ""])
async def test_a_stale_pid_file_is_no_hindrance(server: EmbeddedPostgres, left: str) -> None:
    server.start()
    server.stop()
    # A number that some other program has by now: this one.
    pid_file = server.cluster / "postmaster.pid"
    pid_file.write_text(left.format(other=os.getpid(), cluster=server.cluster))
    assert not server.running
    assert await ask(server.start(), "SELECT 1") == 1


async def test_a_cluster_left_half_made_is_made_anew(folder: Path) -> None:
    half = folder / "data" / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(folder / "data", throwaway=True) as server:
        assert await ask(server.url(), "SELECT 1") == 1


async def test_a_long_path_gets_a_short_private_socket(folder: Path) -> None:
    with EmbeddedPostgres(folder / ("long" * 30) / "data", throwaway=True) as server:
        sockets = Path(str(make_url(server.url()).query["host"]))
        assert sockets.parent == Path("/tmp")
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert await ask(server.url(), "SELECT 1") == 1
    assert not sockets.exists()


async def test_a_path_may_hold_any_letters(folder: Path) -> None:
    with EmbeddedPostgres(folder / "Öfter, mal's was & neues", throwaway=True) as server:
        assert await ask(server.url(), "SELECT 1") == 1


def test_a_socket_folder_of_somebody_else_is_refused(folder: Path) -> None:
    owner = system_user() if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    (folder / "open").mkdir(mode=0o777)
    (folder / "link").symlink_to(folder / "open")
    for name in ("open", "link"):
        with pytest.raises(EmbeddedError, match="isn't ours"):
            make_private(folder / name, owner)


async def test_databases_for_tests_are_copied_and_removed(running: EmbeddedPostgres) -> None:
    template = running.create_database("template_of_tests")
    await ask(template, "CREATE TABLE notes AS SELECT 'hello' AS body")
    began = time.perf_counter()
    copy = running.create_database("copy_1", "template_of_tests")
    assert time.perf_counter() - began < 5
    assert await ask(copy, "SELECT body FROM notes") == "hello"
    assert await ask(copy, "SELECT '[1]'::vector <-> '[2]'::vector") == 1
    running.drop_database("copy_1")
    running.drop_database("copy_1")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await ask(copy, "SELECT 1")


@pytest.mark.parametrize("name", ["", "Capital", 'a"; DROP DATABASE civicboard; --', "a" * 64, "1st"])
def test_a_name_that_is_none_is_refused(running: EmbeddedPostgres, name: str) -> None:
    with pytest.raises(EmbeddedError, match="can't name a database"):
        running.create_database(name)


def test_a_cluster_of_another_version_is_explained(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server.cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 17, and this one brings 18\."):
        server.start()


def test_a_failed_start_shows_the_servers_own_words(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    with (server.cluster / "postgresql.conf").open("a") as settings:
        settings.write("\nmax_connections = nonsense\n")
    with pytest.raises(EmbeddedError, match="max_connections"):
        server.start()


def test_starting_at_the_same_time_starts_one(server: EmbeddedPostgres) -> None:
    many = [EmbeddedPostgres(server.data, throwaway=True) for _ in range(4)]
    threads = [threading.Thread(target=each.start) for each in many]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pids = {pid_of(each) for each in many}
    for each in many:
        each.stop()
    assert len(pids) == 1
    assert not server.running


def test_the_programs_for_a_backup_come_with_it() -> None:
    for program in ("pg_dump", "pg_restore", "psql"):
        said = subprocess.run([programs() / program, "--version"], capture_output=True, text=True, check=True)
        assert "PostgreSQL" in said.stdout
