"""Microsoft Entra as it looks from outside: its issuer is a template, and each key says whom it signs for."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.providers.forge import make_key
from tests.providers.loopback import Codes

COUNCIL = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"


class Entra:
    """``claims`` change the ID token; with ``signs`` as "personal", the key of personal accounts signs it."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.codes = Codes()
        self.keys = {"any": make_key("any"), "personal": make_key("personal")}
        self.behave()

    def behave(self) -> None:
        self.claims: dict[str, Any] = {}
        self.signs = "any"

    async def show_metadata(self, request: Request) -> Response:
        tenant = request.path_params["tenant"]
        named = "{tenantid}" if tenant in ("common", "organizations") else tenant
        base = f"{self.origin}/{tenant}"
        return JSONResponse(
            {
                "issuer": f"{self.origin}/{named}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "private_key_jwt",
                    "client_secret_basic",
                ],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def show_keys(self, request: Request) -> Response:
        owners = {"any": "{tenantid}", "personal": PERSONAL}
        return JSONResponse(
            {
                "keys": [
                    # As there: no "alg", and an "issuer" of their own.
                    {
                        **{k: v for k, v in key.as_dict(private=False).items() if k != "alg"},
                        "issuer": f"{self.origin}/{owners[name]}/v2.0",
                    }
                    for name, key in self.keys.items()
                ]
            }
        )

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        query = {"code": self.codes.make(asked), "state": asked["state"], "session_state": "x"}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(query)}", 302)

    async def create_token(self, request: Request) -> Response:
        asked = self.codes.take(await request.form())
        if asked is None:
            return JSONResponse({"error": "invalid_grant", "error_codes": [70008]}, 400)
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": f"{self.origin}/{COUNCIL}/v2.0",
            "tid": COUNCIL,
            "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474",
            "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "aud": asked["client_id"],
            "nonce": asked["nonce"],
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "name": "Cy Officer",
            "preferred_username": "cy@council.example",
            "email": "ada@millbrook.example",
            "ver": "2.0",
        }
        token = jwt.encode({"alg": "RS256", "kid": self.signs}, claims | self.claims, self.keys[self.signs], ["RS256"])
        return JSONResponse({"access_token": "opaque", "token_type": "Bearer", "expires_in": 3599, "id_token": token})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self.show_metadata),
                Route("/{tenant}/discovery/v2.0/keys", self.show_keys),
                Route("/{tenant}/oauth2/v2.0/authorize", self.authorize),
                Route("/{tenant}/oauth2/v2.0/token", self.create_token, methods=["POST"]),
            ]
        )
