"""Who may sign in, and which boards they may sign in to."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin

SCOPES = ("openid", "profile", "email")


@dataclass(frozen=True)
class Person:
    """One of the cast. ``who`` says in a line who they are."""

    subject: str
    handle: str
    name: str
    who: str = ""
    #: A verified address; one at millbrook.example when it is empty.
    email: str = ""

    def claims(self, scope: str) -> dict[str, str | bool]:
        """What the provider says of this person, for a space-separated scope."""
        said: dict[str, str | bool] = {"sub": self.subject}
        if "profile" in scope.split():
            said |= {"name": self.name, "preferred_username": self.handle}
        if "email" in scope.split():
            said |= {"email": self.email or f"{self.handle}@millbrook.example", "email_verified": True}
        return said


def read_cast(path: Path) -> list[Person]:
    """The cast in a JSON list of objects with ``subject``, ``handle``, ``name`` and ``who``, at least."""
    people = json.loads(path.read_text(encoding="utf-8"))
    return [Person(p["subject"], p["handle"], p["name"], p.get("who", ""), p.get("email", "")) for p in people]


@dataclass(frozen=True)
class Client(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """A board that people sign in to. ``backchannel_logout_uri``, if given, hears of each sign-out here."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str = ""

    @property
    def client_metadata(self) -> dict[str, Any]:
        """As Authlib's end-session endpoint asks for it."""
        return {"post_logout_redirect_uris": list(self.post_logout_redirect_uris)}

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str | None) -> str:
        return " ".join(word for word in (scope or "").split() if word in SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(self.client_secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"
