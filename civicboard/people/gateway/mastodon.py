"""Mastodon and what speaks its API: OAuth 2 at a server that people name, with a registration for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.starlette_client import OAuthError

from civicboard.people.gateway.outside import IN_THE_FORM, Transport, asking, check_refusal, make_app
from civicboard.people.gateway.results import (
    BadServer,
    Proved,
    ProviderDown,
    RememberedApp,
    Started,
    Tampered,
    address,
    identifier,
    words,
)
from civicboard.people.gateway.servers import server_named
from civicboard.settings import Provider

_SCOPE = "read:accounts"


class Mastodon:
    """Sign-in through a Mastodon server: the one in ``provider.issuer``, or else one that people type.

    ``guarded`` makes the transport for typed servers, which may lead anywhere; a server that the operator
    chose is reached as every other provider is.
    """

    def __init__(self, provider: Provider, callback: str, board: str, guarded: Transport) -> None:
        self.provider = provider
        self.callback = callback
        self.board = board
        self._guarded = guarded

    def server_for(self, typed: str) -> str:
        """The server's address. Raises BadServer."""
        return self.provider.issuer or server_named(typed)

    async def begin(
        self,
        server: str,
        remembered: RememberedApp | None,
        state: str,
        nonce: str,
        verifier: str,
        prompt: str,
    ) -> Started:
        """Where to send the browser, after registering this board there where it isn't known (any more).

        Raises BadServer when the server isn't one of these, or can't be reached.
        """
        registered = None
        if self.provider.client_id and self.provider.issuer:
            mine = RememberedApp(server, self.provider.client_id, self.provider.client_secret)
        elif remembered is not None and remembered.server == server and await self._is_known(remembered):
            mine = remembered
        else:
            mine = registered = await self._register(server)
        more = {"force_login": "true"} if prompt else {}
        made = await self._app(mine).create_authorization_url(
            self.callback, state=state, code_verifier=verifier, **more
        )
        kept = {"server": server, "client_id": mine.client_id, "client_secret": mine.client_secret}
        return Started(made["url"], state, nonce, verifier, kept, registered)

    async def finish(self, query: Mapping[str, str], verifier: str, kept: Mapping[str, str]) -> Proved:
        """Who came back. Raises Denied, Tampered or ProviderDown."""
        mine = RememberedApp(kept["server"], kept["client_id"], kept["client_secret"])
        if self.provider.issuer and mine.server != self.provider.issuer:
            raise Tampered("that server is no longer the one of this board")
        if query.get("iss", mine.server).rstrip("/") != mine.server:
            raise Tampered("another server made that callback")
        label = urlsplit(mine.server).netloc
        check_refusal(label, query.get("error", ""))
        code = query.get("code")
        if not code:
            raise Tampered("the callback holds no code")
        async with asking(label):
            token = await self._app(mine).fetch_access_token(self.callback, code=code, code_verifier=verifier)
        async with asking(label):
            answer = await self._app(mine).get(f"{mine.server}/api/v1/accounts/verify_credentials", token=token)
            answer.raise_for_status()
            account = dict(answer.json())
        return Proved(
            issuer=mine.server,
            subject=identifier(account.get("id"), "subject"),
            name=words(account, "display_name") or words(account, "username"),
            handle_hint=words(account, "username"),
            picture=address(account, "avatar_static") or address(account, "avatar"),
        )

    async def _register(self, server: str) -> RememberedApp:
        form = {
            "client_name": "Civicboard",
            "redirect_uris": self.callback,
            "scopes": self._scope(),
            "website": self.board,
        }
        try:
            async with asking(urlsplit(server).netloc):
                app = make_app(self.provider.key, transport=self._transport())
                answer = await app.post(f"{server}/api/v1/apps", data=form, withhold_token=True)
                answer.raise_for_status()
                said = answer.json()
                made = RememberedApp(server, words(said, "client_id", 500), words(said, "client_secret", 500))
                if not made.client_id or not made.client_secret:
                    raise ValueError("a registration without a name or a secret")
                return made
        except ProviderDown as error:
            name = urlsplit(server).netloc
            raise BadServer(
                f"We couldn't sign in with {name}. Check the spelling: it is the address that you see in "
                "your browser when you use Mastodon.",
                error.detail,
            ) from error

    async def _is_known(self, mine: RememberedApp) -> bool:
        """Whether the server still knows this board.

        Mastodon clears out registrations, and then shows people an error page that doesn't lead back.
        """
        try:
            async with asking(urlsplit(mine.server).netloc):
                await self._app(mine).fetch_access_token(grant_type="client_credentials", scope=self._scope())
        except ProviderDown as error:
            why = error.__cause__
            return not (isinstance(why, OAuthError) and why.error in ("invalid_client", "unauthorized_client"))
        return True

    def _app(self, mine: RememberedApp) -> Any:
        return make_app(
            self.provider.key,
            transport=self._transport(),
            client_id=mine.client_id,
            client_secret=mine.client_secret,
            authorize_url=f"{mine.server}/oauth/authorize",
            access_token_url=f"{mine.server}/oauth/token",
            client_kwargs={"scope": self._scope(), "token_endpoint_auth_method": IN_THE_FORM},
        )

    def _transport(self) -> Transport | None:
        return None if self.provider.issuer else self._guarded

    def _scope(self) -> str:
        return self.provider.scope or _SCOPE
