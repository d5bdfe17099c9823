"""Authlib's authorization server, fitted to Starlette, with everything it remembers in memory."""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidRequestError,
    OAuth2Payload,
    OAuth2Request,
    ResourceProtector,
    TokenMixin,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator, BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import AuthorizationCodeMixin, OpenIDCode
from joserfc.jwk import KeySet, RSAKey
from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from civicboard.demo.provider.cast import SCOPES, Client, Person
from civicboard.demo.provider.keys import ALGORITHM

#: Seconds that a code, and then an access token, may be used for.
CODE_LASTS = 60
TOKEN_LASTS = 600


@dataclass
class Visit:
    """One browser that is signed in here, and the boards that it went to."""

    sid: str
    person: Person
    since: int
    clients: set[str] = field(default_factory=set)


@dataclass
class Code(AuthorizationCodeMixin):  # type: ignore[misc]  # Authlib has no types
    """A single-use authorization code."""

    client_id: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    visit: Visit
    made_at: float

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.visit.since


@dataclass
class Token(TokenMixin):  # type: ignore[misc]  # Authlib has no types
    """An access token, for the userinfo page."""

    client_id: str
    person: Person
    scope: str
    made_at: float

    def get_scope(self) -> str:
        return self.scope

    def is_expired(self) -> bool:
        return time.time() > self.made_at + TOKEN_LASTS

    def is_revoked(self) -> bool:
        return False


class _Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    @cached_property
    def data(self) -> dict[str, str]:
        return dict(self._pairs)

    @cached_property
    def datalist(self) -> MutableMapping[str, list[str]]:
        several = defaultdict(list)
        for name, value in self._pairs:
            several[name].append(value)
        return several


class Asked(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A Starlette request whose form was read already, as Authlib wants to see it.

    ``user`` is the Visit, once there is one.
    """

    def __init__(self, request: Request, form: FormData, issuer: str) -> None:
        # The address that people use: behind a tunnel the request's own may be another.
        super().__init__(request.method, issuer + request.url.path, headers=request.headers)
        self._query, self._form = request.query_params, form
        words = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        self.payload = _Payload([*request.query_params.multi_items(), *words])

    @property
    def args(self) -> QueryParams:
        return self._query

    @property
    def form(self) -> FormData:
        return self._form


class Answer(Response):
    """A response whose ``location`` Authlib may rewrite."""

    @property
    def location(self) -> str | None:
        return self.headers.get("location")

    @location.setter
    def location(self, url: str) -> None:
        self.headers["location"] = url


class _Issuer(IssuerParameter):  # type: ignore[misc]  # Authlib has no types
    """RFC 9207: each answer says who made it."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        return self._issuer


class _CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    def save_authorization_code(self, code: str, request: Asked) -> None:
        asked, visit = request.payload.data, request.user
        visit.clients.add(request.client.client_id)
        self.server.codes[code] = Code(
            client_id=request.client.client_id,
            redirect_uri=asked["redirect_uri"],
            scope=request.scope,
            nonce=asked.get("nonce", ""),
            code_challenge=asked["code_challenge"],
            code_challenge_method=asked["code_challenge_method"],
            visit=visit,
            made_at=time.time(),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        # Taken out at once: a second use, even while the first goes on, finds nothing.
        found: Code | None = self.server.codes.pop(code, None)
        if found is None or found.client_id != client.client_id or time.time() > found.made_at + CODE_LASTS:
            return None
        return found

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It is gone already."""

    def authenticate_user(self, authorization_code: Code) -> Visit:
        return authorization_code.visit


class _Pkce(CodeChallenge):  # type: ignore[misc]  # Authlib has no types
    """PKCE with S256 for everyone; Authlib asks it of public clients only."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar = ["S256"]

    def validate_code_challenge(self, grant: _CodeGrant, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or not asked.get("code_challenge_method"):
            raise InvalidRequestError("PKCE with S256 is required.")
        super().validate_code_challenge(grant, redirect_uri)


class _OpenId(OpenIDCode):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, server: Server) -> None:
        super().__init__(require_nonce=True)
        self._server = server

    def exists_nonce(self, nonce: str, request: Asked) -> bool:
        return False  # a board checks its own nonce; refusing one here would punish a double click

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self._server.key

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": ALGORITHM, "kid": self._server.kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self._server.issuer, "aud": client.client_id}

    def generate_user_info(self, user: Visit, scope: str) -> dict[str, str | bool]:
        return {**user.person.claims(scope), "sid": user.sid}


class _Bearer(BearerTokenValidator):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, tokens: Mapping[str, Token]) -> None:
        super().__init__()
        self._tokens = tokens

    def authenticate_token(self, token_string: str) -> Token | None:
        return self._tokens.get(token_string)


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """The provider: authorization codes with PKCE and nonce, and ID tokens signed with ``key``."""

    def __init__(self, issuer: str, clients: Iterable[Client], key: RSAKey) -> None:
        super().__init__(scopes_supported=list(SCOPES))
        self.issuer = issuer
        self.key = key
        self.kid = KeySet([key]).keys[0].kid or ""
        self.clients = {client.client_id: client for client in clients}
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.visits: dict[str, Visit] = {}
        bearer = BearerTokenGenerator(lambda **_: secrets.token_urlsafe(32), expires_generator=TOKEN_LASTS)
        self.register_token_generator("default", bearer)
        self.register_grant(_CodeGrant, [_Pkce(required=True), _OpenId(self)])
        self.register_extension(_Issuer(issuer))
        self.protector = ResourceProtector()
        self.protector.register_token_validator(_Bearer(self.tokens))

    def query_client(self, client_id: str) -> Client | None:
        return self.clients.get(client_id)

    def save_token(self, token: dict[str, Any], request: Asked) -> None:
        self.forget()
        self.tokens[token["access_token"]] = Token(
            request.client.client_id, request.user.person, token.get("scope", ""), time.time()
        )

    def forget(self) -> None:
        """Drop the codes and tokens that have run out."""
        now = time.time()
        for code in [c for c, kept in self.codes.items() if now > kept.made_at + CODE_LASTS]:
            del self.codes[code]
        for token in [t for t, kept in self.tokens.items() if kept.is_expired()]:
            del self.tokens[token]

    def create_oauth2_request(self, request: Asked) -> Asked:
        return request

    def handle_response(self, status: int, body: Any, headers: Iterable[tuple[str, str]]) -> Answer:
        if isinstance(body, dict):
            made = JSONResponse(body, status)
            return Answer(made.body, status, {**dict(headers), "content-type": "application/json"})
        return Answer(body, status, dict(headers))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def visit(self, sid: str | None) -> Visit | None:
        """Whose visit a browser's cookie names."""
        return self.visits.get(sid or "")

    def start_visit(self, person: Person) -> Visit:
        """Sign a browser in."""
        made = Visit(secrets.token_urlsafe(24), person, int(time.time()))
        self.visits[made.sid] = made
        return made
