"""What changed between two texts, word by word."""

from __future__ import annotations

import difflib
import re

from markupsafe import Markup, escape

#: Longer texts are compared line by line: word by word would take too long.
MOST_WORDS = 4000


def diff(before: str, after: str) -> Markup:
    """HTML of ``after`` with what is new in <ins> and what went in <del>; everything escaped."""
    pattern = r"\s+|\w+|[^\w\s]" if len(before) + len(after) < MOST_WORDS * 6 else r"[^\n]*\n?"
    old, new = re.findall(pattern, before), re.findall(pattern, after)
    html = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = escape("".join(old[i:j])), escape("".join(new[k:m]))
        if kind == "equal":
            html.append(come)
        else:
            html.append(Markup("<del>{}</del>").format(gone) if gone else Markup(""))
            html.append(Markup("<ins>{}</ins>").format(come) if come else Markup(""))
    return Markup("").join(html)
