"""How a search orders what it found, and what it says of each: pure, so that every part can be read and tried."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

#: What a text adds that has all the words asked for, and what it adds that has them side by side ("route 14").
#: Meaning counts from 0 to 1 beside them: words are a hint, since common ones are everywhere (decision 0017).
WORDS_WEIGHT = 0.2
PHRASE_WEIGHT = 0.1
#: Among what is otherwise alike, words in a title count before words in a story.
RANK_WEIGHT = 0.02
#: What is less alike than this share of the best is left out, unless it has the words.
LEAST_SHARE = 0.55
#: Beside meaning, so much of what was asked must be in a text that is not near in meaning (rare words weigh more).
LEAST_WORDS = 0.5
#: Shorter words are no slip of another: too many are like them.
SHORTEST_SLIP = 3
#: Counts beside a choice go no further.
MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Match:
    """How one thing fits what was asked: in meaning (None where it has none), and which of the words it has.

    ``has`` stands beside the words that were asked; None for one that says nothing by itself ("the"). ``said`` is
    whether it has all that was asked for; ``phrase``, in that order and side by side; ``likeness`` (0 to 1), how nearly
    it is spelled like it, where no text has the words.
    """

    similarity: float | None
    has: Sequence[bool | None] = ()
    said: bool = False
    phrase: bool = False
    rank: float = 0.0
    likeness: float = 0.0

    @property
    def by_words(self) -> bool:
        """Whether it has any of the words, or is spelled nearly like them."""
        return self.said or bool(self.likeness) or any(self.has)


def shares(matches: Sequence[Match]) -> list[float]:
    """Of each, what share of the words it has (0 to 1), where a word that few of them have counts for more."""
    if not matches:
        return []
    had = [sum(bool(one) for one in column) for column in zip(*(match.has for match in matches), strict=True)]
    weights = [math.log(1 + len(matches) / (1 + count)) for count in had]
    found = []
    for match in matches:
        counted = [(weight, bool(has)) for weight, has in zip(weights, match.has, strict=True) if has is not None]
        whole = sum(weight for weight, _ in counted)
        found.append(sum(weight for weight, has in counted if has) / whole if whole else 0.0)
    return found


def score(match: Match, share: float) -> float:
    """How well it fits: meaning first, then the words."""
    words = max(share, match.likeness)
    several = sum(one is not None for one in match.has) > 1
    phrase = PHRASE_WEIGHT if match.phrase and several else 0.0
    return (match.similarity or 0.0) + WORDS_WEIGHT * words + phrase + RANK_WEIGHT * match.rank


def kept_of(matches: Sequence[Match], *, least: float, by_meaning: bool) -> list[int]:
    """Which of them to show, as positions, the best first.

    By meaning alone, only what is at least ``least`` alike and not far less than the best: something is always nearest.
    By some of the words alone, where there is meaning too, only what has the better part of them.
    """
    best = max((match.similarity or 0.0 for match in matches), default=0.0)
    cut = max(least, best * LEAST_SHARE)
    enough = LEAST_WORDS if by_meaning else 0.0
    scored = sorted(
        (-score(match, share), position)
        for position, (match, share) in enumerate(zip(matches, shares(matches), strict=True))
        if match.said
        or match.likeness
        or (match.similarity is not None and match.similarity >= cut)
        or (any(match.has) and share >= enough)
    )
    return [position for _, position in scored]


def slips_in(wanted: str, matches: Sequence[Match]) -> list[str]:
    """Those words that nothing found has, where nothing found has all of them: they may be spelled wrongly."""
    if is_exact(wanted) or any(match.said for match in matches):
        return []
    words = words_of(wanted)
    had = list(zip(*(match.has for match in matches), strict=True)) or [(False,)] * len(words)
    unknown = (word for word, has in zip(words, had, strict=True) if not any(has) and None not in has)
    return [word for word in unknown if len(word) >= SHORTEST_SLIP]


def is_unseen(words: Sequence[str], has: Sequence[bool | None], text: str) -> bool:
    """Whether one of the words that a thing has, or another form of it, doesn't stand in this part of its text."""
    said = plain(text)
    sought = (plain(word) for word, one in zip(words, has, strict=False) if one)
    return any(re.search(rf"\b{re.escape(word[: max(4, len(word) - 3)])}", said) is None for word in sought)


def is_exact(asked: str) -> bool:
    """Whether it says just which words it wants: "in quotes", -without, this or that."""
    return bool(re.search(r'["“”„]|(?:^|\s)-\w|\sor\s', asked, re.I))


def words_of(asked: str) -> list[str]:
    """The words that a search asks for, as people type them: at most eight, none that it doesn't want."""
    found = re.findall(r"[^\s\"“”„]+", asked)
    return [word for word in found if not word.startswith("-") and word.lower() != "or"][:8]


def reasons(match: Match, words: Sequence[str], tags: Iterable[str] = ()) -> list[str]:
    """Why it was found, each in a few words; the words asked for stand between U+0002 and U+0003."""
    said = []
    has = [word for word, one in zip(words, match.has, strict=False) if one]
    if has:
        shown = ", ".join(f"\u0002{word}\u0003" for word in has)
        said.append(f"has the {'word' if len(has) == 1 else 'words'} {shown}")
    asked = [plain(word) for word in words]
    if named := [tag for tag in tags if any(_alike(word, plain(tag)) for word in asked)]:
        said.append(f"tag: {', '.join(named)}")
    if match.likeness and not has:
        said.append("spelled nearly like it")
    if not match.by_words:
        said.append("close in meaning")
    elif match.similarity is not None and not match.said and not match.likeness:
        said.append("close in meaning too")
    return said


def plain(word: str) -> str:
    """A word in small letters without accents, as the board's search takes it."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(one for one in decomposed if not unicodedata.combining(one))


def _alike(word: str, tag: str) -> bool:
    """One word and a tag, but for an ending: flooding, flooded."""
    short = min(len(word), len(tag))
    return word == tag or (short >= 4 and word[: max(4, short - 2)] == tag[: max(4, short - 2)])


Value = TypeVar("Value", bound=Hashable)


def counted(values: Iterable[Value], *, most: int = 8) -> list[tuple[Value, str]]:
    """The values that come most often, each with its count in words, which stops at a hundred."""
    return [
        (value, f"{MOST_COUNTED}+" if count >= MOST_COUNTED else str(count))
        for value, count in Counter(values).most_common(most)
    ]
