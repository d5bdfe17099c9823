"""Signing out: RP-initiated logout in, back-channel logout out."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterable

import httpx2
from authlib.oidc.rpinitiated import EndSessionEndpoint, EndSessionRequest
from joserfc import jwt
from joserfc.jwk import KeySet

from civicboard.demo.provider.cast import Client
from civicboard.demo.provider.keys import ALGORITHM
from civicboard.demo.provider.server import Server, Visit

EVENT = "http://schemas.openid.net/event/backchannel-logout"


class EndSession(EndSessionEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Reads the request; the visit itself is ended by the page, which has the cookie."""

    def get_server_jwks(self) -> KeySet:
        return KeySet([self.server.key])

    def get_algorithms(self) -> list[str]:
        return [ALGORITHM]

    def end_session(self, end_session_request: EndSessionRequest) -> None:
        """See ``app.end_session``."""


def logout_token(server: Server, client_id: str, visit: Visit) -> str:
    """What tells a board that ``visit`` is over (OIDC Back-Channel Logout 1.0, 2.4)."""
    now = int(time.time())
    claims = {
        "iss": server.issuer,
        "aud": client_id,
        "iat": now,
        "exp": now + 120,
        "jti": secrets.token_urlsafe(16),
        "sub": visit.person.subject,
        "sid": visit.sid,
        "events": {EVENT: {}},
    }
    return jwt.encode({"alg": ALGORITHM, "kid": server.kid, "typ": "logout+jwt"}, claims, server.key, [ALGORITHM])


async def tell_boards(server: Server, visits: Iterable[Visit]) -> None:
    """Tell the boards that each of ``visits`` went to that it is over. One that doesn't answer misses it."""

    async def tell(http: httpx2.AsyncClient, client: Client, visit: Visit) -> None:
        try:
            token = logout_token(server, client.client_id, visit)
            await http.post(client.backchannel_logout_uri, data={"logout_token": token})
        except httpx2.HTTPError:
            return

    went = [(server.clients[client_id], visit) for visit in visits for client_id in visit.clients]
    async with httpx2.AsyncClient(timeout=5, trust_env=False) as http:
        await asyncio.gather(*(tell(http, client, visit) for client, visit in went if client.backchannel_logout_uri))
