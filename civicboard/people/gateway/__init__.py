"""Signing in with an account that a person already has: the part that talks to the outside.

``Gateway.begin`` says where to send the browser, ``Gateway.finish`` says who came back. Nothing here knows
the database: the caller keeps a state row between the two (single use, bound to the browser) and hands back
what ``Started`` held. Everything that can go wrong is a ``SignInFailed`` whose text may be shown to the
person.
"""

from civicboard.people.gateway.results import (
    BadServer,
    Denied,
    LoggedOut,
    Proved,
    ProviderDown,
    RememberedApp,
    SignInFailed,
    Started,
    Tampered,
    UnknownProvider,
)
from civicboard.people.gateway.servers import server_named
from civicboard.people.gateway.signing_in import Gateway

__all__ = [
    "BadServer",
    "Denied",
    "Gateway",
    "LoggedOut",
    "Proved",
    "ProviderDown",
    "RememberedApp",
    "SignInFailed",
    "Started",
    "Tampered",
    "UnknownProvider",
    "server_named",
]
