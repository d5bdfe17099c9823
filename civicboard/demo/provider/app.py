"""The provider's pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from civicboard.demo.provider.cast import SCOPES, Client, Person
from civicboard.demo.provider.goodbye import EndSession, tell_boards
from civicboard.demo.provider.keys import ALGORITHM, signing_key
from civicboard.demo.provider.server import Answer, Asked, Server, Visit

#: Cookies don't know ports: this one's name keeps it apart from the board's on the same host.
COOKIE = "demo_provider_visit"

_TEMPLATES = Path(__file__).parents[2] / "templates" / "demo"


class _Pages:
    def __init__(self, server: Server, cast: Iterable[Person]) -> None:
        self.server = server
        self.cast = {person.subject: person for person in cast}
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    async def show_metadata(self, request: Request) -> Response:
        issuer = self.server.issuer
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "userinfo_endpoint": f"{issuer}/userinfo",
                "jwks_uri": f"{issuer}/jwks",
                "end_session_endpoint": f"{issuer}/end-session",
                "scopes_supported": list(SCOPES),
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [ALGORITHM],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "claims_supported": ["sub", "name", "preferred_username", "email", "email_verified", "sid"],
                "prompt_values_supported": ["none", "login", "select_account"],
                "authorization_response_iss_parameter_supported": True,
                "backchannel_logout_supported": True,
                "backchannel_logout_session_supported": True,
            }
        )

    async def show_keys(self, request: Request) -> Response:
        return JSONResponse(KeySet([self.server.key]).as_dict(private=False))

    async def show_cast(self, request: Request) -> Response:
        """The page that a board sends people to: who would you like to be?"""
        visit = self.server.visit(request.cookies.get(COOKIE))
        asked = await self._asked(request)
        try:
            grant = self.server.get_consent_grant(asked, visit)
        except OAuth2Error as error:
            return self._refuse(asked, error)
        prompt = asked.payload.data.get("prompt", "")
        if prompt == "none" and visit is not None:
            return self._grant(asked, visit)
        # With a visit going on, the same person is one click away; the others are still there.
        return self._page(
            "authorize.html",
            allow=grant.redirect_uri,
            here=visit.person if visit is not None and "login" not in prompt else None,
            cast=list(self.cast.values()),
            action="?" + urlencode(request.query_params.multi_items()),
        )

    async def choose_person(self, request: Request) -> Response:
        """One of the cast was clicked, or "No, go back"."""
        form = await request.form()
        if request.headers.get("origin", self.server.issuer) != self._origin():
            return self._page(
                "message.html", status=403, title="That didn't come from this page", text="Please go back."
            )
        asked = await self._asked(request)
        try:
            self.server.get_consent_grant(asked, None)
        except OAuth2Error as error:
            return self._refuse(asked, error)
        if form.get("deny"):
            return self._grant(asked, None)
        person = self.cast.get(str(form.get("subject", "")))
        if person is None:
            return self._page("message.html", status=422, title="Nobody of that name", text="Please choose again.")
        before = self.server.visit(request.cookies.get(COOKIE))
        if before is not None and before.person == person:
            return self._grant(asked, before)
        visit = self.server.start_visit(person)
        answer = self._grant(asked, visit)
        secure = self.server.issuer.startswith("https://")
        answer.set_cookie(COOKIE, visit.sid, httponly=True, samesite="lax", secure=secure)
        if before is not None:
            self.server.visits.pop(before.sid, None)
            answer.background = BackgroundTask(tell_boards, self.server, [before])
        return answer

    async def create_token(self, request: Request) -> Response:
        answer: Response = self.server.create_token_response(await self._asked(request))
        return answer

    async def show_userinfo(self, request: Request) -> Response:
        asked = await self._asked(request)
        try:
            token = self.server.protector.validate_request(["openid"], asked)
        except OAuth2Error as error:
            answer: Response = self.server.handle_error_response(asked, error)
            return answer
        return JSONResponse(token.person.claims(token.scope), headers={"cache-control": "no-store"})

    async def end_session(self, request: Request) -> Response:
        """RP-initiated logout, GET or POST; asks first unless the board shows an ID token of this visit."""
        asked = await self._asked(request)
        try:
            wanted = self.server.validate_endpoint_request("end_session", asked)
        except OAuth2Error as error:
            return self._page("message.html", status=400, title="You can't be signed out that way", text=str(error))
        visit = self.server.visit(request.cookies.get(COOKIE))
        named = (wanted.id_token_claims or {}).get("sid")
        confirmed = asked.form.get("confirm") == "yes" and request.headers.get("origin") == self._origin()
        if visit is not None and named != visit.sid and not confirmed:
            return self._page(
                "goodbye.html",
                person=visit.person,
                fields=[(name, value) for name, value in asked.payload.data.items() if name != "confirm"],
                allow=wanted.redirect_uri or "",
            )
        answer: Response
        if wanted.redirect_uri:
            answer = RedirectResponse(wanted.redirect_uri, 303)
        else:
            answer = self._page("message.html", title="You are signed out", text="You may close this page.")
        sids = {named, visit.sid if visit is not None else None}
        over = [self.server.visits.pop(sid) for sid in sids if sid in self.server.visits]
        answer.background = BackgroundTask(tell_boards, self.server, over)
        answer.delete_cookie(COOKIE)
        return answer

    async def _asked(self, request: Request) -> Asked:
        return Asked(request, await request.form(), self.server.issuer)

    def _grant(self, asked: Asked, visit: Visit | None) -> Answer:
        grant = self.server.get_authorization_grant(asked)
        answer: Answer = self.server.create_authorization_response(asked, grant_user=visit, grant=grant)
        answer.headers["cache-control"] = "no-store"
        answer.status_code = 303 if answer.status_code == 302 else answer.status_code
        return answer

    def _refuse(self, asked: Asked, error: OAuth2Error) -> Response:
        """Tell the board when it is a known one, and the person when it isn't."""
        if getattr(error, "redirect_uri", None):
            answer: Answer = self.server.handle_error_response(asked, error)
            if answer.location:
                answer.location = add_params_to_uri(answer.location, {"iss": self.server.issuer})
                return answer
        return self._page(
            "message.html",
            status=400,
            title="The board's question wasn't right",
            text=error.description or "It asked for something that this provider doesn't know.",
        )

    def _origin(self) -> str:
        parts = urlsplit(self.server.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    def _page(self, name: str, *, status: int = 200, allow: str = "", **words: object) -> Response:
        # Browsers hold a form's redirects to form-action too, and each of these forms may lead back to the
        # board.
        parts = urlsplit(allow)
        back = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
        headers = {
            "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
            f"frame-ancestors 'none'; form-action 'self'{back}",
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cache-control": "no-store",
        }
        return HTMLResponse(self._templates.get_template(name).render(words), status, headers)

    async def show_style(self, request: Request) -> Response:
        return Response((_TEMPLATES / "provider.css").read_bytes(), media_type="text/css")


def create_provider(
    issuer: str, clients: Iterable[Client], cast: Iterable[Person], key_file: Path | None = None
) -> Starlette:
    """The provider as an app of its own.

    ``issuer`` is its origin, as in http://127.0.0.1:8001, with no path. ``key_file`` keeps its signing key
    over restarts, so that boards needn't fetch it anew; without one each start makes a key.
    """
    server = Server(issuer, clients, signing_key(key_file))
    server.register_endpoint(EndSession)
    pages = _Pages(server, cast)
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", pages.show_metadata),
            Route("/jwks", pages.show_keys),
            Route("/authorize", pages.show_cast, methods=["GET"]),
            Route("/authorize", pages.choose_person, methods=["POST"]),
            Route("/token", pages.create_token, methods=["POST"]),
            Route("/userinfo", pages.show_userinfo, methods=["GET", "POST"]),
            Route("/end-session", pages.end_session, methods=["GET", "POST"]),
            Route("/provider.css", pages.show_style),
        ]
    )
    app.state.server = server
    return app
