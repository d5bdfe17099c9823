"""Asking other servers: one way to wait, and one way for it to fail."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx2
from authlib.integrations.starlette_client import OAuthError, StarletteOAuth2App

from civicboard.people.gateway.results import Denied, ProviderDown, SignInFailed, Tampered

#: Seconds that one question to another server may take, from name look-up to the last byte.
PATIENCE = 10.0

#: How a board shows its secret where it isn't asked for in a header (RFC 6749 2.3.1).
IN_THE_FORM = "client_secret_post"

#: Makes the transport of one client; None leaves httpx2 to make its own.
Transport = Callable[[], httpx2.AsyncBaseTransport]


@cache
def tls() -> ssl.SSLContext:
    """Whom to trust. Reading the list of authorities takes 40 ms, so it is read once for all questions."""
    return httpx2.create_ssl_context()


#: What an authorization server may call a refusal by the person (RFC 6749 4.1.2.1, OIDC Core 3.1.2.6).
_REFUSALS = {
    "access_denied",
    "login_required",
    "consent_required",
    "interaction_required",
    "account_selection_required",
}


@asynccontextmanager
async def asking(label: str) -> AsyncIterator[None]:
    """Wrap one question to a server. Raises ProviderDown when it is slow, away, or doesn't make sense."""
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except SignInFailed:
        raise
    except OAuthError as error:
        # A code is used up, run out, or was not made for this verifier: the sign-in is at fault, not the
        # provider.
        if error.error == "invalid_grant":
            raise Tampered("the provider refused the code") from error
        raise ProviderDown(label, f"the provider answered {_name(error.error)}") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
        raise ProviderDown(label, f"{type(error).__name__}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProviderDown(label, f"the answer made no sense: {type(error).__name__}") from error


def check_refusal(label: str, error: str) -> None:
    """Turn the ``error`` of a callback into what it means to the person. Returns only when there is none."""
    if not error:
        return
    if error in _REFUSALS:
        raise Denied(label, error)
    raise ProviderDown(label, f"the provider answered {_name(error)}")


def _name(error: object) -> str:
    """An error's name as the log may have it."""
    return "".join(c for c in str(error)[:60] if c.isascii() and (c.isalnum() or c in "_-")) or "an unnamed error"


def make_app(key: str, *, transport: Transport | None = None, **settings: Any) -> Any:
    """Authlib's Starlette client, without its session state, on httpx2.

    ``settings`` go to ``StarletteOAuth2App``. Give each endpoint by name: a server's own metadata must never
    be passed through whole, because Authlib hands it on to the HTTP client, where a ``verify`` or a ``proxy``
    would be obeyed.
    """
    client: dict[str, Any] = {
        "verify": tls(),
        "timeout": PATIENCE,
        "code_challenge_method": "S256",
        "follow_redirects": False,
    }
    client |= settings.pop("client_kwargs", {})
    if transport is not None:
        # With trust_env, a proxy named in the environment would be used instead of the transport.
        client |= {"transport": transport(), "trust_env": False}
    return StarletteOAuth2App(None, key, client_kwargs=client, user_agent="Civicboard", **settings)
