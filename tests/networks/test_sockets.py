"""The members' topic on a real server: who may watch it, and how it ends, whoever did the deed in another process."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from civicboard.kit.hub import ASK_AGAIN, SIGNED_OUT
from civicboard.kit.work import Desk
from civicboard.networks.actions import step_out, write_members_post
from civicboard.people.actions import end_session
from tests.cast import Cast, a_post, a_welcome_offer
from tests.security.servers import Served, served


def opening(board: Served, cast: Cast, role: str) -> connect:
    token = cast.tokens.get(role, "")
    return connect(
        f"{board.socket}?on=network:{cast.problem}:members",
        origin=board.origin,  # type: ignore[arg-type]
        additional_headers={"Cookie": f"session={token}"} if token else {},
        open_timeout=10,
        proxy=None,
    )


async def hears(socket: ClientConnection, words: str) -> None:
    async with asyncio.timeout(5):
        while words not in json.loads(await socket.recv()).get("content", ""):
            pass


async def closed_with(socket: ClientConnection) -> int:
    """The code that the server closes it with, within two seconds."""
    async with asyncio.timeout(2):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()
    assert socket.close_code is not None
    return socket.close_code


async def test_the_members_topic_is_for_members_as_long_as_they_are(
    database_url: str, desk: Desk, cast: Cast, tmp_path: Path
) -> None:
    await a_welcome_offer(desk, cast.bo, cast)
    await a_post(desk, cast.cy, cast.problem)
    with served(database_url, tmp_path) as board:
        for role in ("cy", "dee", "stranger"):
            with pytest.raises(InvalidStatus) as no:
                async with opening(board, cast, role):
                    pass
            assert no.value.response.status_code == 404
        async with opening(board, cast, "ada") as ada, opening(board, cast, "bo") as bo:
            for socket in (ada, bo):
                await socket.recv()
            async with desk.writing(cast.bo) as work:
                await write_members_post(work, cast.problem, words="The key is under the pot.")
            await hears(ada, "The key is under the pot.")
            await hears(bo, "The key is under the pot.")
            async with desk.writing(cast.bo) as work:
                await step_out(work, cast.problem)
            assert await closed_with(bo) == ASK_AGAIN
            with pytest.raises(InvalidStatus):
                async with opening(board, cast, "bo"):
                    pass
            async with desk.writing(cast.ada) as work:
                assert cast.ada.session_id is not None
                await end_session(work, cast.ada.session_id)
            assert await closed_with(ada) == SIGNED_OUT
