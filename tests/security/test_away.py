"""When the database is away, people read so, machines are told so, and nothing has to be started again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from civicboard.app import Board, create_app
from civicboard.settings import Settings
from tests.cast import Cast, gather
from tests.conftest import ORIGIN, running
from tests.house.doors import browser_at
from tests.security.servers import Line, line_to

#: Seconds that /readyz may take to say no.
PATIENCE = 1.5


def settings_for(url: str, folder: Path) -> Settings:
    return Settings(
        environment="test",
        DATABASE_URL=url,
        origin=ORIGIN,
        secret="s" * 40,
        data=folder,
        rate_scale=1000,
        poll_seconds=0.2,
    )


@pytest_asyncio.fixture
async def board(own_database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Board, Line, Cast]]:
    """A running board whose line to the database can be cut."""
    async with line_to(own_database_url) as (line, url), running(settings_for(url, tmp_path)) as app:
        yield app, line, await gather(app.state.kit.desk)


async def ready(app: Board) -> tuple[int, float, dict[str, object]]:
    async with browser_at(app) as client:
        began = time.monotonic()
        answer = await client.get("/readyz")
        return answer.status_code, time.monotonic() - began, answer.json()


@pytest.mark.parametrize("signed_in", [False, True])
async def test_every_page_says_so_in_words_and_recovers(board: tuple[Board, Line, Cast], signed_in: bool) -> None:
    app, line, cast = board
    token = cast.tokens["ada"] if signed_in else ""
    pages = ("/", f"/problems/{cast.problem}/basements-on-brook-lane-flood", "/search?q=brook", "/people/ada")
    async with browser_at(app, token) as client:
        for page in pages:
            assert (await client.get(page)).status_code == 200
        line.cut()
        for page in pages:
            answer = await client.get(page)
            assert answer.status_code == 503, f"{page}: {answer.status_code}"
            assert "text/html" in answer.headers["content-type"]
            assert "Please try again in a minute" in answer.text
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["cache-control"] == "no-store"
            assert "content-security-policy" in answer.headers
        posted = await client.post(f"/problems/{cast.problem}/posts", data={"words": "While it is away"})
        assert posted.status_code == 503
        piece = await client.get("/", headers={"HX-Request": "true"})
        assert piece.status_code == 503
        assert "<html" not in piece.text, "a script gets a sentence for the page that it has"
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/robots.txt")).status_code in (200, 503)
        assert (await client.get(app.state.kit.assets.url("civicboard.css"))).status_code == 200
        line.mend()
        for page in pages:
            assert (await client.get(page)).status_code == 200, "without being started again"
        assert "While it is away" not in (await client.get(pages[1])).text


async def test_a_database_that_only_reads_is_read(own_database_url: str, tmp_path: Path) -> None:
    """As after a failover gone half way, or with a full disk: pages are there, deeds are refused in words."""
    settings = settings_for(own_database_url, tmp_path)
    async with running(settings) as app:
        cast = await gather(app.state.kit.desk)
        async with app.state.kit.desk.database.engine.begin() as connection:
            name = (await connection.execute(text("SELECT quote_ident(current_database())"))).scalar_one()
            await connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    async with running(settings) as app, browser_at(app, cast.tokens["ada"]) as client:
        for page in ("/", f"/problems/{cast.problem}", "/account"):
            assert (await client.get(page, follow_redirects=True)).status_code == 200
        assert (await client.post(f"/problems/{cast.problem}/posts", data={"words": "Hello"})).status_code == 503


@pytest.mark.parametrize("how", ["cut", "stall"])
async def test_readiness_says_no_within_a_moment(board: tuple[Board, Line, Cast], how: str) -> None:
    app, line, _ = board
    assert (await ready(app))[0] == 200
    getattr(line, how)()
    status, seconds, told = await ready(app)
    assert status == 503
    assert seconds < PATIENCE
    assert told["ready"] is False
    assert str(told["database"]).startswith("away")
    assert "127.0.0.1" not in str(told), "where the database is, is nobody's business"
    async with browser_at(app) as client:
        began = time.monotonic()
        assert (await client.get("/livez")).text == "alive\n"
        assert time.monotonic() - began < 0.5
    line.mend()
    until = time.monotonic() + 8
    while (await ready(app))[0] != 200 and time.monotonic() < until:  # noqa: ASYNC110  # asking is what is tried
        await asyncio.sleep(0.1)
    assert (await ready(app))[0] == 200


async def test_without_its_schema_it_is_not_ready(board: tuple[Board, Line, Cast]) -> None:
    from sqlalchemy import text

    app, _, _ = board
    async with app.state.kit.desk.writing() as work:
        await work.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    status, _, told = await ready(app)
    assert status == 503
    assert told["schema"] == f"at 0000, needs {app.state.kit.schema}"


async def test_with_a_full_disk_it_is_not_ready(
    board: tuple[Board, Line, Cast], monkeypatch: pytest.MonkeyPatch
) -> None:
    from civicboard.kit import health

    monkeypatch.setattr(health, "LEAST_DISK_BYTES", 2**62)
    status, _, told = await ready(board[0])
    assert (status, told["disk"]) == (503, "nearly full")


async def test_while_leaving_it_is_not_ready_and_still_answers(board: tuple[Board, Line, Cast]) -> None:
    app, _, _ = board
    app.state.kit.leaving = True
    assert (await ready(app))[0] == 503
    async with browser_at(app) as client:
        assert (await client.get("/")).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://civicboard@127.0.0.1:1/board",
        "postgresql://civicboard@/board?host=/nowhere/at/all",
        "postgresql://civicboard@board.invalid/board",
    ],
)
async def test_a_database_that_was_never_there(url: str, tmp_path: Path) -> None:
    """No port, no socket, no such name: the same page."""
    app = create_app(settings_for(url, tmp_path))
    for token in ("", "t" * 43):
        async with browser_at(app, token) as client:
            answer = await client.get("/")
            assert answer.status_code == 503
            assert "Please try again in a minute" in answer.text
    assert (await ready(app))[0] == 503


async def test_a_database_that_refuses_us(database_url: str, tmp_path: Path) -> None:
    """It is there, and says no while we connect: the driver's own error, which SQLAlchemy doesn't wrap."""
    app = create_app(settings_for(database_url.replace("test_", "gone_"), tmp_path))
    for token in ("", "t" * 43):
        async with browser_at(app, token) as client:
            assert (await client.get("/")).status_code == 503


async def test_an_open_page_is_kept_up_to_date_after_an_outage(
    board: tuple[Board, Line, Cast], own_database_url: str
) -> None:
    """What happened meanwhile, told by a process that could still write, arrives when the line is back."""
    from civicboard.kit.database import Database
    from civicboard.kit.hub import Hub, Watcher
    from civicboard.kit.work import Desk
    from civicboard.posts.actions import write_post

    app, line, cast = board
    hub: Hub = app.state.kit.hub
    told: list[bytes] = []
    sung = asyncio.Event()

    class Wire:
        def send(self, frame: bytes) -> bool:
            told.append(frame)
            if b"A canary sings" in frame:
                sung.set()
            return True

        def close(self, code: int) -> None: ...

    topic = f"problem:{cast.problem}"
    await hub.join(Watcher(Wire(), [topic], person_id=None, session_id=None, address="a"), None)
    line.cut()
    other = Database(own_database_url, pool_size=1)
    async with Desk(other).writing(cast.bo) as work:
        await write_post(work, cast.problem, kind="reply", capacity="neighbour", words="A canary sings")
    await other.close()
    await asyncio.sleep(0.3)
    assert told
    assert not sung.is_set()
    line.mend()
    await asyncio.wait_for(sung.wait(), 8)


def test_a_socket_is_turned_away(tmp_path: Path) -> None:
    app = create_app(settings_for("postgresql://civicboard@127.0.0.1:1/board", tmp_path))
    client = TestClient(app, base_url=ORIGIN)
    client.cookies.set("session", "t" * 43)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/live?on=board", headers={"Origin": ORIGIN}):
        pass
