"""Whose request it is, what the application holds for it, and beginning work on its behalf."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from civicboard.kit.assets import Assets
from civicboard.kit.hub import Hub
from civicboard.kit.limits import Rates
from civicboard.kit.partials import Pages
from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.kit.work import Desk, Work
from civicboard.settings import Settings

Handler = Callable[[Request], Awaitable[Response]]
Part = TypeVar("Part")


@dataclass
class Kit:
    """What the application holds for its whole life; it stands in ``app.state.kit``."""

    settings: Settings
    desk: Desk
    pages: Pages
    assets: Assets
    rates: Rates
    hub: Hub
    #: The revision of the schema that this version needs.
    schema: str
    #: Objects of the features that live as long as the application, by their class (the sign-in gateway).
    parts: dict[type[Any], Any] = field(default_factory=dict)
    #: This process has been told to end, and wants no more visitors.
    leaving: bool = False

    def part(self, kind: type[Part]) -> Part:
        """A feature's own object, by its class. Raises KeyError for one that nobody handed in."""
        found: Part = self.parts[kind]
        return found


class SignInFirst(Exception):
    """The deed needs an account. What was typed is kept as the draft ``draft``; ``next`` is where to come back to."""

    def __init__(self, next_path: str, *, draft: str = "") -> None:
        super().__init__(next_path)
        self.next = next_path
        self.draft = draft


def kit(connection: HTTPConnection) -> Kit:
    held: Kit = connection.app.state.kit
    return held


def viewer(connection: HTTPConnection) -> Viewer:
    """Whose request this is; NOBODY when signed out."""
    found: Viewer = connection.scope.get("viewer", NOBODY)
    return found


def reading(connection: HTTPConnection) -> AbstractAsyncContextManager[Work]:
    return kit(connection).desk.reading(viewer(connection))


def writing(connection: HTTPConnection) -> AbstractAsyncContextManager[Work]:
    return kit(connection).desk.writing(viewer(connection))


def require_account(request: Request, *, next_path: str, draft: str = "") -> Viewer:
    """The signed-in person. Raises SignInFirst, which keeps what was typed and comes back to ``next_path``."""
    who = viewer(request)
    if not who.signed_in:
        raise SignInFirst(next_path, draft=draft)
    return who


def by_htmx(request: Request) -> bool:
    """Whether a script asks for a piece of the page, and not a person for the whole of it."""
    return request.headers.get("HX-Request") == "true"


def number_in(request: Request, name: str) -> int | None:
    """A number in the query; None when there is none, or something else."""
    given = request.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None
