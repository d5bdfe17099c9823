"""Each measurement: the board and its limit in turn, round after round, in one run."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import client, data, searching
from bench.report import Row
from bench.servers import ROOT, Server, environment, free_port, server, stop
from bench.sockets import Crowd


@dataclass
class Plan:
    """How much is measured, and where. ``seconds`` of CPU are spent on each figure, about."""

    folder: Path
    rounds: int
    seconds: float
    sockets: int
    #: Database addresses by how many problems they hold, the smallest first.
    urls: dict[int, str]
    tick: Callable[[str], None]
    #: Makes an empty database of that name, and says its address.
    empty: Callable[[str], str]
    #: The address of a database of that name, and the file that says that it is made and can be used again.
    kept: Callable[[str], tuple[str, Path]]
    #: How much of the town for matching is made: 1, or a tenth.
    share: float = 1.0

    @property
    def url(self) -> str:
        """The database that most rows use: the one of 100,000, or the largest below it."""
        return self.urls[max(size for size in self.urls if size <= 100_000)]


@dataclass
class Variant:
    """One side of a comparison: a running server, and the request to it with a number that makes it differ."""

    server: Server
    request: Callable[[int], bytes]
    expect: int = 200

    #: What a request cost in the round before, in CPU milliseconds.
    before: float = 0.0

    async def cpu(self, seconds: float) -> float:
        """CPU milliseconds a request, over as many requests as take about ``seconds`` of it."""
        if not self.before:
            await self._send(10)
            self.before = await self._cpu_of(20)
        self.before = await self._cpu_of(max(20, min(6_000, round(seconds * 1000 / max(self.before, 0.05)))))
        return self.before

    async def _cpu_of(self, count: int) -> float:
        before = self.server.cpu()
        await self._send(count)
        return (self.server.cpu() - before) * 1000 / count

    async def _send(self, count: int, connections: int = 4) -> client.Answers:
        requests = [self.request(number) for number in range(count)]
        return await client.load(self.server.port, requests, expect=self.expect, connections=connections)

    async def p50(self, count: int) -> float:
        """Milliseconds a request takes, one after the other."""
        await self._send(5, 1)
        return (await self._send(count, 1)).p50 * 1000


def gets(running: Server, path: str, *, differ: bool = False, **headers: str) -> Variant:
    """A page; with ``differ`` each request has an address of its own, so that no whole page is found ready."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if not differ:
        request = client.get(path, port=running.port, headers=named)
        return Variant(running, lambda _: request)
    mark, counted = "&" if "?" in path else "?", iter(range(10**9))
    return Variant(running, lambda _: client.get(f"{path}{mark}n={next(counted)}", port=running.port, headers=named))


async def in_turn(plan: Plan, variants: dict[str, Variant], what: str) -> dict[str, list[float]]:
    """CPU of each variant, all of them in every round."""
    found: dict[str, list[float]] = {name: [] for name in variants}
    for turn in range(plan.rounds):
        for name, variant in variants.items():
            plan.tick(f"{what}: {name}, round {turn + 1} of {plan.rounds}")
            found[name].append(await variant.cpu(plan.seconds))
    return found


async def measure_board(plan: Plan) -> AsyncIterator[Row]:
    with contextlib.ExitStack() as running:
        board, l1, l2, one = (
            running.enter_context(server(kind, plan.folder, plan.url)) for kind in ("board", "l1", "l2", "one-row")
        )
        cookie = f"session={data.TOKEN}"
        answer = await client.load(board.port, [client.get("/", port=board.port)])
        tag = next((line[6:] for line in answer.head.decode().split("\r\n") if line.startswith("etag: ")), "")
        variants = {
            "anonymous": gets(board, "/"),
            "anonymous, made anew": gets(board, "/", differ=True),
            "signed in": gets(board, "/", Cookie=cookie),
            "L1": gets(l1, "/"),
            "L2": gets(l2, "/"),
        }
        if tag:
            variants["304"] = gets(board, "/", If_None_Match=tag)
            variants["304"].expect = 304
            variants["one row"] = gets(one, "/")
            variants["one row"].expect = 304
        found = await in_turn(plan, variants, "Board")
    size = f"{len(answer.body) / 1000:.0f} kB"
    unit = "CPU ms"
    yield Row("board-l2", "Board, anonymous", unit, found["anonymous"], found["L2"], "L2", 0.6, True, size)
    yield Row("board-l1", "Board, anonymous", unit, found["anonymous"], found["L1"], "L1", 1.5, True)
    anew = found["anonymous, made anew"]
    yield Row("board-anew-l2", "Board, anonymous, not kept", unit, anew, found["L2"], "L2", 0.6, True)
    yield Row("board-anew-l1", "Board, anonymous, not kept", unit, anew, found["L1"], "L1", 1.5, True)
    yield Row("board-in", "Board, signed in", unit, found["signed in"], found["L2"], "L2", 0.45, True)
    if tag:
        yield Row("board-304", "Board, unchanged (304)", unit, found["304"], found["one row"], "one row", 0.7, True)


async def measure_problem(plan: Plan) -> AsyncIterator[Row]:
    with contextlib.ExitStack() as running:
        board, bare = (running.enter_context(server(kind, plan.folder, plan.url)) for kind in ("board", "problem"))
        path = await find_path(board, data.SHOWN)
        variants = {
            "anonymous": gets(board, path),
            "signed in": gets(board, path, Cookie=f"session={data.TOKEN}; browser={'b' * 43}"),
            "bare": gets(bare, path),
        }
        found = await in_turn(plan, variants, "Problem page")
    against = "asyncpg, cached pieces"
    title = f"Problem page, {data.POSTS_SHOWN} posts"
    yield Row("problem", f"{title}, anonymous", "CPU ms", found["anonymous"], found["bare"], against, 0.6, True)
    yield Row("problem-in", f"{title}, signed in", "CPU ms", found["signed in"], found["bare"], against, None, True)


async def find_path(board: Server, number: int) -> str:
    answer = await client.load(board.port, [client.get(f"/problems/{number}", port=board.port)], expect=303)
    return answer.head.decode().split("location: ")[1].split("\r\n")[0]


async def measure_sizes(plan: Plan) -> AsyncIterator[Row]:
    """The same page over tables of different sizes: time to answer, one request after the other."""
    with contextlib.ExitStack() as running:
        boards = {size: running.enter_context(server("board", plan.folder, url)) for size, url in plan.urls.items()}
        pages = {size: gets(board, "/", differ=True) for size, board in boards.items()}
        found: dict[int, list[float]] = {size: [] for size in pages}
        for turn in range(plan.rounds):
            for size, page in pages.items():
                plan.tick(f"Board of {size:,} problems, round {turn + 1} of {plan.rounds}")
                found[size].append(await page.p50(round(plan.seconds * 300)))
    small = min(found)
    for size in sorted(found)[1:]:
        title = f"Board at {size:,} problems"
        yield Row(f"size-{size}", title, "ms p50", found[size], found[small], f"at {small:,}:", 1.3)


async def measure_reply(plan: Plan) -> AsyncIterator[Row]:
    with contextlib.ExitStack() as running:
        board, bare = (running.enter_context(server(kind, plan.folder, plan.url)) for kind in ("board", "reply"))
        found: dict[str, list[float]] = {"board": [], "bare": []}
        headers = {
            "Cookie": f"session={data.TOKEN}; browser={'b' * 43}",
            "Origin": f"http://127.0.0.1:{board.port}",
            "Sec-Fetch-Site": "same-origin",
        }

        def reply(to: Server, turn: int) -> Variant:
            def request(number: int) -> bytes:
                fields = f"words=Round+{turn}+{number}&kind=reply&capacity=neighbour&key={uuid.uuid4()}"
                return client.post(f"/problems/{2 + number % 50}/posts", fields.encode(), port=to.port, headers=headers)

            return Variant(to, request, 303)

        for turn in range(plan.rounds):
            for name, to in (("board", board), ("bare", bare)):
                plan.tick(f"Reply: {name}, round {turn + 1} of {plan.rounds}")
                found[name].append(await reply(to, turn).p50(round(60 * max(plan.seconds, 0.5))))
    yield Row(
        "reply", "Post a reply: event, NOTIFY, fsync", "ms p50", found["board"], found["bare"], "one transaction", 2
    )


async def measure_sockets(plan: Plan) -> AsyncIterator[Row]:
    """One message to everybody who watches the board; memory of a socket that only waits."""
    kinds = {"hub": "board", "websockets": "websockets.broadcast", "raw": "raw writes"}
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    idle: dict[str, float] = {}
    times = max(3, round(50_000 * plan.seconds / plan.sockets))
    with contextlib.ExitStack() as running:
        crowds = {}
        for kind, name in kinds.items():
            plan.tick(f"{plan.sockets:,} sockets to {name}")
            crowd = crowds[kind] = Crowd(running.enter_context(server(kind, plan.folder, plan.url)))
            await crowd.open(50)
            before = crowd.server.memory()
            await crowd.open(plan.sockets - 50)
            idle[kind] = (crowd.server.memory() - before) / (plan.sockets - 50) / 1024
        for turn in range(plan.rounds):
            for kind, crowd in crowds.items():
                plan.tick(f"Fan-out: {kinds[kind]}, round {turn + 1} of {plan.rounds}")
                await crowd.one(1)
                cpu = crowd.server.cpu()
                for _ in range(times):
                    await crowd.one(1)
                found[kind].append((crowd.server.cpu() - cpu) * 1e6 / times / plan.sockets)
        for crowd in crowds.values():
            await crowd.close()
    title, unit = f"Fan-out to {plan.sockets:,} sockets, 1 kB", "CPU µs a delivery"
    yield Row(f"fan-out-{plan.sockets}", title, unit, found["hub"], found["websockets"], "websockets.broadcast", 0.8)
    yield Row(f"fan-out-raw-{plan.sockets}", title, unit, found["hub"], found["raw"], "raw writes", 1.5)
    others = f"websockets {idle['websockets']:.0f}, raw {idle['raw']:.0f}"
    yield Row(f"idle-{plan.sockets}", "Idle socket", "kB", [idle["hub"]], reach=35, note=others)


async def measure_stalled(plan: Plan) -> AsyncIterator[Row]:
    """A hundred watchers, of whom one stops reading: what the others notice."""
    usual: list[float] = []
    stalled: list[float] = []
    dropped = True
    with server("hub", plan.folder, plan.url) as board:
        crowd = Crowd(board)
        await crowd.open(99)
        for turn in range(plan.rounds):
            plan.tick(f"A stalled reader, round {turn + 1} of {plan.rounds}")
            await crowd.open(1)
            usual.append(await _p99(crowd, None))
            watcher, before = crowd.stall(), board.connections()
            stalled.append(await _p99(crowd, watcher))
            dropped = dropped and board.connections() < before
            watcher.transport.abort()
            crowd.watchers.remove(watcher)
        await crowd.close()
    note = "the stalled one was dropped" if dropped else "the stalled one was NOT dropped"
    yield Row("stalled", "One stalled reader of 100", "p99 ms", stalled, usual, "none stalled", 1.2, note=note)


async def _p99(crowd: Crowd, but: Any) -> float:
    """Over enough messages of 32 kB that the buffers of a reader who doesn't read overflow."""
    took: list[float] = []
    for _ in range(200):
        took += await crowd.one(32, but=but)
    return statistics.quantiles(took, n=100)[98] * 1000


async def measure_search(plan: Plan) -> AsyncIterator[Row]:
    plan.tick("Search")
    found = await searching.database_time(plan.url, rounds=plan.rounds)
    size = max(size for size in plan.urls if size <= 100_000)
    title = f"Search {size:,} problems by words"
    yield Row("search", title, "ms p50 in the database", found["board"], reach=2, note=f"p99 {found['p99'][0]:.1f} ms")
    yield Row("search-newest", title, "ms p50 in the database", found["board"], found["newest"], "newest match first")
    yield Row("search-typo", f"{title} with a slip", "ms p50 in the database", found["typo"])


async def measure_start(plan: Plan) -> AsyncIterator[Row]:
    """From the command to the first page, with a database that was made before."""
    folder = plan.folder / "started"
    took = []
    for _ in range(plan.rounds + 1):
        plan.tick("Cold start")
        took.append(await asyncio.to_thread(_start_once, folder))
    yield Row("start", "Cold start to the first page", "s", took[1:], reach=1.5, note=f"making it all: {took[0]:.1f} s")


def _start_once(folder: Path) -> float:
    port = free_port()
    settings = environment(folder, "", port)
    folder.mkdir(exist_ok=True)
    with (plan_log := folder.with_suffix(".log")).open("ab") as errors:
        began = time.perf_counter()
        command = [sys.executable, "-m", "civicboard", "serve", "--no-worker"]
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=errors, stderr=errors, stdin=subprocess.PIPE)
        try:
            while time.perf_counter() - began < 60 and process.poll() is None:
                with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
                    page.read()
                    return time.perf_counter() - began
                time.sleep(0.01)
        finally:
            stop(process)
    raise RuntimeError(f"The board didn't start:\n{plan_log.read_text()[-2000:]}")


MEASURES = {
    "board": measure_board,
    "problem": measure_problem,
    "sizes": measure_sizes,
    "reply": measure_reply,
    "sockets": measure_sockets,
    "stalled": measure_stalled,
    "search": measure_search,
    "start": measure_start,
}
