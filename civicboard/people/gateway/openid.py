"""Any OpenID Connect provider by discovery; Google and Microsoft Entra are such, with known addresses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from civicboard.people.gateway.outside import PATIENCE, asking, check_refusal, make_app, tls
from civicboard.people.gateway.results import (
    LoggedOut,
    Proved,
    ProviderDown,
    Started,
    Tampered,
    address,
    domain_of,
    identifier,
    values_of,
    words,
)
from civicboard.people.gateway.tokens import ALGORITHMS, Signer
from civicboard.settings import Provider

#: Where the presets are found. ``common`` takes work, school and personal Microsoft accounts alike; set the
#: issuer to one organisation's, https://login.microsoftonline.com/{its id}/v2.0, to take only theirs.
ISSUERS = {"google": "https://accounts.google.com", "entra": "https://login.microsoftonline.com/common/v2.0"}

#: Seconds for which a provider's metadata and keys are kept.
KEEP = 3600.0

#: What is believed of a metadata document; every other member is left out (see ``make_app``).
_ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "end_session_endpoint",
)


@dataclass(frozen=True)
class _Known:
    """A provider's metadata as it was at ``since``."""

    app: Any
    signer: Signer
    issuer: str
    says_iss: bool
    since: float


class OpenId:
    """Sign-in through one OIDC provider."""

    def __init__(self, provider: Provider, callback: str, clock: Callable[[], float] = time.time) -> None:
        self.provider = provider
        self.callback = callback
        self.root = (provider.issuer or ISSUERS.get(provider.kind, "")).rstrip("/")
        self._clock = clock
        self._kept: _Known | None = None
        self._one_at_a_time = asyncio.Lock()

    async def begin(self, state: str, nonce: str, verifier: str, prompt: str) -> Started:
        """Where to send the browser. Raises ProviderDown."""
        known = await self._known()
        more = {"prompt": prompt} if prompt else {}
        async with asking(self.provider.label):
            made = await known.app.create_authorization_url(
                self.callback, state=state, nonce=nonce, code_verifier=verifier, **more
            )
        return Started(made["url"], state, nonce, verifier)

    async def finish(self, query: Mapping[str, str], nonce: str, verifier: str, wanted: Collection[str] = ()) -> Proved:
        """Who came back, with what was said of the claims ``wanted``. Raises Denied, Tampered or ProviderDown."""
        known = await self._known()
        self._check_issuer(known, query.get("iss"))
        check_refusal(self.provider.label, query.get("error", ""))
        code = query.get("code")
        if not code:
            raise Tampered("the callback holds no code")
        async with asking(self.provider.label):
            token = await known.app.fetch_access_token(self.callback, code=code, code_verifier=verifier)
        claims = await known.signer.read_id_token(token, nonce)
        subject = identifier(claims["sub"], "subject")
        signed, more = claims, None
        if not all(claims.get(name) for name in ("name", "email", *wanted)) or self._verified_in(claims) is None:
            more = await self._userinfo(known, token, subject)
            claims = {**(more or {}), **{name: value for name, value in claims.items() if value not in (None, "")}}
        verified = self._is_verified(signed, more or {}, claims.get("email"))
        return Proved(
            # Microsoft's "sub" is this person for this board alone, so it can't be matched with what other
            # services know ("oid" could), and it is what a logout token would name. It changes when the board
            # is registered anew.
            issuer=claims["iss"],
            subject=subject,
            name=words(claims, "name") or words(claims, "nickname"),
            handle_hint=(words(claims, "preferred_username") or words(claims, "nickname")).split("@")[0],
            email=words(claims, "email", 320),
            email_verified=verified,
            picture=address(claims, "picture"),
            sid=identifier(claims["sid"], "session") if claims.get("sid") else "",
            id_token=token["id_token"],
            end_session="end_session_endpoint" in known.app.server_metadata,
            email_domain=domain_of(claims.get("email")) if verified else "",
            claims={name: values for name in wanted if (values := values_of(claims.get(name)))},
            is_whole=more is not None or signed is claims,
        )

    async def logout_url(self, id_token: str, back_to: str, state: str) -> str | None:
        """Where to send the browser to sign out there too, or None when the provider has no such page.

        Raises ProviderDown when the provider's metadata can't be had.
        """
        known = await self._known()
        if "end_session_endpoint" not in known.app.server_metadata:
            return None
        async with asking(self.provider.label):
            made = await known.app.create_logout_url(
                post_logout_redirect_uri=back_to,
                id_token_hint=id_token or None,
                state=state or None,
                client_id=self.provider.client_id,
            )
        url: str = made["url"]
        return url

    async def read_logout_token(self, token: str) -> LoggedOut:
        """Who signed out at the provider. Raises Tampered or ProviderDown."""
        known = await self._known()
        claims = await known.signer.read_logout_token(token)
        return LoggedOut(
            issuer=claims["iss"],
            subject=identifier(claims["sub"], "subject") if claims.get("sub") else "",
            sid=identifier(claims["sid"], "session") if claims.get("sid") else "",
            jti=identifier(claims["jti"], "token id"),
        )

    def _check_issuer(self, known: _Known, said: str | None) -> None:
        """RFC 9207: an answer that another provider made is not for us."""
        if said is None:
            if known.says_iss:
                raise Tampered("the callback doesn't say who made it")
            return
        before, template, after = known.issuer.partition("{tenantid}")
        if said != known.issuer and not (template and said.startswith(before) and said.endswith(after)):
            raise Tampered("another provider made that callback")

    def _verified_in(self, said: Mapping[str, Any]) -> bool | None:
        """Whether this says that its address is verified; None where it doesn't say."""
        # An Entra administrator may write any address into an account; only xms_edov says that its domain is
        # theirs.
        name = "xms_edov" if self.provider.kind == "entra" else "email_verified"
        value = said.get(name)
        return None if value is None else value in (True, "true", 1, "1")

    def _is_verified(self, signed: Mapping[str, Any], more: Mapping[str, Any], email: object) -> bool:
        """Whether the one who told this address, and not of another one, says that it is verified; a no weighs more."""
        told = [self._verified_in(said) for said in (signed, more) if email and said.get("email") == email]
        return True in told and False not in told

    async def _userinfo(self, known: _Known, token: Mapping[str, Any], subject: str) -> dict[str, Any] | None:
        """What else the provider says of this person; None when it can't be asked now, which stops nobody."""
        if "userinfo_endpoint" not in known.app.server_metadata:
            return {}
        try:
            async with asking(self.provider.label):
                more = dict(await known.app.userinfo(token=token))
        except ProviderDown:
            return None
        if more.get("sub") != subject:
            raise Tampered("the provider told of somebody else")
        return more

    async def _known(self) -> _Known:
        async with self._one_at_a_time:
            kept = self._kept
            if kept is None or self._clock() - kept.since > KEEP:
                try:
                    self._kept = kept = await self._discover()
                except ProviderDown:
                    if kept is None:
                        raise
            return kept

    async def _discover(self) -> _Known:
        label, provider = self.provider.label, self.provider
        async with asking(label):
            async with httpx2.AsyncClient(timeout=PATIENCE, verify=tls()) as client:
                answer = await client.get(f"{self.root}/.well-known/openid-configuration")
            answer.raise_for_status()
            said = answer.json()
            issuer = said["issuer"]
            endpoints: dict[str, Any] = {name: _text(said[name]) for name in _ENDPOINTS if said.get(name)}
            algorithms = tuple(set(ALGORITHMS) & set(said.get("id_token_signing_alg_values_supported") or ["RS256"]))
            methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if not algorithms:
            raise ProviderDown(label, "the provider signs with no key pair")
        if not self._may_be(issuer):
            raise ProviderDown(label, "the discovery document is another issuer's")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if name not in endpoints:
                raise ProviderDown(label, f"the discovery document has no {name}")
        for url in endpoints.values():
            scheme = urlsplit(url).scheme
            if scheme != "https" and not (scheme == "http" and self.root.startswith("http://")):
                raise ProviderDown(label, "the discovery document leads away from https")
        app = make_app(
            provider.key,
            client_id=provider.client_id,
            client_secret=provider.client_secret or None,
            client_kwargs={
                "scope": self._scope(),
                "token_endpoint_auth_method": _secret_goes(provider, methods),
            },
            **endpoints,
        )
        signer = Signer(app, label, provider.client_id, issuer, algorithms, self._clock)
        says_iss = said.get("authorization_response_iss_parameter_supported") is True
        return _Known(app, signer, issuer, says_iss, self._clock())

    def _may_be(self, issuer: object) -> bool:
        if not isinstance(issuer, str):
            return False
        if self.provider.kind != "entra":
            return issuer.rstrip("/") == self.root
        # common, organizations and domain names lead to a template or to an organisation's id: at the same
        # host.
        return urlsplit(issuer)[:2] == urlsplit(self.root)[:2]

    def _scope(self) -> str:
        asked = (self.provider.scope or "openid profile email").split()
        return " ".join(asked if "openid" in asked else ["openid", *asked])


def _secret_goes(provider: Provider, methods: list[str]) -> str:
    """How the board shows its secret at the token endpoint.

    Authlib writes the secret into the Basic header as it is, where RFC 6749 wants it percent-encoded: one
    with other characters goes into the form, where providers agree.
    """
    if not provider.client_secret:
        return "none"
    plain = all((c.isalnum() and c.isascii()) or c in "-._~" for c in provider.client_id + provider.client_secret)
    if "client_secret_post" in methods and ("client_secret_basic" not in methods or not plain):
        return "client_secret_post"
    return "client_secret_basic"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("an address is text")
    return value
