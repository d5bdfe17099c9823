"""What changed between two texts, and a history of texts a page at a time."""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

from markupsafe import Markup, escape

#: Comparing takes time that grows with the square of this: texts of more pieces a side are compared more coarsely.
MOST_PIECES = 600
#: So many results are kept, of some 50 KB at the most.
KEPT = 256
#: Versions on one page of a history.
A_PAGE = 20

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


class Version(Protocol):
    """One of the texts of a history. They are numbered from 1 without a gap."""

    @property
    def number(self) -> int: ...


V = TypeVar("V", bound=Version)


@lru_cache(maxsize=KEPT)
def diff(before: str, after: str) -> Markup:
    """HTML of ``after`` with what is new in <ins> and what went in <del>; everything escaped.

    By words; longer texts by lines; and where even those are many, all that lies between the same beginning and end.
    """
    old, new = [before], [after]
    start = end = 0
    for pieces in (_WORDS, _LINES):
        old, new = pieces.findall(before), pieces.findall(after)
        start = _same_start(old, new)
        end = _same_start(old[start:][::-1], new[start:][::-1])
        if max(len(old), len(new)) - start - end <= MOST_PIECES:
            break
    head, tail = "".join(new[:start]), "".join(new[len(new) - end :])
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    html = [escape(head)]
    if max(len(old), len(new)) > MOST_PIECES:
        html.append(_changed(old, new))
    else:
        # With autojunk, what stands everywhere is no reason to match: without it, 600 dull words take a second.
        for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=True).get_opcodes():
            html.append(escape("".join(new[k:m])) if kind == "equal" else _changed(old[i:j], new[k:m]))
    html.append(escape(tail))
    return Markup("").join(html)


async def diffs(pairs: Sequence[tuple[str, str]]) -> list[Markup]:
    """The ``diff`` of each pair (before, after), made beside the event loop so that nobody else waits for it."""
    return await asyncio.to_thread(lambda: [diff(before, after) for before, after in pairs])


def page_of(versions: Sequence[V], before: str) -> tuple[list[tuple[V, V | None]], int | None, int | None]:
    """The versions older than number ``before`` (as it stands in an address), as many as fit on a page.

    ``versions`` has the newest first. Gives each version with the one before it, then the ``before`` of the page with
    newer ones (0 for the first page) and of the page with older ones; None where there is no such page.
    """
    if not versions:
        return [], None, None
    known = before.isascii() and before.isdigit() and len(before) < 10
    number = int(before) if known else versions[0].number + 1
    rest = [version for version in versions if version.number < number]
    shown = rest[:A_PAGE]
    olds: list[V | None] = [*rest[1 : A_PAGE + 1], None]
    newer = None
    if len(rest) < len(versions):
        newer = number + A_PAGE if number + A_PAGE <= versions[0].number else 0
    older = shown[-1].number if len(rest) > A_PAGE else None
    return list(zip(shown, olds, strict=False)), newer, older


def pager(path: str, newer: int | None, older: int | None) -> dict[str, str | None]:
    """The addresses ``newer`` and ``older`` of a history at ``path``, as kit/_pager.html needs them."""
    return {
        "newer": None if newer is None else f"{path}?before={newer}" if newer else path,
        "older": None if older is None else f"{path}?before={older}",
    }


def _changed(old: list[str], new: list[str]) -> Markup:
    gone, come = escape("".join(old)), escape("".join(new))
    html = Markup("<del>{}</del>").format(gone) if gone else Markup("")
    return html + Markup("<ins>{}</ins>").format(come) if come else html


def _same_start(old: list[str], new: list[str]) -> int:
    """How many pieces both have in common from the first on."""
    shorter = min(len(old), len(new))
    return next((at for at in range(shorter) if old[at] != new[at]), shorter)
