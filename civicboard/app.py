"""The application: the only list of routes, live renderers and middleware."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from civicboard.board import live as board_live
from civicboard.board import routes as board
from civicboard.kit import errors, filters, health, logs, migrations, web
from civicboard.kit.assets import Assets
from civicboard.kit.clock import Clock, wall_clock
from civicboard.kit.database import Database
from civicboard.kit.hub import Hub
from civicboard.kit.limits import Rates
from civicboard.kit.meaning import Understanding
from civicboard.kit.partials import Pages
from civicboard.kit.safety import BadInput, BodyCap, MethodOverride, SameOrigin, SecurityHeaders
from civicboard.kit.socket import serve_live
from civicboard.kit.visitors import TOUCH_SECONDS, Visitors
from civicboard.linking import make_desk
from civicboard.matching import routes as matching
from civicboard.matching.policy.config import config_of
from civicboard.networks import live as networks_live
from civicboard.networks import routes as networks
from civicboard.notices import live as notices_live
from civicboard.notices import routes as notices
from civicboard.notices.queries import find_visitor
from civicboard.offers import live as offers_live
from civicboard.offers import routes as offers
from civicboard.organisations import routes as organisations
from civicboard.organisations.events import AffiliationChanged
from civicboard.people import routes as people
from civicboard.people.actions import touch_session
from civicboard.people.events import ProfileEdited, SessionEnded
from civicboard.people.gateway import Gateway
from civicboard.posts import live as posts_live
from civicboard.posts import routes as posts
from civicboard.problems import routes as problems
from civicboard.progress import live as progress_live
from civicboard.progress import routes as progress
from civicboard.settings import Provider, Settings
from civicboard.skills import routes as skills
from civicboard.watching import AUDIENCES, heed_members

HERE = Path(__file__).parent

RENDERERS = [
    *board_live.RENDERERS,
    *posts_live.RENDERERS,
    *offers_live.RENDERERS,
    *progress_live.RENDERERS,
    *networks_live.RENDERERS,
    *notices_live.RENDERERS,
]

#: A statement of a page that takes longer is given up, and the page says that the board is busy.
STATEMENT_SECONDS = 20.0
#: So long after its start a web process has the model loaded, if there is one: the first pages come first.
WAKE_SECONDS = 3.0
#: The largest body each door takes, in bytes; photos will have more.
BODY_BYTES = 256 * 1024


async def show_live(socket: WebSocket) -> None:
    await serve_live(socket, AUDIENCES)


async def show_viewer_css(request: Request) -> Response:
    """The rules that show one person their own controls, and hide what makes no sense for them.

    They say nothing about anybody, and never change.
    """
    number = request.path_params["id"]
    return Response(
        f'@layer utilities {{ [data-for~="{number}"] {{ display: revert-layer }}'
        f' [data-not-for~="{number}"] {{ display: none }} }}\n',
        media_type="text/css",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )


async def show_robots(request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /login\nDisallow: /account\n")


def routes(assets: Assets) -> list[Any]:
    """Every door of the board. The more particular come before the more general."""
    return [
        Route("/robots.txt", show_robots, name="show_robots"),
        Route("/viewer/{id:int}.css", show_viewer_css, name="show_viewer_css"),
        *health.ROUTES,
        *people.ROUTES,
        *organisations.ROUTES,
        *skills.ROUTES,
        *problems.ROUTES,
        *networks.ROUTES,
        *posts.ROUTES,
        Route(
            "/problems/{number:int}/posts",
            posts.create_post_on(board.show_problem),
            methods=["POST"],
            name="create_post",
        ),
        *progress.ROUTES,
        *offers.ROUTES,
        *matching.ROUTES,
        *notices.ROUTES,
        *board.ROUTES,
        WebSocketRoute("/live", show_live, name="show_live"),
        Mount("/static", assets.app, name="static"),
    ]


class OwnHost:
    """Answers only to the board's own host names, and leads from the others that it knows to the one it goes by."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.hosts = {host.lower() for host in settings.hosts}
        self.origin = settings.origin
        self.netloc = urlsplit(settings.origin).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            given = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1").lower()
            host = re.sub(r":\d+$", "", given)
            if host not in self.hosts and scope["path"] not in ("/livez", "/readyz"):
                if scope["type"] == "websocket":
                    await receive()
                    return await send({"type": "websocket.close", "code": 1008, "reason": ""})
                return await errors.refuse(scope, receive, send, 400, "This board does not answer to that name.")
            if self._is_alias(given, host) and scope["type"] == "http" and scope["method"] == "GET":
                query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
                there = RedirectResponse(f"{self.origin}{scope['path']}{query}", 307)
                return await there(scope, receive, send)
        await self.app(scope, receive, send)

    def _is_alias(self, given: str, host: str) -> bool:
        """Whether this is the same loopback port under its other name: sessions and sign-in know only one."""
        loopback = ("localhost", "127.0.0.1")
        return (
            given != self.netloc
            and host in loopback
            and urlsplit(self.origin).hostname in loopback
            and given.partition(":")[2] == self.netloc.partition(":")[2]
        )


class Board(Starlette):
    """The application with its headers put on outside everything else, so that errors have them too."""

    def build_middleware_stack(self) -> ASGIApp:
        settings: Settings = self.state.kit.settings
        return SecurityHeaders(super().build_middleware_stack(), hsts=settings.production, origin=settings.origin)


def providers_of(settings: Settings) -> tuple[Provider, ...]:
    """The sign-in providers, with the demo's own when it is on."""
    if not settings.demo_issuer:
        return settings.providers
    demo = Provider(
        key="demo",
        kind="oidc",
        label="Millbrook’s demo sign-in",
        client_id="civicboard",
        client_secret="demo",  # noqa: S106  # the demo's provider is for trying things out, and says so
        issuer=settings.demo_issuer,
    )
    return (demo, *settings.providers)


def make_pages(settings: Settings, assets: Assets) -> Pages:
    """The templates, with the words and filters that every one of them may use."""
    pages = Pages(HERE / "templates")
    pages.environment.filters |= filters.filters(ZoneInfo(settings.timezone))
    pages.environment.globals["asset"] = assets.url
    return pages


def create_app(settings: Settings, *, clock: Clock = wall_clock) -> Board:
    """The board as an ASGI application. Its database is migrated already."""
    database = Database(settings.database_url, pool_size=settings.pool_size, patience=STATEMENT_SECONDS)
    desk = make_desk(database, clock=clock, notify=settings.notify)
    assets = Assets(HERE / "static", reload=settings.environment == "development" and settings.debug)
    pages = make_pages(settings, assets)
    weights = config_of(settings).weights
    hub = Hub(desk, pages, RENDERERS, poll_seconds=settings.poll_seconds, weights=weights)
    hub.on(SessionEnded, lambda event: hub.close_session(event.session_id))
    hub.on(ProfileEdited, lambda event: hub.hide_name(event.person_id))
    hub.derive(AffiliationChanged, board_live.badges_changed)
    heed_members(hub)
    touch = functools.partial(touch_session, every=timedelta(seconds=TOUCH_SECONDS))
    rates = Rates(database.engine, settings.rate_scale, settings.secret)
    kit = web.Kit(settings, desk, pages, assets, rates, hub, migrations.newest())
    kit.parts[Gateway] = Gateway(providers_of(settings), settings.origin)
    understanding = kit.parts[Understanding] = Understanding(settings.meaning)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await hub.start()
        counting = asyncio.create_task(_count_forever(rates), name="rates")
        waking = asyncio.get_running_loop().call_later(WAKE_SECONDS, understanding.wake)
        try:
            yield
        finally:
            counting.cancel()
            waking.cancel()
            await hub.stop()
            await understanding.close()
            await database.close()

    app = Board(
        routes=routes(assets),
        middleware=[
            Middleware(logs.Ledger),
            Middleware(GZipMiddleware, minimum_size=1500, compresslevel=1),
            Middleware(BadInput, refuse=errors.refuse),
            Middleware(OwnHost, settings=settings),
            Middleware(BodyCap, limit_for=lambda _: BODY_BYTES, refuse=errors.refuse),
            Middleware(MethodOverride),
            Middleware(Visitors, find_viewer=find_visitor, touch=touch, refuse=errors.refuse),
            Middleware(
                SameOrigin,
                origin=settings.origin,
                secret=settings.secret,
                exempt=lambda path: re.fullmatch(r"/login/[a-z0-9-]+/logout", path) is not None,
                refuse=errors.refuse,
            ),
        ],
        exception_handlers={**errors.HANDLERS, web.SignInFirst: people.ask_to_sign_in},
        lifespan=lifespan,
    )
    # Starlette would lead from an address with a slash too many to an absolute one, and behind a proxy to http.
    app.router.redirect_slashes = False
    app.state.kit = kit
    return app


async def _count_forever(rates: Rates) -> None:
    while True:
        await asyncio.sleep(1.0)
        # The database may be away: what was counted stays in memory, and limits go on from there.
        with contextlib.suppress(Exception):
            await rates.flush()
