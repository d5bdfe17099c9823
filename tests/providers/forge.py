"""An OIDC provider that can be told to misbehave, one mischief at a time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import Key, KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.providers.loopback import Codes

CLIENT_ID = "board"
CLIENT_SECRET = "forge-secret"


def b64(data: bytes) -> str:
    """Unpadded base64url."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class _Ascii(json.JSONEncoder):
    """Writes half a character (a lone surrogate) as JSON may, rather than fail at it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": True})


def make_key(kid: str) -> RSAKey:
    """A fresh RSA key of that name."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


class Forge:
    """``mischief`` names what is wrong with the next answer; "" answers honestly.

    ``claims`` replaces members of the ID token and ``without`` leaves some out; ``metadata`` replaces members
    of the discovery document; ``callback`` those of the callback's query (None leaves one out).
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.codes = Codes()
        self.key = make_key("one")
        self.stranger = make_key("one")
        self.published: list[Key] = [self.key]
        self.asked_for_keys = 0
        self.asked_for_metadata = 0
        self.last_form: dict[str, str] = {}
        self.behave()

    def behave(self) -> None:
        """Stop all mischief."""
        self.mischief = ""
        self.claims: dict[str, Any] = {}
        self.without: set[str] = set()
        self.metadata: dict[str, Any] = {}
        self.callback: dict[str, str | None] = {}
        self.userinfo: dict[str, Any] = {"sub": "ada"}
        self.published = [self.key]

    def sign(self, claims: dict[str, Any], *, typ: str = "JWT") -> str:
        """A token over ``claims``, signed in whatever way ``mischief`` says."""
        if self.mischief == "alg none":
            return f"{b64(json.dumps({'alg': 'none', 'typ': typ}).encode())}.{b64(json.dumps(claims).encode())}."
        if self.mischief in ("hs256 with the public key", "hs256 with the secret"):
            shared = self.key.as_pem(private=False) if "public" in self.mischief else CLIENT_SECRET.encode()
            head = b64(json.dumps({"alg": "HS256", "typ": typ, "kid": "one"}).encode())
            signed = f"{head}.{b64(json.dumps(claims).encode())}"
            return f"{signed}.{b64(hmac.new(shared, signed.encode(), hashlib.sha256).digest())}"
        if self.mischief == "garbage":
            return "this.is.not a token"
        if self.mischief == "own key in the header":
            header = {"alg": "RS256", "typ": typ, "jwk": self.stranger.as_dict(private=False)}
            return jwt.encode(header, claims, self.stranger, ["RS256"])
        key = self.stranger if self.mischief == "another's key" else self.key
        kid = "nobody's" if self.mischief == "unknown kid" else "one"
        text = jwt.encode({"alg": "RS256", "kid": kid, "typ": typ}, claims, key, ["RS256"], encoder_cls=_Ascii)
        if self.mischief == "changed after signing":
            head, _, signature = text.split(".")
            return f"{head}.{b64(json.dumps({**claims, 'sub': 'bo'}).encode())}.{signature}"
        return text

    def id_token(self, nonce: str, access_token: str) -> str:
        now = int(time.time())
        at_hash = b64(hashlib.sha256(access_token.encode()).digest()[:16])
        claims = {
            "iss": self.issuer,
            "sub": "ada",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
        }
        claims |= {
            "at_hash": at_hash,
            "name": "Ada",
            "preferred_username": "ada",
            "email": "ada@millbrook.example",
        }
        claims |= self.claims
        typ = "logout+jwt" if self.mischief == "logout token as ID token" else "JWT"
        return self.sign({name: value for name, value in claims.items() if name not in self.without}, typ=typ)

    async def show_metadata(self, request: Request) -> Response:
        self.asked_for_metadata += 1
        if self.mischief == "no metadata":
            return PlainTextResponse("Bad gateway", 502)
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse(said | self.metadata)

    async def show_keys(self, request: Request) -> Response:
        self.asked_for_keys += 1
        odd = {"kty": "RSA", "kid": "odd", "n": "!", "e": "AQAB"}
        secret = {"kty": "oct", "kid": "hmac", "k": "c2VjcmV0"}
        return JSONResponse({"keys": [odd, secret, *KeySet(self.published).as_dict(private=False)["keys"]]})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        answer: dict[str, str | None] = {
            "code": self.codes.make(asked),
            "state": asked["state"],
            "iss": self.issuer,
        }
        query = {name: value for name, value in (answer | self.callback).items() if value is not None}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(query)}", 302)

    async def create_token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        self.last_form = form
        match self.mischief:
            case "token page away":
                return PlainTextResponse("Bad gateway", 502)
            case "token page in HTML":
                return PlainTextResponse("<h1>Please wait</h1>")
            case "token page with a list":
                return JSONResponse([])
            case "board unknown":
                return JSONResponse({"error": "invalid_client"}, 401)
            case "no id token":
                return JSONResponse({"access_token": "a", "token_type": "Bearer"})
        asked = self.codes.take(form)
        if asked is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        said = {"access_token": "opaque", "token_type": "Bearer", "expires_in": 300}
        return JSONResponse({**said, "id_token": self.id_token(asked["nonce"], "opaque")})

    async def show_userinfo(self, request: Request) -> Response:
        if self.mischief == "userinfo away":
            return PlainTextResponse("Bad gateway", 502)
        return JSONResponse(self.userinfo)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.show_metadata),
                Route("/jwks", self.show_keys),
                Route("/authorize", self.authorize),
                Route("/token", self.create_token, methods=["POST"]),
                Route("/userinfo", self.show_userinfo),
            ]
        )
