"""The live socket on real servers: who may open one, what it tells, and when it closes."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
import pytest_asyncio
import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from civicboard.kit import web
from civicboard.kit.database import Database
from civicboard.kit.embedded import EmbeddedPostgres
from civicboard.kit.hub import Watcher
from civicboard.kit.socket import MOST_A_PERSON, MOST_AN_ADDRESS
from civicboard.kit.wire import MOST_UNREAD_BYTES
from civicboard.kit.work import Desk
from civicboard.linking import make_desk
from civicboard.offers.actions import make_offer, withdraw_offer
from civicboard.people.actions import end_session
from civicboard.people.models import Session
from civicboard.posts.actions import write_post
from civicboard.problems.actions import edit_problem, post_problem, say_affected, take_back_affected
from civicboard.progress.actions import set_stage
from tests.cast import Cast, Told, gather
from tests.security.servers import Served, served

#: Seconds within which a session that ended on one server has closed its sockets on the other.
CLOSED_WITHIN = 2.0


@pytest.fixture(scope="module")
def database_of_two(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    name = f"sockets_{time.monotonic_ns()}"
    yield postgres.create_database(name, template)
    postgres.drop_database(name)


@pytest.fixture(scope="module")
def first(database_of_two: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A board with the limits that people meet."""
    with served(database_of_two, tmp_path_factory.mktemp("first"), rate_scale=1) as board:
        yield board


@pytest.fixture(scope="module")
def second(database_of_two: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Another process of the same board, as far as it can tell: it shares the database and nothing else."""
    with served(database_of_two, tmp_path_factory.mktemp("second"), rate_scale=1) as board:
        yield board


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def board_desk(database_of_two: str) -> AsyncIterator[Desk]:
    database = Database(database_of_two, pool_size=3)
    yield Desk(database)
    await database.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(board_desk: Desk) -> Cast:
    return await gather(board_desk)


def headers_for(token: str = "", **more: str) -> dict[str, str]:
    return {**({"Cookie": f"session={token}"} if token else {}), **more}


@asynccontextmanager
async def watching(
    board: Served, *topics: str, token: str = "", cursor: str = "", origin: str | None = None
) -> AsyncIterator[ClientConnection]:
    query = "&".join([*(f"on={topic}" for topic in topics), f"cursor={cursor}"])
    async with connect(
        f"{board.socket}?{query}",
        origin=origin or board.origin,  # type: ignore[arg-type]
        additional_headers=headers_for(token),
        open_timeout=10,
        proxy=None,
    ) as socket:
        yield socket


async def refused(url: str, **settings: Any) -> int:
    """The status that a handshake is refused with; 101 when it isn't."""
    try:
        async with connect(url, proxy=None, open_timeout=10, **settings):
            return 101
    except InvalidStatus as no:
        return no.response.status_code


async def message(socket: ClientConnection, seconds: float = 5.0) -> dict[str, Any]:
    async with asyncio.timeout(seconds):
        found: dict[str, Any] = json.loads(await socket.recv())
        return found


async def fresh_session(desk: Desk, cast: Cast, role: str) -> tuple[str, int]:
    who = getattr(cast, role)
    token = f"{role}-{time.monotonic_ns()}".ljust(43, "-")
    async with desk.writing() as work:
        old = await work.session.get(Session, who.session_id)
        assert old is not None
        made = Session(
            person_id=who.id,
            identity_id=old.identity_id,
            token_hash=web.hashed(token),
            started_at=work.now,
            seen_at=work.now,
            ends_at=old.ends_at,
        )
        work.session.add(made)
        await work.session.flush()
        return token, made.id


# Who may open one


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "http://evil.example",
        "{origin}.evil.example",
        "{origin}0",
        "{origin}/",
        "{origin} http://evil.example",
        "http://localhost:{port}",
        "https://127.0.0.1:{port}",
        "http://evil.example#{origin}",
        "file://",
    ],
)
async def test_a_socket_must_come_from_a_page_of_ours(first: Served, people: Cast, origin: str | None) -> None:
    port = first.origin.rpartition(":")[2]
    asked = {"Origin": origin.format(origin=first.origin, port=port)} if origin is not None else {}
    for token in ("", people.tokens["ada"]):
        headers = headers_for(token, **asked)
        assert await refused(f"{first.socket}?on=board", additional_headers=headers) == 403


async def test_nor_may_it_name_two_origins(first: Served) -> None:
    both = [("Origin", first.origin), ("Origin", "http://evil.example")]
    assert await refused(f"{first.socket}?on=board", additional_headers=both) in (400, 403)


async def test_from_ours_it_may(first: Served) -> None:
    assert await refused(f"{first.socket}?on=board", origin=first.origin) == 101


async def test_a_foreign_host_name_gets_no_socket(first: Served) -> None:
    """DNS rebinding: the page of evil.example asks the board's own address."""
    from websockets.datastructures import Headers

    port = int(first.origin.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = Headers(
        Host="evil.example", Origin=first.origin, Upgrade="websocket", Connection="Upgrade",
        **{"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"},
    )  # fmt: skip
    writer.write(b"GET /live?on=board HTTP/1.1\r\n" + lines.serialize())
    assert (await reader.readline()).split()[1] == b"403"
    writer.close()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "on=",
        "on=nothing",
        "on=board:1",
        "on=problem",
        "on=problem:",
        "on=problem:999999",
        "on=problem:-1",
        "on=problem:0x1",
        "on=problem:%D9%A1",
        "on=problem:1e0",
        f"on=problem:{2**63}",
        f"on=problem:{'9' * 5000}",
        "on=problem:1:members",
        "on=network:1:members",
        "on=person:1",
        "on=board&on=nothing",
        "on=board&" + "&".join(f"on=problem:{n}" for n in range(1, 6)),
        "on=%7Bproblem_id%7D",
        "on=__class__",
    ],
)
async def test_there_is_nothing_else_to_watch(first: Served, people: Cast, query: str) -> None:
    assert await refused(f"{first.socket}?{query}", origin=first.origin) == 404


@pytest.mark.parametrize("query", ["on=board%00", "on=%FF", "on=board&cursor=%00"])
async def test_what_cant_be_read_is_refused(first: Served, query: str) -> None:
    assert await refused(f"{first.socket}?{query}", origin=first.origin) == 403


@pytest.mark.parametrize(
    "cursor", ["nonsense", "a.b", "-1.-1", "1-1.99999999999999999999", "'; --", "x" * 500, "1-1.٣"]
)
async def test_a_cursor_is_a_moment_or_none(first: Served, cursor: str) -> None:
    async with watching(first, "board", cursor=quote(cursor)) as socket:
        told = await message(socket)
        assert told.get("stale") or told["cursor"]


@pytest.mark.parametrize(
    "path", ["/", "/static/x", "/static/civicboard.css", "/login", "/nowhere", "/live/x", "/viewer/1.css", "/readyz"]
)
async def test_no_other_address_is_a_socket(first: Served, path: str) -> None:
    status = await refused(f"{first.origin.replace('http', 'ws')}{path}", origin=first.origin)
    assert status in (403, 404), f"{path}: {status}"


# How many


async def test_a_person_may_open_some_and_not_more(first: Served, board_desk: Desk, people: Cast) -> None:
    async with AsyncExitStack() as pages:
        for n in range(MOST_A_PERSON):
            # On several sessions: a person counts once, however often they are signed in.
            token, _ = await fresh_session(board_desk, people, "bo") if n % 2 else (people.tokens["bo"], 0)
            await pages.enter_async_context(watching(first, "board", token=token))
        one_too_many = watching(first, "board", token=people.tokens["bo"])
        with pytest.raises(InvalidStatus) as no:
            await pages.enter_async_context(one_too_many)
        assert no.value.response.status_code == 429
        assert no.value.response.headers["Retry-After"] == "60"
        assert "content-security-policy" in no.value.response.headers
        async with watching(first, "board", token=people.tokens["cy"]) as socket:
            await message(socket)
    await _settled(first, 0)
    async with watching(first, "board", token=people.tokens["bo"]) as socket:
        await message(socket)


async def _settled(board: Served, how_many: int) -> None:
    """Wait until so many sockets are open there, and none half: the server, in its thread, hears of it later."""
    until = time.monotonic() + 5
    hub = board.hub
    while (len(hub.watchers), hub.opening.total()) != (how_many, 0) and time.monotonic() < until:  # noqa: ASYNC110  # its loop is another
        await asyncio.sleep(0.02)
    assert len(board.hub.watchers) == how_many
    assert not board.hub.opening


@pytest.mark.parametrize("role", ["dee", ""])
async def test_nor_all_at_once(first: Served, people: Cast, role: str) -> None:
    """Handshakes that run side by side are counted as if they came one after the other."""
    most = MOST_A_PERSON if role else MOST_AN_ADDRESS
    await _settled(first, 0)
    tries = most + 8
    async with AsyncExitStack() as pages:

        async def one() -> int:
            try:
                await pages.enter_async_context(watching(first, "board", token=people.tokens.get(role, "")))
                return 101
            except InvalidStatus as no:
                return no.response.status_code

        statuses = await asyncio.gather(*(one() for _ in range(tries)))
        assert statuses.count(101) == most
        assert statuses.count(429) == tries - most
    await _settled(first, 0)


async def test_refused_handshakes_leave_nothing_behind(first: Served, people: Cast) -> None:
    await _settled(first, 0)
    for _ in range(MOST_AN_ADDRESS + 3):
        assert await refused(f"{first.socket}?on=nothing", origin=first.origin) == 404
    assert await refused(f"{first.socket}?on=board", origin=first.origin) == 101
    await _settled(first, 0)
    assert not first.hub.topics


# When it closes


@pytest.mark.parametrize("how", ["signing out", "from another browser", "everywhere else", "deed"])
async def test_an_ended_session_closes_its_sockets_in_every_process(
    first: Served, second: Served, board_desk: Desk, people: Cast, how: str
) -> None:
    token, session_id = await fresh_session(board_desk, people, "ada")
    other, _ = await fresh_session(board_desk, people, "ada")
    async with AsyncExitStack() as pages:
        doomed = [await pages.enter_async_context(watching(board, "board", token=token)) for board in (first, second)]
        stays = await pages.enter_async_context(watching(second, "board", token=other))
        strangers = await pages.enter_async_context(watching(second, "board"))
        for socket in (*doomed, stays, strangers):
            await message(socket)
        began = time.monotonic()
        await _end(first, board_desk, people, how, token, other, session_id)
        for socket in doomed:
            with pytest.raises(ConnectionClosed) as closed:
                await _until(socket, {"never"})
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4001
        assert time.monotonic() - began < CLOSED_WITHIN
        for socket in (stays, strangers):
            await asyncio.wait_for(await socket.ping(), 2)
        # And it can't be opened again with what is left of it: it is a stranger's then.
        async with watching(second, "board", token=token) as again:
            await message(again)
            assert any(watcher.person_id is None for watcher in second.hub.watchers)
            assert not any(watcher.session_id == session_id for watcher in second.hub.watchers)
    for board in (first, second):
        await _settled(board, 0)


async def _end(board: Served, desk: Desk, people: Cast, how: str, token: str, other: str, session_id: int) -> None:
    if how == "deed":
        async with desk.writing(people.ada) as work:
            await end_session(work, session_id)
        return
    using = token if how == "signing out" else other
    async with httpx2.AsyncClient(base_url=board.origin, trust_env=False, headers={"Origin": board.origin}) as client:
        client.cookies.set("session", using)
        if how == "signing out":
            answer = await client.post("/logout")
        elif how == "from another browser":
            answer = await client.delete(f"/account/sessions/{session_id}")
        else:
            answer = await client.delete("/account/sessions")
        assert answer.status_code == 303, answer.text


async def test_who_has_read_everything_takes_a_message_of_any_size(
    first: Served, board_desk: Desk, people: Cast
) -> None:
    """What is cut off is a reader who does not read, not one to whom much happens at once."""
    async with watching(first, f"problem:{people.problem}") as socket:
        await message(socket)
        async with board_desk.writing(people.ada) as work:
            said = [
                await write_post(work, people.problem, kind="reply", capacity="neighbour", words=f"{turn} " * 4000)
                for turn in range(40)
            ]
        found = await message(socket, 20)
        while "content" in found and f"post-{said[-1]}" not in found["content"]:
            found = await message(socket, 20)
        assert len(found["content"]) > MOST_UNREAD_BYTES
        await asyncio.wait_for(await socket.ping(), 5)
    await _settled(first, 0)


async def test_a_session_that_ends_while_its_socket_opens(first: Served) -> None:
    """Its end was delivered between the look at the cookie and the joining: the socket closes all the same."""
    closed: list[int] = []

    class Wire:
        def send(self, frame: bytes) -> bool:
            return True

        def close(self, code: int) -> None:
            closed.append(code)

    from civicboard.kit.hub import Hub
    from civicboard.kit.partials import Pages

    database = Database(first.app.state.kit.settings.database_url, pool_size=2)
    hub = Hub(Desk(database), Pages(Path("civicboard/templates")), [])
    try:
        hub.close_session(7)
        await hub.join(Watcher(Wire(), ["board"], person_id=1, session_id=7, address="a"), None)
        assert closed == [4001]
        assert not hub.watchers
        await hub.join(Watcher(Wire(), ["board"], person_id=1, session_id=8, address="a"), None)
        assert closed == [4001]
    finally:
        await database.close()


# What it tells


async def test_a_socket_tells_only_of_what_it_asked_for(first: Served, board_desk: Desk, people: Cast) -> None:
    """A random sequence of deeds on three problems: each socket hears of its own topics and of nothing else."""
    numbers = [people.problem]
    for n in range(2):
        async with board_desk.writing(people.ada) as work:
            numbers.append((await post_problem(work, Told(title=f"Another problem {n}"))).id)
    asked = [[f"problem:{numbers[0]}"], [f"problem:{numbers[1]}"], ["board"], [f"problem:{n}" for n in numbers[:2]]]
    choose = random.Random(20261123)
    canaries: dict[int, list[str]] = {number: [] for number in numbers}
    posts: dict[int, set[str]] = {number: {f"head-{number}", f"story-{number}", "needs"} for number in numbers}
    async with AsyncExitStack() as pages:
        sockets = [await pages.enter_async_context(watching(first, *topics)) for topics in asked]
        for socket in sockets:
            await message(socket)
        for n in range(24):
            number = choose.choice(numbers)
            canary = f"canary {number} sings {n}"
            await _some_deed(board_desk, people, number, choose, canary, canaries[number], posts[number])
        last = await _say(board_desk, people, numbers[0], "the last word", posts[numbers[0]])
        also = await _say(board_desk, people, numbers[1], "the last word", posts[numbers[1]])
        heard = []
        for socket, topics in zip(sockets, asked, strict=True):
            wanted = {f"problem:{numbers[0]}": last, f"problem:{numbers[1]}": also, "board": f"problem-{numbers[1]}"}
            heard.append(await _until(socket, {wanted[topic] for topic in topics}))
    for topics, told in zip(asked, heard, strict=True):
        words = json.dumps(told)
        keys = {key for one in told for key in one.get("keys", [])}
        mine = {int(topic.split(":")[1]) for topic in topics if topic.startswith("problem:")}
        if "board" in topics:
            assert keys <= {f"problem-{number}" for number in numbers} | {
                k.replace("post-", "said-") for n in numbers for k in posts[n]
            }
            continue
        allowed = {key for number in mine for key in posts[number]}
        assert keys <= allowed | {key for key in keys if key.startswith("stage-") and _is_of(told, key, mine)}, (
            keys - allowed
        )
        for number in numbers:
            sung = [canary for canary in canaries[number] if canary in words]
            assert bool(sung) == (number in mine and bool(canaries[number])), (topics, sung)
        assert "csrf" not in words
        assert "<form" not in words


def _is_of(told: list[dict[str, Any]], key: str, numbers: set[int]) -> bool:
    """A change of stage came to a topic of these problems: the head beside it says which."""
    heads = {f"head-{number}" for number in numbers}
    return any(key in one["keys"] and heads & set(one["keys"]) for one in told if "keys" in one)


async def _some_deed(
    desk: Desk, people: Cast, number: int, choose: random.Random, canary: str, sung: list[str], posts: set[str]
) -> None:
    kind = choose.choice(["say", "affected", "unaffected", "offer", "withdrawn", "stage"])
    role = choose.choice(["bo", "cy", "dee"])
    if kind == "say":
        sung.append(canary)
        await _say(desk, people, number, canary, posts)
        return
    async with desk.writing(people.ada if kind == "stage" else getattr(people, role)) as work:
        match kind:
            case "affected":
                await say_affected(work, number)
            case "unaffected":
                await take_back_affected(work, number)
            case "offer" | "withdrawn":
                sung.append(canary)
                offer = await make_offer(work, number, what=canary)
                posts.add(f"offer-{offer}")
                if kind == "withdrawn":
                    await withdraw_offer(work, offer)
            case "stage":
                from civicboard.problems.queries import find_problem

                now = (await find_problem(work, number)).stage
                sung.append(canary)
                await set_stage(work, number, to="trying" if now != "trying" else "stuck", why=canary)


async def _say(desk: Desk, people: Cast, number: int, words: str, posts: set[str]) -> str:
    async with desk.writing(people.cy) as work:
        post = await write_post(work, number, kind="reply", capacity="neighbour", words=words)
    posts.add(f"post-{post}")
    return f"post-{post}"


async def _until(socket: ClientConnection, keys: set[str]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while keys:
            told.append(json.loads(await socket.recv()))
            keys = keys - set(told[-1].get("keys", []))
    return told


async def test_what_people_write_is_never_an_envelope(first: Served, board_desk: Desk, people: Cast) -> None:
    bad = '<hx-partial hx-target="body">x</hx-partial> {"stale": true} <a data-hx-get="/logout" id="main">y</a>'
    async with watching(first, f"problem:{people.problem}", "board") as socket:
        await message(socket)
        key = await _say(board_desk, people, people.problem, bad, set())
        async with board_desk.writing(people.ada) as work:
            number = (await post_problem(work, Told(title=bad[:100], story=bad))).id
            await edit_problem(work, number, Told(title=bad[:100], story=bad), why="", seen_revision=1)
        told = await _until(socket, {key, f"problem-{number}"})
    for one in told:
        assert "stale" not in one
        assert not re.search(r"<[^>]*\sdata-hx-", one["content"])
        assert not re.search(r"<[^>]*\sid=\"main\"", one["content"])
        targets = set(re.findall(r'<hx-(?:partial|upsert) hx-target="([^"]*)"', one["content"]))
        assert "body" not in targets


async def test_what_a_page_says_is_not_listened_to(first: Served) -> None:
    """Anything it sends is dropped; a flood of it, or a big one, closes its own socket and no other."""
    async with watching(first, "board") as quiet, watching(first, "board") as loud:
        await message(quiet)
        await message(loud)
        for said in ("", "{}", '{"on": "problem:1"}', "\0", "x" * 4000):
            await loud.send(said)
        await loud.send(b"\xff\xfe")
        await asyncio.wait_for(await loud.ping(), 2)
        await loud.send("x" * 100_000)
        with pytest.raises(ConnectionClosed) as closed:
            await _until(loud, {"never"})
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        await asyncio.wait_for(await quiet.ping(), 2)


async def test_bytes_are_written_straight_to_the_line(first: Served) -> None:
    """The contract with uvicorn that fan-out stands on: a new version that breaks it fails here."""
    async with watching(first, "board") as socket:
        await message(socket)
        assert [type(watcher.wire).__name__ for watcher in first.hub.watchers] == ["Direct"]


async def test_without_notify_a_poll_finds_the_same(
    database_of_two: str, board_desk: Desk, people: Cast, tmp_path: Path
) -> None:
    with served(database_of_two, tmp_path, notify=False, poll_seconds=0.3) as board:
        assert not board.hub.listening
        token, session_id = await fresh_session(board_desk, people, "cy")
        async with watching(board, "board", f"problem:{people.problem}", token=token) as socket:
            await message(socket)
            silent = Desk(board_desk.database, notify=False)
            key = await _say(silent, people, people.problem, "without a bell", set())
            assert any("without a bell" in one["content"] for one in await _until(socket, {key}))
            async with silent.writing(people.cy) as work:
                await end_session(work, session_id)
            with pytest.raises(websockets.exceptions.ConnectionClosedError) as closed:
                await _until(socket, {"never"})
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4001
        async with httpx2.AsyncClient(base_url=board.origin, trust_env=False) as client:
            assert (await client.get("/readyz")).json()["live"] == "ok"


# What is one person's own


async def test_what_a_person_is_told_is_for_their_own_session_alone(
    first: Served, second: Served, board_desk: Desk, people: Cast
) -> None:
    """A signed-out or another person's page is refused, in any company; their own hears of it in every process."""
    own = f"person:{people.ada.id}"
    adas, _ = await fresh_session(board_desk, people, "ada")
    bos, _ = await fresh_session(board_desk, people, "bo")
    for token in ("", bos, "nonsense"):
        for query in (f"on={own}", f"on=board&on={own}", f"on={own}&on=person:{people.bo.id}"):
            url = f"{first.socket}?{query}"
            assert await refused(url, origin=first.origin, additional_headers=headers_for(token)) == 404
    linked = make_desk(board_desk.database)
    async with (
        watching(first, "board", own, token=adas) as hers,
        watching(second, own, token=adas) as elsewhere,
        watching(first, "board", f"person:{people.bo.id}", token=bos) as his,
    ):
        assert 'id="unread"' in (await message(hers))["content"]
        await message(elsewhere)
        await message(his)
        async with linked.writing(people.bo) as work:
            offer = await make_offer(work, people.problem, what="A ladder for Ada alone")
        for socket in (hers, elsewhere):
            told = await _until(socket, {"unread"})
            assert any("A ladder for Ada alone" in one["content"] for one in told)
        async with linked.writing(people.bo) as work:
            key = f"problem-{people.problem}"
            await withdraw_offer(work, offer)
        async with linked.writing(people.bo) as work:
            posted = (await post_problem(work, Told(title="The last thing he hears"))).id
        heard = await _until(his, {key, f"problem-{posted}"})
        assert not any("A ladder for Ada" in one["content"] or "notice-" in one["content"] for one in heard)
        # And nobody counts how many pages a person has open.
        for board in (first, second):
            assert own not in board.hub.presence.watching
