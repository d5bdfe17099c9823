"""The least that each page could be: asyncpg, civicboard's own templates, and nothing else.

``L1`` renders the whole board each time. ``L2`` puts cached notices into the page's frame. ``ProblemPage`` does the
same with the posts of one problem, ``Reply`` writes one in a single transaction, and ``OneRow`` answers 304 after
asking the database for one row. There is no session, no policy, no header, no log, no rate and no error page in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import asyncpg
from markupsafe import Markup

from bench.data import driver_url
from civicboard.app import HERE, make_pages
from civicboard.board.queries import PAGE, SORTS, Card, Filter, stage_names
from civicboard.kit.assets import Assets
from civicboard.kit.forms import FormState
from civicboard.networks.queries import MOST_SHOWN, MemberRow
from civicboard.offers.models import NEED_KINDS
from civicboard.posts.models import CAPACITIES
from civicboard.posts.queries import PostRow, SaidRow
from civicboard.problems.queries import ProblemRow, Standing
from civicboard.settings import Settings

_PROBLEM = """
    SELECT p.id, p.title, p.slug, p.story, p.posted_at, p.moved_at, p.stage, p.whereabouts, p.latitude, p.longitude,
        p.tags, p.help_wanted, p.version, p.revision_count, p.affected_count, p.follower_count, p.post_count,
        p.offer_count, p.member_count, p.need_count, p.need_kinds, p.need_words, p.source, p.poster_id, p.convenor_id,
        people.name AS poster_name,
        people.handle AS poster_handle, places.slug AS place_slug, places.name AS place_name
    FROM problems p LEFT JOIN people ON people.id = p.poster_id LEFT JOIN places ON places.id = p.place_id
"""
_BOARD = f"{_PROBLEM} ORDER BY p.moved_at DESC, p.id DESC LIMIT {PAGE}"
_ONE = f"{_PROBLEM} WHERE p.id = $1"
_KEYS = f"""
    SELECT p.id, p.version, people.name AS poster_name, places.name AS place_name
    FROM problems p LEFT JOIN people ON people.id = p.poster_id LEFT JOIN places ON places.id = p.place_id
    ORDER BY p.moved_at DESC, p.id DESC LIMIT {PAGE}
"""
_POSTS = """
    SELECT posts.id, posts.problem_id, author_id, kind, capacity, words, posted_at, edited_at, version, quotes_id,
        name AS author_name, handle AS author_handle, '' AS author_badges
    FROM posts JOIN people ON people.id = author_id WHERE problem_id = $1 ORDER BY posts.id
"""
_POST_KEYS = """
    SELECT posts.id, version, name FROM posts JOIN people ON people.id = author_id
    WHERE problem_id = $1 ORDER BY posts.id
"""
_FACES = """
    SELECT problem_id, array_agg(name ORDER BY part, members.joined_at, person_id) AS names
    FROM members JOIN people ON people.id = person_id WHERE problem_id = ANY($1) GROUP BY problem_id
"""
_MEMBERS = """
    SELECT members.problem_id, person_id, name, handle, part, brings, brought, members.joined_at,
        true AS has_poster, shows_presence
    FROM members JOIN people ON people.id = person_id WHERE problem_id = $1 ORDER BY members.joined_at, person_id
    LIMIT $2
"""
_SAID = """
    SELECT posts.id, problem_id, title, name AS author_name, kind, words, posts.posted_at, posts.version
    FROM posts JOIN problems ON problems.id = problem_id JOIN people ON people.id = author_id
    ORDER BY posts.posted_at DESC LIMIT 6
"""

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def _nothing(_: asyncpg.Connection) -> None:
    """The pool's own tidying between two users costs a round trip, and there is nothing to tidy here."""


class Bare:
    """An ASGI application with a pool, the templates, and one page."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.assets = Assets(HERE / "static")
        self.pages = make_pages(settings, self.assets)

    async def start(self) -> None:
        self.pool = await asyncpg.create_pool(
            **driver_url(self.settings.database_url), min_size=4, max_size=10, reset=_nothing
        )
        await self.prepare()

    async def prepare(self) -> None:
        """Read what the page shows and this variant doesn't ask for each time."""

    async def stop(self) -> None:
        await self.pool.close()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await self.start()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
        status, body, headers = await self.answer(scope, receive)
        length = [(b"content-length", str(len(body)).encode())] if status != 304 else []
        kind = [(b"content-type", b"text/html; charset=utf-8"), *length, *headers]
        await send({"type": "http.response.start", "status": status, "headers": kind})
        await send({"type": "http.response.body", "body": body})

    async def answer(self, scope: Mapping[str, Any], receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        raise NotImplementedError

    def piece(self, template: str, context: Mapping[str, Any]) -> Markup:
        return Markup(self.pages.render(template, context))

    def frame(self, path: str) -> dict[str, Any]:
        """What every page's frame needs, for a stranger."""
        return {
            "viewer": None,
            "board_name": self.settings.board_name,
            "path": path,
            "asset": self.assets.url,
            "csrf": "",
            "flash": None,
            "refused": False,
            "cursor": "1-1.1:1:",
            "origin": self.settings.origin,
        }


class L1(Bare):
    """asyncpg and Jinja: 25 rows, each rendered by the board's own template."""

    async def prepare(self) -> None:
        rows = await self.pool.fetch("SELECT slug, name FROM places ORDER BY name")
        self.places = [tuple(row) for row in rows]
        tags = "SELECT DISTINCT unnest(tags) FROM (SELECT tags FROM problems ORDER BY id DESC LIMIT 500) t LIMIT 40"
        self.tags = [tag for (tag,) in await self.pool.fetch(tags)]
        said = [SaidRow(*row) for row in await self.pool.fetch(_SAID)]
        self.latest = [self.pages.kept("posts/_said.html", (row.id,), lambda row=row: {"said": row}) for row in said]
        numbers = [row["id"] for row in await self.pool.fetch(_BOARD)]
        self.faces = {row["problem_id"]: list(row["names"]) for row in await self.pool.fetch(_FACES, numbers)}

    async def answer(self, scope: Mapping[str, Any], receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        return 200, self.page(await self.notices()).encode(), []

    async def notices(self) -> list[Markup]:
        rows = [ProblemRow(**row) for row in await self.pool.fetch(_BOARD)]
        return [self.notice(row) for row in rows]

    def notice(self, row: ProblemRow) -> Markup:
        return self.piece("board/_notice.html", {"card": Card(row, self.faces.get(row.id, []))})

    def page(self, notices: list[Markup]) -> str:
        wanted = Filter()
        return self.pages.render(
            "board/board.html",
            {
                **self.frame("/"),
                "notices": notices,
                "wanted": wanted,
                "next": "1780300000000000-1",
                "places": self.places,
                "place": None,
                "tags": self.tags,
                "latest": self.latest,
                "stages": stage_names(),
                "sorts": list(SORTS.items()),
                "needs": list(NEED_KINDS.items()),
                "page_size": PAGE,
            },
        )


class L2(L1):
    """asyncpg and cached notices: only their keys are read, and the frame is rendered."""

    async def notices(self) -> list[Markup]:
        keys = [tuple(row) for row in await self.pool.fetch(_KEYS)]
        if any(("board/_notice.html", *key) not in self.pages.cached for key in keys):
            for row in [ProblemRow(**row) for row in await self.pool.fetch(_BOARD)]:
                key = (row.id, row.version, row.poster_name, row.place_name)
                self.pages.cached["board/_notice.html", *key] = self.notice(row)
        return [self.pages.cached["board/_notice.html", *key] for key in keys]


class OneRow(Bare):
    """A 304 after asking for one row."""

    async def answer(self, scope: Mapping[str, Any], receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        row = await self.pool.fetchrow("SELECT id, version FROM problems ORDER BY moved_at DESC, id DESC LIMIT 1")
        return 304, b"", [(b"etag", f'"{row["id"]}-{row["version"]}"'.encode())]


class ProblemPage(Bare):
    """asyncpg and cached pieces: the problem and its posts' keys are read, and the frame is rendered."""

    async def answer(self, scope: Mapping[str, Any], receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        found = re.match(r"/problems/(\d+)", scope["path"])
        assert found is not None
        number = int(found[1])
        problem = ProblemRow(**(await self.pool.fetchrow(_ONE, number)))
        keys = [tuple(row) for row in await self.pool.fetch(_POST_KEYS, number)]
        if any(("posts/_post.html", *key) not in self.pages.cached for key in keys):
            for row in [PostRow(**row) for row in await self.pool.fetch(_POSTS, number)]:
                self.pages.kept(
                    "posts/_post.html", (row.id, row.version, row.author_name), lambda row=row: {"post": row}
                )
        context = {
            **self.frame(problem.path),
            "problem": problem,
            "thread": [self.pages.cached["posts/_post.html", *key] for key in keys],
            **await self.around(problem),
            "before": None,
            "older": None,
            "standing": Standing(),
            "reply": FormState.of({"kind": "reply", "capacity": "neighbour"}),
            "preview": "",
            "capacities": list(CAPACITIES.items()),
            "may_set_stage": False,
            "may_edit": False,
            "related": [],
            "could_ask": [],
            "helping": None,
            "questions": [],
        }
        return 200, self.pages.render("board/problem.html", context).encode(), []

    async def around(self, problem: ProblemRow) -> dict[str, Any]:
        """What stands round the thread, rendered once for each version of the problem."""
        key, made = (problem.id, problem.version), self.pages.cached
        if ("around", *key) not in made:
            members = [MemberRow(**row) for row in await self.pool.fetch(_MEMBERS, problem.id, MOST_SHOWN)]
            around = {"members": members, "others": max(0, problem.member_count - len(members))}
            parts = {
                "head": self.piece("problems/_head.html", {"problem": problem}),
                "story": self.piece("problems/_story.html", {"problem": problem}),
                "needs": self.piece("offers/_needs.html", {"problem": problem, "needs": []}),
                "members": self.piece("networks/_members.html", around),
                "convenor": self.piece("networks/_convenor.html", {"problem": problem, "convenor": None}),
                "offers": [],
            }
            made["around", *key] = parts  # type: ignore[assignment]
        return made["around", *key]  # type: ignore[return-value]


class Reply(Bare):
    """A reply in one transaction: the post, the problem's counts, the event, NOTIFY."""

    async def answer(self, scope: Mapping[str, Any], receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        words = parse_qs(body.decode())["words"][0]
        found = re.match(r"/problems/(\d+)", scope["path"])
        assert found is not None
        number, now = int(found[1]), datetime.now(UTC)
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "UPDATE problems SET post_count = post_count + 1, version = version + 1, moved_at = $2 WHERE id = $1",
                number,
                now,
            )
            post = await connection.fetchval(
                "INSERT INTO posts (problem_id, author_id, kind, capacity, words, posted_at)"
                " VALUES ($1, 1, 'reply', 'neighbour', $2, $3) RETURNING id",
                number,
                words,
                now,
            )
            happened = json.dumps({"problem_id": number, "post_id": post})
            await connection.execute("INSERT INTO events (kind, data) VALUES ('ReplyPosted', $1)", happened)
            await connection.execute("SELECT pg_notify('civicboard_events', '')")
        return 303, b"", [(b"location", f"/problems/{number}#post-{post}".encode())]


KINDS: dict[str, type[Bare]] = {"l1": L1, "l2": L2, "one-row": OneRow, "problem": ProblemPage, "reply": Reply}


def make(kind: str, settings: Settings) -> Bare:
    return KINDS[kind](settings)


__all__ = ["KINDS", "Bare", "make"]
