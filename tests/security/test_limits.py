"""How much is too much: bodies, and how often. The rates are those that people meet, with scale 1."""

from __future__ import annotations

import asyncio
import re
import socket
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import psutil
import pytest
import pytest_asyncio

from civicboard.app import Board
from civicboard.kit.embedded import EmbeddedPostgres
from tests.house.doors import World, browser_at, open_world

PROBLEM = {"title": "The lamp is out again", "story": "It has been dark since Sunday evening."}
CANARY = "Dark since Sunday, and the canary sings."


@pytest_asyncio.fixture
async def strict(postgres: EmbeddedPostgres, template: str, tmp_path: Path) -> AsyncIterator[World]:
    """A board with the rates that people meet."""
    async with open_world(postgres, template, f"strict_{time.monotonic_ns()}", tmp_path, rate_scale=1) as world:
        yield world


def assert_slower(answer: httpx2.Response, most_seconds: int) -> None:
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= most_seconds
    assert re.search("A little slower, please|That was a lot in a short time", answer.text)
    assert answer.headers["cache-control"] == "no-store"


async def test_the_third_problem_in_five_minutes_waits_and_loses_nothing(strict: World) -> None:
    async with await strict.client("dee") as client:
        for _ in range(2):
            assert (await client.post("/problems", data=PROBLEM)).status_code == 303
        third = PROBLEM | {"story": CANARY}
        assert (await client.put("/drafts/problem", data=third)).status_code == 204
        refused = await client.post("/problems", data=third)
        assert_slower(refused, 300)
        assert CANARY in refused.text, "the form comes back as it was, also without a script"
        assert CANARY in (await client.get("/problems/new")).text, "what was written waits in the form"
        assert CANARY not in (await client.get("/")).text
    async with await strict.client("cy") as client:
        assert (await client.post("/problems", data=PROBLEM)).status_code == 303, "nobody else is slowed"


async def test_a_form_that_comes_again_is_not_counted_again(strict: World) -> None:
    """Whose answers are lost may send the same form as often as it takes."""
    number = strict.cast.problem
    hits: list[str] = []
    hit = strict.app.state.kit.rates.hit

    async def noted(rule: str, *given: object, **more: object) -> object:
        hits.append(rule)
        return await hit(rule, *given, **more)

    strict.app.state.kit.rates.hit = noted
    for role, path, form in (
        ("bo", "/problems", PROBLEM),
        ("bo", f"/problems/{number}/posts", {"words": "It is wet."}),
        ("bo", f"/problems/{number}/offers", {"what": "A ladder"}),
        ("ada", f"/problems/{number}/stage", {"to": "exploring"}),
    ):
        async with await strict.client(role) as client:
            key = str(uuid.uuid4())
            answers = [await client.post(path, data={**form, "key": key}) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [303] * 6, path
        assert len({answer.headers["location"] for answer in answers}) == 1
    assert hits == ["new_problem", "comment", "offers", "tap"]


async def test_talk_is_slowed_down_too(strict: World) -> None:
    path = f"/problems/{strict.cast.problem}/posts"
    async with await strict.client("bo") as client:
        for n in range(4):
            assert (await client.post(path, data={"words": f"Number {n}"})).status_code == 303
        assert_slower(await client.post(path, data={"words": "Number five"}), 60)


async def test_a_person_is_counted_wherever_they_are_signed_in(strict: World) -> None:
    path = f"/problems/{strict.cast.problem}/posts"
    for n in range(4):
        async with await strict.client("bo") as client:
            assert (await client.post(path, data={"words": f"Number {n}"})).status_code == 303
    async with await strict.client("bo") as client:
        assert (await client.post(path, data={"words": "Number five"})).status_code == 429


async def test_signing_in_and_searching_have_their_rates(strict: World) -> None:
    async with await strict.client("stranger") as client:
        answers = [(await client.post("/login/council", data={"next": "/"})).status_code for _ in range(26)]
        assert answers == [200] * 25 + [429]
        found = [(await client.get("/search?q=brook")).status_code for _ in range(51)]
        assert found == [200] * 50 + [429]
        assert (await client.get("/search")).status_code == 200, "the page itself asks nothing of the database"


async def test_pages_are_counted_by_address_and_nothing_else_can_be_claimed(strict: World) -> None:
    """Three hundred pages in five minutes; a header that names another address changes nothing."""
    async with await strict.client("stranger") as client:
        answers = []
        for n in range(305):
            answers.append(
                (await client.get("/robots.txt", headers={"X-Forwarded-For": f"10.0.0.{n % 250}"})).status_code
            )
        assert answers.count(429) >= 4
        assert answers[:295] == [200] * 295
        last = await client.get("/")
        assert_slower(last, 300)
        assert (await client.get("/livez")).status_code == 200, "whoever looks after the board still sees it"
    async with await strict.client("ada") as client:
        assert (await client.get("/")).status_code == 200, "who is signed in is counted as a person"


async def test_the_table_of_rates_holds_no_address_and_no_name(strict: World) -> None:
    from sqlalchemy import text

    async with await strict.client("bo") as client:
        await client.post(f"/problems/{strict.cast.problem}/posts", data={"words": "Words"})
    async with await strict.client("stranger") as client:
        await client.get("/search?q=brook")
    await strict.app.state.kit.rates.flush()
    async with strict.desk.reading() as work:
        rows = str((await work.session.execute(text("SELECT key FROM rate_counters"))).all())
    assert "comment:" in rows
    for told in ("127.0.0.1", "person:", "address:", "testclient", "bo"):
        assert told not in rows.replace("report", "")


# Bodies


MOST_GROWTH = 20 * 1024 * 1024


async def test_a_hundred_megabytes_are_not_read(world: World) -> None:
    """Streamed without a length: after the limit nothing more is taken in, and nothing is kept."""
    taken = 0

    async def drip() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(1600):
            taken += 65536
            yield b"a" * 65536

    process = psutil.Process()
    async with await world.client("ada") as client:
        before = process.memory_info().rss
        answer = await client.post(
            "/problems", content=drip(), headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert answer.status_code == 413
        assert "That is too large" in answer.text
        assert taken <= 1024 * 1024
        assert process.memory_info().rss - before < MOST_GROWTH


@pytest.mark.parametrize(
    "door", ["/problems", "/preview", "/logout", "/login/council", "/login/council/logout", "/nowhere", "/"]
)
async def test_no_door_takes_in_too_much(world: World, door: str) -> None:
    async with await world.client("ada") as client:
        for content_type in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
            answer = await client.post(door, content=b"a" * 300_000, headers={"Content-Type": content_type})
            assert answer.status_code == 413, content_type


async def test_without_either_header_the_body_is_not_read_for_a_token_for_ever(world: World) -> None:
    async with await world.client("ada") as client:
        del client.headers["Sec-Fetch-Site"], client.headers["Origin"]
        answer = await client.post(
            "/problems",
            content=b"csrf=" + b"a" * 300_000,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "99999999999999999999", " ", "٣", "1, 2"])
async def test_a_length_that_is_none(app: Board, length: str) -> None:
    async with browser_at(app) as client:
        headers = [(b"content-length", length.encode()), (b"host", b"testserver"), (b"sec-fetch-site", b"same-origin")]
        answer = await client.send(httpx2.Request("POST", "http://testserver/problems", headers=headers))
        assert answer.status_code == 400


async def test_many_small_fields_are_too_many(world: World) -> None:
    async with await world.client("ada") as client:
        for path in ("/problems", "/preview", "/drafts/problem"):
            method = "PUT" if "drafts" in path else "POST"
            form = {f"field{n}": "x" for n in range(500)}
            answer = await client.request(method, path, data=form)
            assert answer.status_code == 400, path
            assert "text/html" in answer.headers["content-type"]


async def test_a_file_is_none_of_a_forms_business(world: World) -> None:
    async with await world.client("ada") as client:
        answer = await client.post("/problems", files={"title": ("x.txt", b"a file")}, data=PROBLEM)
        assert answer.status_code in (400, 422)


def test_a_real_server_hangs_up_on_a_flood(database_url: str, tmp_path: Path) -> None:
    """Chunked, over a real connection: the answer comes after the limit, not after a hundred megabytes."""
    from tests.security.servers import served

    with served(database_url, tmp_path, rate_scale=1000) as board:
        host, port = board.origin.removeprefix("http://").split(":")
        for declared in (True, False):
            with socket.create_connection((host, int(port)), timeout=10) as line:
                length = "Content-Length: 104857600" if declared else "Transfer-Encoding: chunked"
                line.sendall(
                    f"POST /problems HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {board.origin}\r\n"
                    f"Content-Type: application/x-www-form-urlencoded\r\n{length}\r\n\r\n".encode()
                )
                sent = _pour(line, declared)
                answer = line.recv(65536)
            assert answer.startswith(b"HTTP/1.1 413"), answer[:80]
            assert sent < 20 * 1024 * 1024, "most of it was never taken"


def _pour(line: socket.socket, declared: bool) -> int:
    """Send until the server has answered or doesn't take more. Returns how many bytes that were."""
    import select

    piece = b"a" * 65536
    sent = 0
    while sent < 104857600:
        readable, writable, _ = select.select([line], [line], [], 5)
        if readable or not writable:
            return sent
        try:
            line.sendall(piece if declared else b"10000\r\n" + piece + b"\r\n")
        except OSError:
            return sent
        sent += len(piece)
    return sent


async def test_a_slow_body_holds_up_nobody_else(world: World) -> None:
    """One that never ends its body waits alone."""

    async def drip() -> AsyncIterator[bytes]:
        yield b"title="
        await asyncio.sleep(3600)

    async with await world.client("ada") as slow, await world.client("bo") as quick:
        waiting = asyncio.create_task(
            slow.post("/problems", content=drip(), headers={"Content-Type": "application/x-www-form-urlencoded"})
        )
        await asyncio.sleep(0.05)
        assert (await quick.get("/")).status_code == 200
        waiting.cancel()
        await asyncio.wait([waiting])
