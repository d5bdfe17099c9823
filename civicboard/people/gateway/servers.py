"""The server that a person types, in whatever shape they know it."""

from __future__ import annotations

import ipaddress
import re

from civicboard.people.gateway.results import BadServer

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_HINT = "Type the name of your server, as in mastodon.social, or your whole address, as in @you@mastodon.social."


def server_named(typed: str) -> str:
    """The https address of the server in ``mastodon.social``, ``@me@mastodon.social`` or ``https://mastodon.social/@me``.

    Raises BadServer for anything else: an address of numbers, a port, a name without a dot, a password.
    """
    name = typed.strip().lower()
    if not name:
        raise BadServer(_HINT, "empty")
    if "://" in name:
        scheme, _, name = name.partition("://")
        if scheme not in ("https", "http"):
            raise BadServer(_HINT, "scheme")
        name = re.split(r"[/?#]", name, maxsplit=1)[0]
        if "@" in name:
            raise BadServer(_HINT, "user information")
    else:
        name = re.split(r"[/?#]", name, maxsplit=1)[0]
        person, _, name = name.removeprefix("@").rpartition("@")
        if not re.fullmatch(r"[\w.+-]*", person):
            raise BadServer(_HINT, "not a person's address")
    name = name.removesuffix(".")
    try:
        name = name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise BadServer(_HINT, "not a host name") from None
    labels = name.split(".")
    numbers = labels[-1].isdigit() or labels[-1].startswith("0x")
    if len(name) > 253 or len(labels) < 2 or numbers or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadServer(_HINT, "not a host name")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return f"https://{name}"
    raise BadServer(_HINT, "an address of numbers")
