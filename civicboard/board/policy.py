"""How well a problem fits what a person can do, as plain arithmetic, and every part of it in words.

Nothing here knows departments, affiliations or status: they are no input.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from civicboard.kit.viewer import Viewer

#: What each part of the score weighs, when it is as good as it gets.
WEIGHTS = {"meaning": 0.5, "tags": 0.35, "words": 0.15, "near": 0.2, "fresh": 0.08, "soon": 0.04}
#: A meaning this near is worth showing by itself. No threshold is safe: it only keeps out what is certainly far.
NEAR_ENOUGH = 0.3
#: And one this near to what somebody wanted less of is like it.
ALIKE = 0.6
#: How near a place is: one's own and what lies in it, one that one can get to, the one round one's own.
OWN, REACHED, AROUND = 1.0, 0.8, 0.6
#: What is like something that was waved away counts so much of what it would.
LESS = 0.5
#: After so many days something is no longer new, and a day that near is soon.
FRESH_DAYS, SOON_DAYS = 60, 14
#: Two words are the same one when so many first letters are: "drain" and "drainage", "survey" and "surveys".
SAME_LETTERS = 5
_WORD = re.compile(r"[^\W\d_]{4,}")
#: Words that everybody uses say nothing about what somebody can do.
_COMMON = frozenset(
    _WORD.findall(
        "about above after again against also always another anybody anyone anything around because been "
        "before being better between board both came cannot come could days does doing done down each either "
        "enough even ever every everybody everyone everything few find fine first from full give goes going "
        "gone good great half hand hands happen have hear help helped helping here high hour hours house into "
        "just keep kind know known last later least less like little live lived local long look looks made "
        "make makes making many maybe mine minutes month months more most much must near nearly need needed "
        "needs neighbour neighbours never next nobody none nothing often once only onto open other others "
        "over own part people person place places please problem problems quite rather really right said same "
        "says seen several shall should show side since some somebody someone something sometimes soon still "
        "street such sure take takes taking talk tell than thank thanks that their them then there these they "
        "thing things think this those though through time times today together told town turn under until "
        "upon used using very want wanted ward well went were what when where whether which while whole whom "
        "whose will wish with within without work worked working works would year years your yours"
    )
)


def may_wave(viewer: Viewer) -> bool:
    """Each says for themselves what they want to see less of."""
    return viewer.signed_in


def telling_words(text: str, *, most: int = 60) -> tuple[str, ...]:
    """The words of a text that tell something, in lower case, each once, in their order."""
    found = dict.fromkeys(word for word in _WORD.findall(text.lower()) if word not in _COMMON)
    return tuple(found)[:most]


def shared_words(mine: Iterable[str], text: str) -> list[str]:
    """My words that a text has too, in whatever ending; of words that are alike only the first."""
    theirs = {word[:SAME_LETTERS] for word in telling_words(text, most=2_000)}
    shared: dict[str, str] = {}
    for word in mine:
        if word[:SAME_LETTERS] in theirs:
            shared.setdefault(word[:SAME_LETTERS], word)
    return list(shared.values())


@dataclass(frozen=True, slots=True)
class Able:
    """What one person can do, as far as it decides what is for them. ``near`` says how near each place is, 0 to 1."""

    person_id: int
    tags: Sequence[str]
    #: What their tags are called elsewhere, themselves included.
    synonyms: frozenset[str]
    words: tuple[str, ...]
    online_only: bool
    place_id: int | None
    near: dict[int, float]
    #: The model that has read what they wrote; "" for none, and then only words are compared.
    model: str

    @property
    def has_said(self) -> bool:
        return bool(self.tags or self.words)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that is wanted: an open need of a problem, or what a problem says of itself. ``text`` is all of it."""

    tags: Sequence[str]
    text: str
    place_id: int | None
    place_name: str | None
    #: there, online or either
    where: str = "either"
    by: date | None = None
    age_days: float = 0.0
    #: How near in meaning; None where no model has read both.
    alike: float | None = None
    #: Whether it is like something that the person wanted to see less of.
    waved: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """How well it fits, and why, each reason a sentence."""

    score: float
    why: tuple[str, ...]


def fit(able: Able, wanted: Wanted, *, today: date) -> Fit | None:
    """How well what is wanted fits a person; None for what doesn't, cannot be reached, or comes too late."""
    if wanted.by is not None and wanted.by < today:
        return None
    if able.online_only and wanted.where == "there":
        return None
    tags = [tag for tag in wanted.tags if tag.lower() in able.synonyms]
    words = [] if tags else shared_words(able.words, wanted.text)
    alike = wanted.alike or 0.0
    # One word in common may be chance, where a model has read both and found them far apart.
    if not tags and alike < NEAR_ENOUGH and len(words) < (1 if wanted.alike is None else 2):
        return None
    why = []
    if tags:
        why.append(f"You know about {listed(tags[:3])}.")
    elif words:
        why.append(f"You both say {listed([f'“{word}”' for word in words[:3]])}.")
    if alike >= NEAR_ENOUGH:
        why.append("It is close to what you say you can do.")
    near, where = _near(able, wanted)
    why += [where] if where else []
    soon = wanted.by is not None and wanted.by <= today + timedelta(days=SOON_DAYS)
    if wanted.by is not None:
        why.append(f"It is wanted by {wanted.by.day} {wanted.by:%B}.")
    parts = {
        "meaning": min(1.0, max(0.0, alike - 0.1) / 0.5),
        "tags": min(1.0, 0.8 + 0.1 * len(tags)) if tags else 0.0,
        "words": min(3, len(words)) / 3,
        "near": near,
        "fresh": max(0.0, 1 - wanted.age_days / FRESH_DAYS),
        "soon": float(soon),
    }
    score = sum(WEIGHTS[part] * value for part, value in parts.items())
    return Fit(score * LESS if wanted.waved else score, tuple(why))


def _near(able: Able, wanted: Wanted) -> tuple[float, str]:
    """How near it is, from 0 to 1, and that in words."""
    near = able.near.get(wanted.place_id or 0, 0.0)
    if wanted.place_id is not None and wanted.place_id == able.place_id:
        return 1.0, f"It is in {wanted.place_name}, where you live."
    if near and not able.online_only:
        return near, f"It is in {wanted.place_name}, {'which you can get to' if near == REACHED else 'near you'}."
    if wanted.where == "online" or (able.online_only and wanted.where == "either"):
        return 0.8, "It can be done online."
    return 0.0, ""


def listed(words: Sequence[str]) -> str:
    """``"a, b and c"``"""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def like_waved(tags: Sequence[str], waved_tags: Iterable[frozenset[str]], alike: float | None) -> bool:
    """Whether a problem is like one that somebody wanted less of: near in meaning, or about the same."""
    if alike is not None and alike >= ALIKE:
        return True
    own = set(tags)
    return any(own and waved and 2 * len(own & waved) >= min(len(own), len(waved)) for waved in waved_tags)
