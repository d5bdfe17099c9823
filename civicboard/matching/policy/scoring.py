"""How well one person and one need go together: one sum, and every part of it in words.

What goes in is what they can do, lend and reach, and when they are free. Who somebody works for, in which role, and
what they are called is no input, and never becomes one (tests/house/test_belonging_is_no_input.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from civicboard.kit.in_words import DAY_NAMES, listed

#: How near somebody is to a problem, and what that counts when it is as good as it gets.
NEARNESS: dict[str, float] = {
    "same": 1.0,
    "within": 0.9,
    "reach": 0.8,
    "beside": 0.7,
    "town": 0.6,
    "online": 0.5,
    "": 0.0,
}
#: What counts as near enough to be asked first.
LOCAL = ("same", "within", "beside", "reach")
#: What a shared tag counts, by how well somebody says they can do it.
LEVELS: dict[str, float] = {"living": 1.0, "do": 0.9, "": 0.8, "explain": 0.75, "learning": 0.5}
LEVEL_WORDS: dict[str, str] = {
    "living": "does it for a living",
    "do": "can do it",
    "explain": "can explain it",
    "learning": "is learning it",
}
#: Meanings less alike than ``FAR`` have nothing in common, and those as alike as ``CLOSE`` say the same (cosines).
FAR, CLOSE = 0.05, 0.55
#: Alike enough to be shown with nothing else in common. No threshold is safe: this one keeps out a third of those who
#: don't fit, and one in fifteen of those who are just right (docs/matching.md).
ALIKE = 0.25
#: So alike that it is said without a "may": of those shown by it alone, about six of ten suit (docs/matching.md).
CLEARLY = 0.35
#: What the board must find before it asks somebody uninvited; and a tag or a place in common besides.
HIGH = 0.5
#: So many times of the week, or else so many days, are told one by one.
MOST_TIMES = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part of the score weighs against the others."""

    meaning: float = 0.45
    tags: float = 0.3
    near: float = 0.15
    free: float = 0.1


#: As they are unless the settings say otherwise.
DEFAULT = Weights()


@dataclass(frozen=True, slots=True)
class Fit:
    """The facts about one person and one need, from whichever side one looks."""

    #: What is needed (skill, thing, room, introduction), and where: there, online or either.
    kind: str = "skill"
    where: str = "either"
    #: How alike the two are in meaning (cosine); None where no model has read both.
    meaning: float | None = None
    #: What both say, in the need's words, each with how well: ``("drainage", "living")``.
    tags: tuple[tuple[str, str], ...] = ()
    #: What the person lends that the need asks for, and words that both use, as far as they are a reason: they count
    #: where no model has read both, and are told beside it where one has.
    lends: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    #: The languages that it names and the person speaks.
    speaks: tuple[str, ...] = ()
    #: It names a language, and they speak none that it names.
    unspoken: bool = False
    #: One of NEARNESS; the place of the problem, and where they live. ``next_kind`` where both are of one kind: "ward".
    near: str = ""
    place: str = ""
    lives: str = ""
    next_kind: str = ""
    online_only: bool = False
    #: Times of the week, as in ``thu-evening``; hours that are needed in all, and that the person has each week.
    free: tuple[str, ...] = ()
    hours: float | None = None
    hours_a_week: float | None = None
    #: What they say of themselves, as far as it is about this.
    said: str = ""


def may_fit(fit: Fit, *, least: float = ALIKE) -> bool:
    """Whether there is anything to it at all: something in common, and a way to help.

    ``least`` is how alike the two must be where they have nothing but their meaning in common.
    """
    if fit.online_only and fit.where == "there":
        return False
    if fit.kind in ("thing", "room") and fit.lends:
        return True
    if fit.meaning is None:
        return bool(fit.tags or fit.lends or fit.speaks or fit.words)
    return bool(fit.tags or fit.lends or fit.speaks) or fit.meaning >= least


def parts(fit: Fit) -> dict[str, float | None]:
    """Each part of the score, from 0 to 1; None for what nobody can know, which then weighs nothing."""
    # A language counts as a tag does of which nobody said how well.
    said = [*(level for _, level in fit.tags), *("" for _ in fit.speaks)]
    levels = sorted((LEVELS.get(level, LEVELS[""]) for level in said), reverse=True)
    more = 0.1 * (len(levels) - 1)
    in_common = min(1.0, levels[0] + more) if levels else 0.0
    if fit.lends:
        in_common = 1.0
    elif not levels and fit.meaning is None:
        in_common = min(0.6, 0.2 * len(fit.words))
    return {
        "meaning": None if fit.meaning is None else min(1.0, max(0.0, (fit.meaning - FAR) / (CLOSE - FAR))),
        "tags": in_common,
        # What can only be done online is as near to everybody.
        "near": 0.5 if fit.where == "online" else NEARNESS[fit.near],
        "free": (_enough(fit) + (1.0 if fit.free else 0.5)) / 2,
    }


def _enough(fit: Fit) -> float:
    """Whether the hours that somebody has would do; halfway where either has not said."""
    if not fit.hours or fit.hours_a_week is None:
        return 0.5
    return min(1.0, fit.hours_a_week / fit.hours)


def score(fit: Fit, weights: Weights) -> float:
    """How well they go together, from 0 to 1: the weighed mean of the parts that are known."""
    known = [(getattr(weights, name), part) for name, part in parts(fit).items() if part is not None]
    whole: float = sum(weight for weight, _ in known)
    return sum(weight * part for weight, part in known) / whole if whole else 0.0


def may_ask_uninvited(fit: Fit, weights: Weights) -> bool:
    """Whether the board may ask somebody whom nobody chose: a high score, and a tag or a place in common besides.

    A place only where a model has read both: words in common and a place say nothing of what somebody can do. Nor is a
    translator from Polish asked for Romanian.
    """
    in_common = bool(fit.tags or fit.lends or fit.speaks) or (fit.near in LOCAL and fit.meaning is not None)
    return may_fit(fit) and in_common and not fit.unspoken and score(fit, weights) >= HIGH


def reasons(fit: Fit) -> list[str]:
    """Why them, in words, for whoever looks for help and may see what they can do (``Candidate.is_seen``)."""
    tags = [f"{tag} ({LEVEL_WORDS[level]})" if level in LEVEL_WORDS else tag for tag, level in fit.tags]
    why = [f"{listed(tags)}: “{fit.said}”" if fit.said else listed(tags)] if tags else []
    why += [f"can lend: {thing}" for thing in fit.lends]
    why += [f"speaks {listed(fit.speaks)}"] if fit.speaks else []
    if not why and fit.said:
        why.append(f"says “{fit.said}”")
    if not why:
        why.append("what they say of themselves is close to this")
    if fit.words and not fit.tags and not fit.lends and not fit.speaks:
        why.append(f"uses the same words: {listed([f'“{word}”' for word in fit.words])}")
    why += _where(fit)
    if fit.free:
        why.append(free_in_words(fit.free))
    return why


def why_you(fit: Fit) -> list[str]:
    """The same for the person who is asked: they may read all of it, since it is their own."""
    why = [f"You know about {listed([tag for tag, _ in fit.tags])}."] if fit.tags else []
    if fit.lends:
        why.append(f"You can lend: {listed(fit.lends)}.")
    if fit.speaks:
        why.append(f"You speak {listed(fit.speaks)}.")
    if not why:
        why.append(_close_to_you(fit))
    near = {
        "same": f"You live in {fit.place}.",
        "within": f"You live in {fit.place} or right round it.",
        "beside": f"You live nearby, in {fit.lives}.",
        "town": f"You live in {fit.lives}, not far from {fit.place}.",
        "reach": f"You can get to {fit.place}.",
        "online": "It can be done online.",
    }
    if fit.near:
        why.append(near[fit.near])
    if fit.free:
        why.append(f"You are {free_in_words(fit.free)}.")
    return why


def _close_to_you(fit: Fit) -> str:
    """What is told where nothing can be named but words, or what a model makes of it: no surer than that is."""
    words = listed([f"“{word}”" for word in fit.words])
    if fit.meaning is None:
        return f"It says {words}, and so do you."
    close = f"It {'is' if fit.meaning >= CLEARLY else 'may be'} close to what you said you can do"
    return f"{close}: both say {words}." if words else f"{close}."


def _where(fit: Fit) -> list[str]:
    words = {
        "same": f"lives in {fit.place}",
        "within": f"lives in {fit.place} or right round it",
        "beside": f"lives in the next {fit.next_kind}" if fit.next_kind else f"lives nearby, in {fit.lives}",
        "town": f"lives in {fit.lives}, not far away",
        "reach": f"can get to {fit.place}",
        "online": "can help online",
    }
    return [words[fit.near]] if fit.near else []


def free_in_words(free: Sequence[str]) -> str:
    """``("thu-evening",)`` gives "free on Thursday evenings"; more than a few times are only counted by their days."""
    times = [(DAY_NAMES[day], hour) for day, _, hour in (one.partition("-") for one in free) if day in DAY_NAMES]
    if len(times) <= MOST_TIMES:
        return f"free on {listed([f'{day} {hour}s' for day, hour in times])}"
    days = list(dict.fromkeys(day for day, _ in times))
    return f"free on {listed([f'{day}s' for day in days])}" if len(days) <= MOST_TIMES else "free on most days"
