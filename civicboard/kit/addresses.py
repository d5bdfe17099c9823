"""IP addresses: who is asking, and which ones the board may never call by itself."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

Address = IPv4Address | IPv6Address

#: The address of a peer without one: a Unix socket, or a broken header.
UNKNOWN = "unknown"


@lru_cache(maxsize=16)
def _networks(ranges: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(each, strict=False) for each in ranges)


def _read(written: str) -> Address | None:
    """An address as headers and sockets write it: with a port, in brackets, with a zone, or v4 within v6."""
    text = written.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def client_address(scope: Scope, proxies: tuple[str, ...]) -> str:
    """Who is asking: the peer, or what the trusted proxies (addresses and CIDR ranges) say of it.

    ``X-Forwarded-For`` is read from the right, and only past addresses that are trusted: what stands left of
    the first stranger was written by that stranger. ``"unix"`` among the proxies trusts whoever comes by a
    Unix socket.
    """
    peer = (scope.get("client") or ("", 0))[0]
    known = _networks(tuple(each for each in proxies if each != "unix"))
    address = _read(peer)
    if address is None and not ("unix" in proxies and not peer):
        return UNKNOWN
    forwarded = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
    for hop in reversed(forwarded.split(",") if forwarded else ()):
        if address is not None and not any(address in network for network in known):
            break
        before = _read(hop)
        if before is None:
            break
        address = before
    return str(address) if address is not None else UNKNOWN


def address_key(address: str) -> str:
    """What rates count by: a v4 address, or the /64 of a v6 one, since a household is given that many."""
    read = _read(address)
    if read is None:
        return UNKNOWN
    return str(ip_network((read, 64), strict=False)) if isinstance(read, IPv6Address) else str(read)


_DENIED_V4 = _networks(
    (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
#: All v6 addresses given out to the public lie in here. That leaves out, among others, ``::/96``, v4-mapped
#: ones, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), unique local, link-local, fec0::/10 and multicast.
_PUBLIC_V6 = ip_network("2000::/3")
#: Within that: Teredo, ORCHID and other protocol uses; documentation; 6to4, which carries any v4 address.
_DENIED_V6 = _networks(("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


def is_public(written: str) -> bool:
    """Whether an address is on the public internet in every reading of it.

    Python's ``is_global`` is asked as well, but lets NAT64, 6to4 and multicast through on its own.
    """
    try:
        address = ip_address(written)
    except ValueError:  # a zone such as fe80::1%eth0 is local anyway
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _DENIED_V4)
    return address in _PUBLIC_V6 and not any(address in network for network in _DENIED_V6)


def is_loopback(written: str) -> bool:
    """Whether an address is this machine itself."""
    try:
        return ip_address(written).is_loopback
    except ValueError:
        return False
