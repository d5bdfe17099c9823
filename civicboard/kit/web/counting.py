"""Counting what a person, or an address, does, against the rules of ``kit.limits``."""

from __future__ import annotations

from starlette.requests import HTTPConnection, Request

from civicboard.kit.addresses import address_key, client_address
from civicboard.kit.web.asking import kit, viewer


class TooMany(Exception):
    """Somebody does a thing too often. ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after

    @property
    def words(self) -> str:
        seconds = self.retry_after
        wait = f"{seconds} seconds" if seconds < 90 else f"{round(seconds / 60)} minutes"
        wait = "a second" if seconds == 1 else wait
        return f"That was a lot in a short time. Please try again in {wait}."


async def limit(request: Request, rule: str) -> None:
    """Count a deed of this person, or of this address, against its rule. Raises TooMany."""
    held, who = kit(request), viewer(request)
    key = f"person:{who.id}" if who.signed_in else f"address:{address(request)}"
    verdict = await held.rates.hit(rule, key, new_account=who.is_new)
    if not verdict.allowed:
        raise TooMany(verdict.retry_after)
    request.state.counted = (rule, key)


async def uncount(request: Request) -> None:
    """Forget that a deed was counted, since it did not happen: the next try may."""
    counted: tuple[str, str] | None = getattr(request.state, "counted", None)
    if counted is not None:
        request.state.counted = None
        await kit(request).rates.forgive(*counted)


def address(connection: HTTPConnection) -> str:
    """The address that a request is counted under: whose it is behind the trusted proxies, as a /64 for IPv6."""
    return address_key(client_address(connection.scope, kit(connection).settings.proxies))
