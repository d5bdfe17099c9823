"""Mastodon as it looks from outside: boards register themselves, and there is no ID token and no e-mail."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.providers.loopback import Codes


class Mastodon:
    """``apps`` are the registrations, by client id; clear it and the server has forgotten them."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.codes = Codes()
        self.apps: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()
        self.account: dict[str, Any] = {
            "id": "109876543210987654",
            "username": "ada",
            "acct": "ada",
            "display_name": "Ada \u0000 of the\u202e Mill",
            "avatar_static": "https://files.example/ada.png",
        }

    async def create_app(self, request: Request) -> Response:
        form = await request.form()
        if not form.get("client_name") or not form.get("redirect_uris"):
            return JSONResponse({"error": "Validation failed"}, 422)
        client_id = secrets.token_urlsafe(16)
        made = {"client_id": client_id, "client_secret": secrets.token_urlsafe(16)}
        self.apps[client_id] = {**made, **{name: str(value) for name, value in form.items()}}
        return JSONResponse({"id": str(len(self.apps)), "name": form["client_name"], "vapid_key": "x", **made})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        app = self.apps.get(asked["client_id"])
        if app is None or app["redirect_uris"] != asked["redirect_uri"] or app["scopes"] != asked["scope"]:
            return PlainTextResponse("Client authentication failed due to unknown client", 401)
        query = {"code": self.codes.make(asked), "state": asked["state"]}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(query)}", 302)

    async def create_token(self, request: Request) -> Response:
        form = await request.form()
        app = self.apps.get(str(form.get("client_id")))
        if app is None or app["client_secret"] != form.get("client_secret"):
            return JSONResponse({"error": "invalid_client"}, 401)
        token = secrets.token_urlsafe(16)
        if form.get("grant_type") != "client_credentials":
            if self.codes.take(form) is None:
                return JSONResponse({"error": "invalid_grant"}, 400)
            self.tokens.add(token)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "scope": "read:accounts", "created_at": 1})

    async def show_account(self, request: Request) -> Response:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return JSONResponse({"error": "The access token is invalid"}, 401)
        return JSONResponse(self.account)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/v1/apps", self.create_app, methods=["POST"]),
                Route("/oauth/authorize", self.authorize),
                Route("/oauth/token", self.create_token, methods=["POST"]),
                Route("/api/v1/accounts/verify_credentials", self.show_account),
            ]
        )
