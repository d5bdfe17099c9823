"""GitHub as it looks from outside: no ID token, errors with status 200, scopes that the person may refuse."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.providers.loopback import Codes


class GitHub:
    """``user`` is who signs in; ``grants`` is what they let the board see, whatever it asked for."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.codes = Codes()
        self.scopes: dict[str, set[str]] = {}
        self.behave()

    def behave(self) -> None:
        self.grants: set[str] = {"read:user", "user:email"}
        self.denies = False
        self.user: dict[str, Any] = {
            "id": 583231,
            "login": "octo-ada",
            "name": "Ada Octo",
            "email": None,
            "avatar_url": "https://avatars.example/u/583231",
        }
        self.emails: list[dict[str, Any]] = [
            {"email": "old@millbrook.example", "primary": False, "verified": False, "visibility": None},
            {"email": "ada@millbrook.example", "primary": True, "verified": True, "visibility": "private"},
        ]

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if self.denies:
            query = {"error": "access_denied", "error_description": "The user has denied your access"}
        else:
            query = {"code": self.codes.make(asked)}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({**query, 'state': asked['state']})}", 302)

    async def create_token(self, request: Request) -> Response:
        form = await request.form()
        asked = self.codes.take(form)
        if asked is None:
            said = {
                "error": "bad_verification_code",
                "error_description": "The code passed is incorrect or expired.",
            }
        elif form.get("client_secret") != "github-secret":
            said = {"error": "incorrect_client_credentials"}
        else:
            token = f"gho_{len(self.scopes)}"
            self.scopes[token] = self.grants
            said = {"access_token": token, "token_type": "bearer", "scope": ",".join(sorted(self.grants))}
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse(said)
        return PlainTextResponse(urlencode(said), media_type="application/x-www-form-urlencoded")

    async def show_user(self, request: Request) -> Response:
        return JSONResponse(self.user) if self._scopes(request) is not None else self._stranger()

    async def show_emails(self, request: Request) -> Response:
        scopes = self._scopes(request)
        if scopes is None:
            return self._stranger()
        if "user:email" not in scopes:
            return JSONResponse({"message": "Not Found"}, 404)
        return JSONResponse(self.emails)

    def _scopes(self, request: Request) -> set[str] | None:
        if not request.headers.get("user-agent"):
            return None
        return self.scopes.get(request.headers.get("authorization", "").removeprefix("Bearer "))

    def _stranger(self) -> Response:
        return JSONResponse({"message": "Bad credentials"}, 401)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/login/oauth/authorize", self.authorize),
                Route("/login/oauth/access_token", self.create_token, methods=["POST"]),
                Route("/api/user", self.show_user),
                Route("/api/user/emails", self.show_emails),
            ]
        )
