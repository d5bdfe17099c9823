"""Pieces of pages that are kept as they were rendered, by what they depend on: whoever looked at them then."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.requests import Request

from civicboard.board.queries import Card, Entry
from civicboard.kit import web


@dataclass(frozen=True, slots=True)
class Kind:
    """A partial of which a page has many: its template, what it calls the row, and what a rendered one depends on."""

    template: str
    name: str
    key: Callable[[Any], tuple[object, ...]]


def kept_notice(request: Request, card: Card) -> Markup:
    """A notice as it was rendered for this version of its problem, whoever looked at it then."""
    return web.kit(request).pages.kept("board/_notice.html", card.key, lambda: {"card": card})


async def kept_rows(
    request: Request, kind: Kind, entries: Sequence[Entry], read: Callable[[], Awaitable[Sequence[Any]]]
) -> list[Markup]:
    """Each entry as it was rendered for its key. Unless all are kept, the rows are read; "" for one gone meanwhile."""
    pages = web.kit(request).pages
    ready = [pages.found(kind.template, entry.key) for entry in entries]
    if all(html is not None for html in ready):
        return [html for html in ready if html is not None]
    rows = {row.id: row for row in await read()}
    made = {
        number: pages.kept(kind.template, kind.key(row), functools.partial(dict, {kind.name: row}))
        for number, row in rows.items()
    }
    return [made.get(entry.key[0], Markup()) for entry in entries]
