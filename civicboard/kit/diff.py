"""What changed between two texts, and a history of texts a page at a time."""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from markupsafe import Markup, escape

#: Comparing takes time that grows with the square of this: texts of more pieces a side are compared more coarsely.
MOST_PIECES = 600
#: So many results are kept, of some 50 KB at the most.
KEPT = 256
#: Versions on one page of a history. They are numbered from 1 without a gap.
A_PAGE = 20

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


V = TypeVar("V")


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


def read_before(given: str, *, newest: int) -> int:
    """Before which version a page of a history starts, as its address says; by itself, before none."""
    known = given.isascii() and given.isdigit() and len(given) < 10
    return min(int(given), newest + 1) if known else newest + 1


def page_of(found: Sequence[V]) -> list[tuple[V, V | None]]:
    """The first A_PAGE of ``found``, each with the one before it; ``found`` has the newest first, and one more."""
    olds: list[V | None] = [*found[1 : A_PAGE + 1], None]
    return list(zip(found[:A_PAGE], olds, strict=False))


def pager(path: str, before: int, *, newest: int) -> dict[str, str | None]:
    """The addresses ``newer`` and ``older`` of a history at ``path``, as kit/_pager.html needs them.

    They lead on from the page of the versions before number ``before``; None where there is nothing to lead to.
    """
    newer = path if before + A_PAGE > newest else f"{path}?before={before + A_PAGE}"
    return {
        "newer": None if before > newest else newer,
        "older": f"{path}?before={before - A_PAGE}" if before - A_PAGE > 1 else None,
    }


def _changed(old: list[str], new: list[str]) -> Markup:
    gone, come = escape("".join(old)), escape("".join(new))
    html = Markup("<del>{}</del>").format(gone) if gone else Markup("")
    return html + Markup("<ins>{}</ins>").format(come) if come else html


def _same_start(old: list[str], new: list[str]) -> int:
    """How many pieces both have in common from the first on."""
    shorter = min(len(old), len(new))
    return next((at for at in range(shorter) if old[at] != new[at]), shorter)
