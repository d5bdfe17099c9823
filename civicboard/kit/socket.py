"""``/live``: the one websocket of a page."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from civicboard.kit import web
from civicboard.kit.hub import Hub, Watcher
from civicboard.kit.outbox import Cursor
from civicboard.kit.partials import Fragment
from civicboard.kit.viewer import Viewer
from civicboard.kit.wire import wire_of
from civicboard.kit.work import Work

MOST_TOPICS = 4
MOST_A_PERSON = 5
MOST_AN_ADDRESS = 20


@dataclass(frozen=True, slots=True)
class Seat:
    """That a viewer may watch a topic, and the name they are shown under there ("" for nobody in particular).

    ``private`` says that not everybody may, so that it is asked once more before anything is sent.
    """

    shown_as: str = ""
    private: bool = False
    #: Whether who watches is counted, and told to the others who do. Not on a topic that is one person's own.
    counted: bool = True
    #: What stands on the topic now, for those whose page is older than what they may see of it.
    greeting: Sequence[Fragment] = ()


#: For each kind of topic: may this viewer watch it (None for no)? The argument is what stands behind the colon.
Audience = Callable[[Work, str], Awaitable[Seat | None]]


async def serve_live(socket: WebSocket, audiences: Mapping[str, Audience]) -> None:
    """Admit a socket to the topics it names, send what its page missed, and stay until it goes.

    That it comes from one of our own pages (its Origin) has been checked before it gets here.
    """
    held = web.kit(socket)
    hub = held.hub
    who, address = web.viewer(socket), web.address(socket)
    whose = address if who.id is None else who.id
    if hub.count(whose) >= (MOST_A_PERSON if who.signed_in else MOST_AN_ADDRESS) * held.settings.rate_scale:
        await socket.send_denial_response(
            PlainTextResponse("Too many pages are open at once.", 429, headers={"Retry-After": "60"})
        )
        return
    watcher: Watcher | None = None
    try:
        with hub.expecting(whose):
            watcher = await _admit(socket, hub, who, address, audiences)
        # Reading is how we notice that the page has left; nothing it says is needed.
        while watcher is not None and (await socket.receive())["type"] != "websocket.disconnect":
            pass
    except (WebSocketDisconnect, asyncio.CancelledError):
        pass
    finally:
        if watcher is not None:
            _part(hub, watcher)


async def _admit(
    socket: WebSocket, hub: Hub, who: Viewer, address: str, audiences: Mapping[str, Audience]
) -> Watcher | None:
    """Accept the socket and join it to its topics; None, and a refusal, when there is one that it may not watch."""
    topics = list(dict.fromkeys(socket.query_params.getlist("on")))
    seats = await _seats(socket, who, topics, audiences)
    if seats is None:
        await socket.send_denial_response(PlainTextResponse("There is nothing to watch there.", 404))
        return None
    await socket.accept()

    async def ask_again() -> bool:
        return await _seats(socket, who, topics, audiences) is not None

    watcher = Watcher(
        wire_of(socket),
        topics,
        person_id=who.id,
        session_id=who.session_id,
        address=address,
        ask_again=ask_again if any(seat.private for seat in seats.values()) else None,
    )
    watcher.shown_as = {topic: seat.shown_as for topic, seat in seats.items() if seat.shown_as}
    watcher.uncounted = frozenset(topic for topic, seat in seats.items() if not seat.counted)
    greeting = [one for seat in seats.values() for one in seat.greeting]
    try:
        await hub.join(watcher, Cursor.parse(socket.query_params.get("cursor", "")), greeting=greeting)
    except BaseException:
        _part(hub, watcher)
        raise
    return watcher


def _part(hub: Hub, watcher: Watcher) -> None:
    hub.leave(watcher)
    with contextlib.suppress(Exception):
        watcher.wire.close(1001)


async def _seats(
    socket: WebSocket, who: Viewer, topics: list[str], audiences: Mapping[str, Audience]
) -> dict[str, Seat] | None:
    if not topics or len(topics) > MOST_TOPICS:
        return None
    seats: dict[str, Seat] = {}
    async with web.reading(socket) as work:
        for topic in topics:
            kind, _, name = topic.partition(":")
            audience = audiences.get(kind)
            seat = await audience(work, name) if audience else None
            if seat is None:
                return None
            seats[topic] = seat
    return seats
