"""The piece of a text where the words of a search stand, cut out here.

PostgreSQL does this too (``finding.headline``), and takes twice as long: it reads each text anew, and looks up every
word of it. Here only words that begin alike are looked at. Both have their stems from Snowball, of two versions: to
this one "evening" is no form of "even". Where it finds nothing, PostgreSQL is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import Stemmer

from civicboard.board.queries.search.ranking import plain

#: A text of so many letters is shown whole, and of a long one so much is looked through.
SHORT, LONG = 200, 3000
#: So many words are shown, and so many of them before the first that was asked for.
SHOWN, BEFORE = 30, 8
_WORD = re.compile(r"\w+")
_stem = Stemmer.Stemmer("english").stemWord


def piece_of(text: str, words: Sequence[str]) -> str:
    """Some thirty words of a text, those asked for between U+0002 and U+0003; "" where none is found in it.

    That may be though PostgreSQL finds one: it knows more letters that are alike, and parts of addresses.
    """
    wanted = {_stem(plain(one)) for word in words for one in _WORD.findall(word)} - {""}
    heads = {stem[0] for stem in wanted}
    tokens = [(one.start(), one.end()) for one in _WORD.finditer(text[:LONG])]
    hits = []
    for nth, (start, end) in enumerate(tokens):
        word = plain(text[start:end])
        # Most words are told apart by their first letter, which their stem has too. A mark alone has none.
        if word[:1] in heads and (stem := _stem(word)) in wanted:
            hits.append((nth, stem))
    if not hits:
        return ""
    first, last = 0, len(tokens)
    if len(text) > SHORT:
        # From whichever of them on the most different words stand near each other.
        room = SHOWN - BEFORE
        near = [
            len({stem for other, stem in hits[at : at + room] if other - nth < room})
            for at, (nth, _) in enumerate(hits)
        ]
        first = max(0, hits[near.index(max(near))][0] - BEFORE)
        last = min(len(tokens), first + SHOWN)
    shown, at = [], tokens[first][0] if first else 0
    for start, end in (tokens[nth] for nth, _ in hits if first <= nth < last):
        shown += [text[at:start], "\u0002", text[start:end], "\u0003"]
        at = end
    is_end = last == len(tokens) and len(text) <= LONG
    return "".join((*shown, text[at : None if is_end else tokens[last - 1][1]]))
