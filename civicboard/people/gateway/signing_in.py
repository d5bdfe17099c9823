"""The gateway: one door to every provider."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping

from civicboard.kit.fetch import guarded_transport
from civicboard.people.gateway.github import GitHub
from civicboard.people.gateway.mastodon import Mastodon
from civicboard.people.gateway.openid import OpenId
from civicboard.people.gateway.outside import Transport, tls
from civicboard.people.gateway.results import (
    LoggedOut,
    Proved,
    ProviderDown,
    RememberedApp,
    Started,
    Tampered,
    UnknownProvider,
)
from civicboard.settings import Provider


class Gateway:
    """Sign-in through the providers of this board.

    ``origin`` is the board's own, as in https://board.example.org. Make one for the life of the process: it
    keeps the providers' metadata and keys. ``guarded`` makes the transport for servers that people type;
    ``clock`` is seconds since 1970. Call it outside any transaction: each call may wait for other servers,
    ten seconds at most for each.
    """

    def __init__(
        self,
        providers: Iterable[Provider],
        origin: str,
        *,
        guarded: Transport = lambda: guarded_transport(tls=tls()),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.origin = origin
        self.providers: dict[str, Provider] = {}
        self._ways: dict[str, OpenId | GitHub | Mastodon] = {}
        for provider in providers:
            self.providers[provider.key] = provider
            callback = self.callback_url(provider.key)
            if provider.kind == "github":
                self._ways[provider.key] = GitHub(provider, callback)
            elif provider.kind == "mastodon":
                self._ways[provider.key] = Mastodon(provider, callback, origin, guarded)
            else:
                self._ways[provider.key] = OpenId(provider, callback, clock)

    def callback_url(self, key: str) -> str:
        """Where the provider sends people back to. Each has its own, so that one can't answer for another."""
        return f"{self.origin}/login/{key}/callback"

    def server_for(self, key: str, typed: str) -> str:
        """The server to look a ``RememberedApp`` up by, before ``begin``; "" where people don't choose one.

        Raises BadServer for what isn't a server's name, UnknownProvider.
        """
        way = self._way(key)
        return way.server_for(typed) if isinstance(way, Mastodon) else ""

    async def begin(
        self, key: str, *, server: str = "", remembered: RememberedApp | None = None, prompt: str = ""
    ) -> Started:
        """Begin a sign-in. ``server`` is what was typed; ``prompt`` is "", "login" or "select_account".

        Raises UnknownProvider, ProviderDown, BadServer.
        """
        way = self._way(key)
        state, nonce, verifier = (secrets.token_urlsafe(n) for n in (32, 32, 48))
        if isinstance(way, Mastodon):
            return await way.begin(way.server_for(server), remembered, state, nonce, verifier, prompt)
        return await way.begin(state, nonce, verifier, prompt)

    async def finish(
        self,
        key: str,
        *,
        query: Mapping[str, str],
        state: str,
        nonce: str,
        verifier: str,
        provider_data: Mapping[str, str],
        wanted: Collection[str] = (),
    ) -> Proved:
        """Finish a sign-in: ``query`` is the callback's, the rest is what the state row kept of ``Started``.

        ``wanted`` names the claims of an OpenID Connect provider that ``Proved.claims`` is to have.

        Use up the state row first, whatever comes of this. Raises Denied, Tampered, ProviderDown,
        UnknownProvider.
        """
        way = self._way(key)
        if not state or not hmac.compare_digest(query.get("state", "").encode("utf-8", "replace"), state.encode()):
            raise Tampered("the callback's state is another's")
        if isinstance(way, Mastodon):
            return await way.finish(query, verifier, provider_data)
        if isinstance(way, GitHub):
            return await way.finish(query, verifier)
        return await way.finish(query, nonce, verifier, wanted)

    async def logout_url(self, key: str, *, id_token: str, back_to: str, state: str = "") -> str | None:
        """Where to send the browser after signing out here, to sign out at the provider too.

        None where there is no such page or the provider is away: signing out here must not wait for them.
        ``back_to`` must be registered at the provider; ``state`` (made up when empty) comes back in its
        query.
        """
        way = self._ways.get(key)
        if not isinstance(way, OpenId):
            return None
        try:
            return await way.logout_url(id_token, back_to, state)
        except ProviderDown:
            return None

    async def read_logout_token(self, key: str, token: str) -> LoggedOut:
        """Read the ``logout_token`` that a provider posted (OIDC Back-Channel Logout 1.0).

        Raises Tampered, ProviderDown, UnknownProvider. Answer 200 when done, 400 to the first, 503 to the
        second, all with ``Cache-Control: no-store``.
        """
        way = self._way(key)
        if not isinstance(way, OpenId):
            raise Tampered("that provider sends no logout tokens")
        return await way.read_logout_token(token)

    def _way(self, key: str) -> OpenId | GitHub | Mastodon:
        try:
            return self._ways[key]
        except KeyError:
            raise UnknownProvider(key) from None
