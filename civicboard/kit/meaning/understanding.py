"""What texts mean, asked of a child process, so that neither the event loop nor a page ever waits for a model.

The child is started when it is first needed, again after it died, and ended when nobody has asked for a while.
Whatever goes wrong, the answer is None: whoever asked goes on with words alone, and says so.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import functools
import json
import struct
import sys
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import structlog

from civicboard.kit.meaning.embedder import Vector
from civicboard.kit.meaning.sources import DIMENSIONS, Model, find_model

log = structlog.get_logger()

#: Texts in one question: a search that comes in between waits for no more than these.
AT_ONCE = 32
#: The longest start of a text that is sent; the model reads fewer words than that.
MOST_CHARACTERS = 4000
#: Queries whose vectors are kept: people type, go back, and turn pages.
KEPT = 512
#: How long a page waits for a query's meaning; it is loaded within this, and found in a few milliseconds after that.
PATIENCE_SECONDS = 2.5
#: After this a child that doesn't answer is ended.
LONGEST_SECONDS = 60.0
#: A child that nobody has asked anything for so long is ended, and its 250 MB are free.
IDLE_SECONDS = 300.0
#: How long one that failed is left alone.
REST_SECONDS = 30.0


class Understanding:
    """The model that ``setting`` names. Cheap to make: nothing is loaded until something is asked."""

    def __init__(self, setting: str, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self.setting = setting
        self.idle_seconds = idle_seconds
        self._child: asyncio.subprocess.Process | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = asyncio.Lock()
        self._queries: OrderedDict[str, Vector] = OrderedDict()
        self._rests_until = 0.0
        self._failed = ""
        self._idle: asyncio.TimerHandle | None = None
        self._asking: set[asyncio.Task[Any]] = set()

    @property
    def model(self) -> Model:
        return find_model(self.setting)

    @property
    def model_id(self) -> str:
        """What vectors of this model are kept under; "" when there is none."""
        return self.model.id

    @property
    def least(self) -> float:
        """How alike two texts are that have little in common."""
        return self.model.least

    @property
    def sure(self) -> float:
        """How alike they must be where no text has any word of what was asked."""
        return self.model.sure

    @property
    def near(self) -> float:
        """How alike two texts must be to be called alike."""
        return self.model.near

    @property
    def state(self) -> str:
        """For whoever runs the board: ok, off, or what is wrong in a sentence."""
        if not self.model_id:
            return self.model.wrong or "off"
        return self._failed or "ok"

    def wake(self) -> None:
        """Have the model loaded by when somebody has typed what they look for. Waits for nothing."""
        if self.model_id and self._child is None and time.monotonic() >= self._rests_until:
            asking = asyncio.create_task(self._in_turn("query", ["wake"]), name="meaning")
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)

    async def of_query(self, text: str, *, patience: float = PATIENCE_SECONDS) -> Vector | None:
        """What somebody looks for; None when there is no model, or it doesn't answer in ``patience`` seconds."""
        text = " ".join(text.split())[:MOST_CHARACTERS]
        if not text:
            return None
        if text in self._queries:
            self._queries.move_to_end(text)
            return self._queries[text]
        found = await self._patiently("query", [text], patience)
        if found is None:
            return None
        self._queries[text] = found[0]
        while len(self._queries) > KEPT:
            self._queries.popitem(last=False)
        return found[0]

    async def of_documents(self, texts: Sequence[str]) -> list[Vector] | None:
        """What texts mean that are looked through, in their order; None when there is no model, or it fails."""
        found: list[Vector] = []
        for start in range(0, len(texts), AT_ONCE):
            some = [text[:MOST_CHARACTERS] for text in texts[start : start + AT_ONCE]]
            made = await self._patiently("document", some, LONGEST_SECONDS * 2)
            if made is None:
                return None
            found += made
        return found

    async def close(self) -> None:
        """End the child, and forget nothing else."""
        if self._idle is not None:
            self._idle.cancel()
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()  # it holds nothing that could be lost
        with contextlib.suppress(Exception):
            await child.wait()

    async def _patiently(self, kind: str, texts: list[str], patience: float) -> list[Vector] | None:
        """Ask in a task of its own: whoever loses patience leaves the question to be answered, and the pipe whole."""
        if not self.model_id or time.monotonic() < self._rests_until:
            return None
        asking = asyncio.create_task(self._in_turn(kind, texts), name="meaning")
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        try:
            return await asyncio.wait_for(asyncio.shield(asking), patience)
        except TimeoutError:
            return None

    async def _in_turn(self, kind: str, texts: list[str]) -> list[Vector] | None:
        async with self._turn:
            if time.monotonic() < self._rests_until:
                return None
            answer = await self._answer(json.dumps({"as": kind, "texts": texts}).encode())
            if answer is None:
                return None
            self._rest_when_idle()
            if answer[:1] != b"+":
                log.warning("meaning_unread", detail=answer[1:300].decode(errors="replace"))
                return None
        numbers = array.array("f", answer[1:])
        if len(numbers) != len(texts) * DIMENSIONS:
            return None
        self._failed = ""
        return [numbers[start : start + DIMENSIONS].tolist() for start in range(0, len(numbers), DIMENSIONS)]

    async def _answer(self, question: bytes) -> bytes | None:
        """What the child says; a second one is asked where the first has died meanwhile."""
        for last in (self._child is None, True):
            try:
                async with asyncio.timeout(LONGEST_SECONDS):
                    return await _exchange(await self._started(), question)
            except Exception as error:  # it died, hangs, or can't be started: words alone will do meanwhile
                await self.close()
                if last or isinstance(error, TimeoutError):
                    self._fail(str(error) or type(error).__name__)
                    return None
        return None

    async def _started(self) -> asyncio.subprocess.Process:
        """The child, running and loaded."""
        loop = asyncio.get_running_loop()
        if self._child is not None and (self._child.returncode is not None or self._loop is not loop):
            await self.close()
        if self._child is None:
            self._loop = loop
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "civicboard.kit.meaning.child", self.setting),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                # Ctrl+C is for us: we end it, and it ends by itself when we are gone.
                start_new_session=True,
            )
            loaded = await _exchange(self._child, None)
            if loaded[:1] != b"+":
                raise RuntimeError(loaded[1:].decode(errors="replace"))
        return self._child

    def _fail(self, why: str) -> None:
        self._failed = f"The model that reads meaning doesn't answer: {why[:300]}"
        self._rests_until = time.monotonic() + REST_SECONDS
        log.warning("meaning_failed", detail=why[:300])

    def _rest_when_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(self.idle_seconds, self._end_if_idle)

    def _end_if_idle(self) -> None:
        if self._turn.locked():
            return self._rest_when_idle()
        closing = asyncio.create_task(self.close(), name="meaning")
        self._asking.add(closing)
        closing.add_done_callback(self._asking.discard)


async def _exchange(child: asyncio.subprocess.Process, payload: bytes | None) -> bytes:
    """Send a question, if there is one, and read an answer."""
    assert child.stdin is not None
    assert child.stdout is not None
    if payload is not None:
        child.stdin.write(struct.pack(">I", len(payload)) + payload)
        await child.stdin.drain()
    size = struct.unpack(">I", await child.stdout.readexactly(4))[0]
    return await child.stdout.readexactly(size)


@functools.cache
def understanding_for(setting: str) -> Understanding:
    """One for each process and setting: for the worker's jobs and the commands, which have no application."""
    return Understanding(setting)
