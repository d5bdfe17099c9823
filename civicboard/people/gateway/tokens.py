"""Signed tokens from a provider: ID tokens and logout tokens.

A token is believed when one of the provider's own public keys signed it with an algorithm that uses such
keys, and when its claims say that it was made by this provider, for this board, now, for this sign-in.
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError, SecurityWarning
from joserfc.jwk import JWKRegistry, Key, KeySet
from joserfc.jws import JWSRegistry

from civicboard.people.gateway.outside import asking
from civicboard.people.gateway.results import Tampered

#: Only algorithms with a public and a private key: ``none`` and the HS family are never accepted, whatever a
#: provider's metadata says, because a public key is no secret to sign with.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")

#: Seconds by which two clocks may differ.
LEEWAY = 60

#: Seconds for which a logout token is news.
FRESH = 300

#: Seconds between two questions for a provider's keys that an unknown key name may cause.
ASK_AGAIN_AFTER = 10.0

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

_TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Signer:
    """One provider's keys, as ``app`` (an Authlib client) fetches them, and who it says it is.

    ``issuer`` may hold ``{tenantid}``: Microsoft has one issuer for each organisation, named in each token's
    ``tid``.
    """

    app: Any
    label: str
    client_id: str
    issuer: str
    algorithms: tuple[str, ...]
    clock: Callable[[], float] = time.time
    asked_at: float = 0.0

    async def read_id_token(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """Check the ``id_token`` of a token answer; give its claims. Raises Tampered or ProviderDown."""
        header, claims, key = await self._verified(token.get("id_token"))
        if str(header.get("typ", "JWT")).lower() not in ("jwt", "id_token+jwt"):
            raise Tampered("a token of another kind came as an ID token")
        if not nonce:
            raise Tampered("there is no nonce to check the ID token against")
        checked = CodeIDToken(
            claims,
            header,
            {
                "iss": {"essential": True, "values": [self._issuer_for(claims, key)]},
                "aud": {"essential": True, "value": self.client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
                "iat": {"essential": True},
                "nonce": {"essential": True},
            },
            {"nonce": nonce, "client_id": self.client_id, "access_token": token.get("access_token")},
        )
        self._validate(checked)
        return claims

    async def read_logout_token(self, text: str) -> dict[str, Any]:
        """Check a back-channel logout token; give its claims. Raises Tampered or ProviderDown."""
        header, claims, key = await self._verified(text)
        if str(header.get("typ", "JWT")).lower() not in ("jwt", "logout+jwt", "application/logout+jwt"):
            raise Tampered("a token of another kind came as a logout token")
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(self.clock()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self._issuer_for(claims, key)},
            aud={"essential": True, "value": self.client_id},
            iat={"essential": True},
            jti={"essential": True},
            events={"essential": True},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise Tampered(f"logout token: {error}") from error
        if "nonce" in claims:
            raise Tampered("an ID token came as a logout token")
        events = claims["events"]
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
            raise Tampered("the logout token tells of something else")
        if claims["iat"] < self.clock() - FRESH:
            raise Tampered("the logout token is old")
        if not claims.get("sub") and not claims.get("sid"):
            raise Tampered("the logout token names nobody")
        return claims

    async def _verified(self, text: object) -> tuple[dict[str, Any], dict[str, Any], Key | None]:
        if not isinstance(text, str) or not text.isascii():
            raise Tampered("there is no token")
        for again in (False, True):
            keys = await self._keys(again)
            used: list[Key] = []

            def pick(guest: Any, keys: KeySet = keys, used: list[Key] = used) -> Key:
                headers = guest.headers()
                parameters: Any = {"use": "sig", "alg": headers.get("alg")}
                used.append(keys.get_by_kid(headers.get("kid"), parameters))
                return used[0]

            registry = JWSRegistry(algorithms=self.algorithms, strict_check_header=False)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", SecurityWarning)  # EdDSA's name is old, not its strength
                    read = jwt.decode(text, pick, registry=registry)
            except InvalidKeyIdError as error:
                # Providers change their keys: look again, but don't let a stranger's token make us ask all
                # the time.
                if again or self.clock() - self.asked_at < ASK_AGAIN_AFTER:
                    raise Tampered("no such key") from error
            except (JoseError, ValueError) as error:
                raise Tampered(f"the token is not signed as it should be: {type(error).__name__}") from error
            else:
                return read.header, read.claims, used[0] if used else None
        raise AssertionError("the second look either reads the token or refuses it")

    async def _keys(self, again: bool) -> KeySet:
        async with asking(self.label):
            if again or not self.app.server_metadata.get("jwks"):
                self.asked_at = self.clock()
            listed = (await self.app.fetch_jwk_set(force=again))["keys"]
            usable = []
            for data in listed:
                if isinstance(data, dict) and data.get("kty") in ("RSA", "EC", "OKP") and data.get("use") != "enc":
                    try:
                        usable.append(JWKRegistry.import_key(data))
                    except (JoseError, ValueError, TypeError):
                        continue  # one odd key doesn't spoil the others
            return KeySet(usable)

    def _issuer_for(self, claims: Mapping[str, Any], key: Key | None) -> str:
        if "{tenantid}" not in self.issuer:
            return self.issuer
        tenant = claims.get("tid")
        if not isinstance(tenant, str) or not _TENANT.fullmatch(tenant):
            raise Tampered("the token doesn't say which organisation it is from")
        issuer = self.issuer.replace("{tenantid}", tenant)
        # Microsoft says beside each key whose tokens it may sign: the key for personal accounts signs for no
        # council.
        owner = key.dict_value.get("issuer") if key is not None else None
        if isinstance(owner, str) and owner.replace("{tenantid}", tenant) != issuer:
            raise Tampered("the key isn't that organisation's")
        return issuer

    def _validate(self, claims: CodeIDToken) -> None:
        try:
            claims.validate(now=int(self.clock()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError) as error:
            raise Tampered(f"ID token: {error}") from error
