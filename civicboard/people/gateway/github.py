"""GitHub: OAuth 2, but not OpenID Connect. There is no ID token; who it is comes from its API over TLS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from civicboard.people.gateway.outside import IN_THE_FORM, asking, check_refusal, make_app
from civicboard.people.gateway.results import (
    Proved,
    ProviderDown,
    Started,
    Tampered,
    address,
    domain_of,
    identifier,
    words,
)
from civicboard.settings import Provider


class GitHub:
    """Sign-in through github.com, or a GitHub of one's own whose ``web_root`` and ``api_root`` are set."""

    def __init__(self, provider: Provider, callback: str) -> None:
        self.provider = provider
        self.callback = callback
        #: Account numbers count from one on every GitHub, so each is an issuer of its own.
        self.issuer = provider.web_root or "https://github.com"
        self.api = provider.api_root or "https://api.github.com"

    async def begin(self, state: str, nonce: str, verifier: str, prompt: str) -> Started:
        """Where to send the browser."""
        more = {"prompt": prompt} if prompt == "select_account" else {}
        async with asking(self.provider.label):
            made = await self._app().create_authorization_url(
                self.callback, state=state, code_verifier=verifier, **more
            )
        return Started(made["url"], state, nonce, verifier)

    async def finish(self, query: Mapping[str, str], verifier: str) -> Proved:
        """Who came back. Raises Denied, Tampered or ProviderDown."""
        label = self.provider.label
        # GitHub doesn't send iss today; its own OAuth metadata names itself with this path.
        if query.get("iss", self.issuer) not in (self.issuer, f"{self.issuer}/login/oauth"):
            raise Tampered("another provider made that callback")
        check_refusal(label, query.get("error", ""))
        code = query.get("code")
        if not code:
            raise Tampered("the callback holds no code")
        app = self._app()
        try:
            async with asking(label):
                token = await app.fetch_access_token(self.callback, code=code, code_verifier=verifier)
        except ProviderDown as error:
            if "bad_verification_code" in error.detail:  # what invalid_grant is called there
                raise Tampered("the provider refused the code") from error
            raise
        async with asking(label):
            answer = await app.get(f"{self.api}/user", token=token, headers=_HEADERS)
            answer.raise_for_status()
            user = answer.json()
            number = user["id"]
            if type(number) is not int:
                raise TypeError("an account's id is a number")
        email, verified = await self._email(app, token)
        return Proved(
            issuer=self.issuer,
            subject=identifier(str(number), "subject"),  # the login may be given up and taken by somebody else
            name=words(user, "name") or words(user, "login"),
            handle_hint=words(user, "login"),
            email=words({"email": email}, "email", 320),
            email_verified=verified,
            picture=address(user, "avatar_url"),
            email_domain=domain_of(email) if verified else "",
        )

    async def _email(self, app: Any, token: Mapping[str, Any]) -> tuple[object, bool]:
        """The primary address and whether it was confirmed; nothing without the scope ``user:email``."""
        async with asking(self.provider.label):
            answer = await app.get(f"{self.api}/user/emails", token=token, headers=_HEADERS)
            if answer.status_code in (401, 403, 404):
                return "", False
            answer.raise_for_status()
            for entry in answer.json():
                if entry.get("primary") is True:
                    return entry.get("email"), entry.get("verified") is True
        return "", False

    def _app(self) -> Any:
        return make_app(
            self.provider.key,
            client_id=self.provider.client_id,
            client_secret=self.provider.client_secret,
            authorize_url=f"{self.issuer}/login/oauth/authorize",
            access_token_url=f"{self.issuer}/login/oauth/access_token",
            client_kwargs={
                "scope": self.provider.scope or "read:user user:email",
                "token_endpoint_auth_method": IN_THE_FORM,
            },
        )


_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
