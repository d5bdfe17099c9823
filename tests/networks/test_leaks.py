"""What members write never leaves their audience, whatever people do and in whichever order."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from civicboard.app import Board
from civicboard.kit.hub import ASK_AGAIN, Hub, Watcher
from civicboard.kit.outbox import Cursor, present
from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.kit.work import Desk, Missing
from civicboard.networks.actions import come_back, edit_members_post, step_out, write_members_post
from civicboard.offers.actions import make_offer, welcome_offer, withdraw_offer
from civicboard.posts.actions import write_post
from civicboard.problems.actions import post_problem
from civicboard.watching import watch_network
from tests.cast import Cast, Told
from tests.conftest import TurnedClock, client_for
from tests.kit.test_hub import Kept

#: What nobody else may read, wherever they look for canaries.
SECRET = "plumage-and-song"
ROLES = ("ada", "bo", "cy", "dee", "nobody")
DEEDS = (
    "talk",
    "welcome",
    "withdraw",
    "step out",
    "come back",
    "write",
    "write",
    "edit",
    "connect",
    "connect",
    "later",
)
deeds = st.lists(st.tuples(st.sampled_from(DEEDS), st.sampled_from(ROLES)), min_size=4, max_size=16)


@dataclass
class Part:
    """What one person is round the problem, told without looking at the board."""

    offers: list[int] = field(default_factory=list)
    #: What they bring that is no standing offer any more: they stepped out, and undid it.
    brings: int = 0
    part: str = "none"
    left: bool = False
    may_undo: bool = False

    @property
    def reads(self) -> bool:
        return self.part == "poster" or (self.part == "helper" and not self.left)


@dataclass
class Round:
    """One problem, who is round it, and what each was sent over their sockets."""

    app: Board
    desk: Desk
    clock: TurnedClock
    cast: Cast
    number: int
    cursor: Cursor
    parts: dict[str, Part]
    wires: dict[str, list[Kept]] = field(default_factory=lambda: {role: [] for role in ROLES})
    #: Each post: its number, its author, its version, and when it was written.
    written: list[tuple[int, str, int, Any]] = field(default_factory=list)

    @property
    def hub(self) -> Hub:
        found: Hub = self.app.state.kit.hub
        return found

    @property
    def topic(self) -> str:
        return f"network:{self.number}:members"

    def viewer(self, role: str) -> Viewer:
        found: Viewer = NOBODY if role == "nobody" else getattr(self.cast, role)
        return found

    async def may(self, role: str) -> bool:
        async with self.desk.reading(self.viewer(role)) as work:
            return await watch_network(work, f"{self.number}:members") is not None

    async def connect(self, role: str) -> None:
        """As kit.socket does it, with the cursor of a page from before all of this."""
        wire, who = Kept(), self.viewer(role)
        if not await self.may(role):
            assert not self.parts[role].reads
            return
        assert self.parts[role].reads, f"{role} is let in"
        watcher = Watcher(
            wire,
            [self.topic],
            person_id=who.id,
            session_id=who.session_id,
            address="a",
            ask_again=lambda: self.may(role),
        )
        await self.hub.join(watcher, self.cursor)
        self.wires[role].append(wire)

    async def do(self, deed: str, role: str) -> None:
        part, who = self.parts[role], self.viewer(role)
        if deed == "later":
            self.clock.turn(hours=2)
            for one in self.parts.values():
                one.may_undo = False
            return
        if deed == "connect":
            return await self.connect(role)
        if role == "nobody" or (role == "ada" and deed not in ("write", "edit")):
            return
        async with AsyncExitStack() as stack:
            work = await stack.enter_async_context(self.desk.writing(who))
            match deed:
                case "talk":
                    await write_post(work, self.number, kind="reply", capacity="neighbour", words="Good morning.")
                    if part.left or part.part == "none":
                        part.part, part.brings, part.left = "talker", 0, False
                case "welcome":
                    offer = await make_offer(work, self.number, what=f"Thing {len(part.offers)} of {role}")
                    work.viewer = self.cast.ada
                    await work.session.flush()
                    await welcome_offer(work, offer)
                    part.brings = 0 if part.left else part.brings
                    part.part, part.left = "helper", False
                    part.offers.append(offer)
                case "withdraw" if part.offers:
                    await withdraw_offer(work, part.offers.pop())
                    if not part.offers and not part.brings:
                        part.part = "talker"
                case "step out" if part.part != "none" and not part.left:
                    await step_out(work, self.number)
                    part.brings += len(part.offers)
                    part.offers, part.left, part.may_undo = [], True, True
                case "come back":
                    assert await come_back(work, self.number) == (part.left and part.may_undo)
                    part.left = part.left and not part.may_undo
                case "write":
                    words = f"canary {SECRET}"
                    try:
                        post = await write_members_post(work, self.number, words=words)
                    except Missing:
                        assert not part.reads
                    else:
                        assert part.reads, f"{role} wrote there"
                        self.written.append((post, role, 1, self.clock()))
                case "edit" if self.written:
                    post, author, version, at = self.written[-1]
                    if author == role and part.reads and version == 1 and at == self.clock():
                        words = f"another canary {SECRET}"
                        await edit_members_post(work, self.number, post, words=words, seen_version=version)
                        self.written[-1] = (post, author, 2, at)

    async def check_wires(self) -> None:
        """Nobody's socket is open who may not read, and nothing was sent to such a one since the last look."""
        await self.hub.sweep()
        watched = {watcher.person_id for watcher in self.hub.topics.get(self.topic, ())}
        for role, wires in self.wires.items():
            may = self.parts[role].reads
            if not may:
                assert self.viewer(role).id not in watched, f"{role} still watches"
                assert all(wire.closed == ASK_AGAIN for wire in wires), f"{role} was not told to come again"
            for wire in wires:
                sent = json.dumps(wire.messages)
                assert may or SECRET not in sent, f"{role} was sent what is not theirs"
                wire.messages.clear()

    async def check_pages(self) -> None:
        thread = f"/problems/{self.number}/network/members"
        pages = [
            "/",
            f"/problems/{self.number}/network",
            f"/problems/{self.number}/x",
            f"/problems/{self.number}/history",
            "/search?q=canary",
            "/networks?q=canary",
            *(f"/people/{role}" for role in ROLES[:4]),
            *(f"{thread}/{post}/edit" for post, *_ in self.written[:1]),
        ]
        for role in ROLES:
            token = self.cast.tokens.get(role, "")
            async with client_for(self.app, token=token) as client:
                for page in pages:
                    answer = await client.get(page, follow_redirects=True)
                    own = self.parts[role].reads and page.startswith(thread)
                    assert own or SECRET not in answer.text, f"{role} reads it on {page}"
                answer = await client.get(thread)
            assert answer.status_code == (200 if self.parts[role].reads else 404), role
            if self.parts[role].reads:
                assert answer.text.count('<article class="post"') == len(self.written)

    async def check_events(self) -> None:
        async with self.desk.reading() as work:
            rows = (await work.session.execute(text("SELECT kind, data FROM events"))).all()
        assert all(isinstance(value, int) for _, data in rows for value in data.values())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(done=deeds)
async def test_members_posts_never_leave_their_audience(
    app: Board, desk: Desk, cast: Cast, clock: TurnedClock, done: list[tuple[str, str]]
) -> None:
    async with desk.reading() as work:
        cursor = await present(work.session)
    async with desk.writing(cast.ada) as work:
        number = (await post_problem(work, Told())).id
    parts = {role: Part(part="poster" if role == "ada" else "none") for role in ROLES}
    here = Round(app, desk, clock, cast, number, cursor, parts)
    # Somebody always writes, and somebody always watches.
    await here.do("welcome", "bo")
    await here.do("connect", "bo")
    await here.do("connect", "ada")
    for deed, role in [("write", "ada"), *done]:
        await here.do(deed, role)
        await here.check_wires()
    await here.check_pages()
    await here.check_events()


async def test_who_leaves_between_the_handshake_and_the_first_message_is_sent_nothing(
    app: Board, desk: Desk, cast: Cast, clock: TurnedClock
) -> None:
    """The right is asked again after what was missed is rendered: what came after the leaving is not in it."""
    async with desk.reading() as work:
        cursor = await present(work.session)
    parts = {role: Part(part="poster" if role == "ada" else "none") for role in ROLES}
    here = Round(app, desk, clock, cast, cast.problem, cursor, parts)
    await here.do("welcome", "bo")
    assert await here.may("bo")
    wire = Kept()

    async def ask_again() -> bool:
        return await here.may("bo")

    watcher = Watcher(wire, [here.topic], person_id=cast.bo.id, session_id=1, address="a", ask_again=ask_again)
    await here.do("step out", "bo")
    await here.do("write", "ada")
    await here.hub.join(watcher, cursor)
    assert (wire.closed, wire.messages) == (ASK_AGAIN, [])
    assert watcher not in here.hub.watchers


async def test_one_member_s_leaving_closes_nobody_else_s_page(
    app: Board, desk: Desk, cast: Cast, clock: TurnedClock
) -> None:
    async with desk.reading() as work:
        cursor = await present(work.session)
    parts = {role: Part(part="poster" if role == "ada" else "none") for role in ROLES}
    here = Round(app, desk, clock, cast, cast.problem, cursor, parts)
    for deed, role in (("welcome", "bo"), ("welcome", "cy"), ("connect", "bo"), ("connect", "cy"), ("connect", "ada")):
        await here.do(deed, role)
        await here.hub.sweep()
    await here.do("step out", "cy")
    await here.do("write", "ada")
    await here.hub.sweep()
    assert [here.wires[role][0].closed for role in ("ada", "bo", "cy")] == [None, None, ASK_AGAIN]
    assert [(SECRET in json.dumps(here.wires[role][0].messages)) for role in ("ada", "bo", "cy")] == [
        True,
        True,
        False,
    ]
