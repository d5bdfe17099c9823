"""What of all that is wanted is worth one person's page. The score itself is the one of matching."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from civicboard.kit.viewer import Viewer
from civicboard.matching.policy import scoring, wording

#: A meaning this near is worth showing by itself. No threshold is safe: it only keeps out what is certainly far.
NEAR_ENOUGH = 0.3
#: And one this near to what somebody wanted less of is like it.
ALIKE = 0.6
#: What is like something that was waved away counts so much of what it would.
LESS = 0.5
#: What came just now comes before what fits as well, and so does what is wanted soon: so much is added for it.
FRESH, SOON = 0.08, 0.04
#: After so many days something is no longer new, and a day that near is soon.
FRESH_DAYS, SOON_DAYS = 60, 14


def may_wave(viewer: Viewer) -> bool:
    """Each says for themselves what they want to see less of."""
    return viewer.signed_in


@dataclass(frozen=True, slots=True)
class Able:
    """What one person can do, as far as it decides what is for them.

    ``near`` has the places that are near, each by its name in ``scoring.NEARNESS``.
    """

    person_id: int
    tags: Sequence[str]
    #: What their tags are called, here and elsewhere, each with their own word for it.
    synonyms: Mapping[str, str]
    words: tuple[str, ...]
    online_only: bool
    place_id: int | None
    near: Mapping[int, str]
    #: The model that has read what they wrote; "" for none, and then only words are compared.
    model: str
    levels: Mapping[str, str] = field(default_factory=dict)
    things: Sequence[str] = ()
    rooms: Sequence[str] = ()
    free: Sequence[str] = ()
    hours_a_week: float | None = None
    lives: str = ""

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
    #: skill, thing, room or introduction
    kind: str = "skill"
    #: there, online or either
    where: str = "either"
    hours: float | None = None
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


def fit(able: Able, wanted: Wanted, *, today: date, weights: scoring.Weights = scoring.DEFAULT) -> Fit | None:
    """How well what is wanted fits a person; None for what isn't worth their page, or comes too late."""
    if wanted.by is not None and wanted.by < today:
        return None
    facts = facts_of(able, wanted)
    if not scoring.may_fit(facts) or not _is_worth_showing(facts):
        return None
    why = scoring.why_you(facts)
    score = scoring.score(facts, weights) + FRESH * max(0.0, 1 - wanted.age_days / FRESH_DAYS)
    if wanted.by is not None:
        why.append(f"It is wanted by {wanted.by.day} {wanted.by:%B}.")
        score += SOON * (wanted.by <= today + timedelta(days=SOON_DAYS))
    return Fit(score * LESS if wanted.waved else score, tuple(why))


def facts_of(able: Able, wanted: Wanted) -> scoring.Fit:
    """The two side by side, as the score takes them."""
    lent = {"thing": able.things, "room": able.rooms}.get(wanted.kind, ())
    own = [(tag, able.synonyms[tag.lower()]) for tag in wanted.tags if tag.lower() in able.synonyms]
    return scoring.Fit(
        kind=wanted.kind,
        where=wanted.where,
        meaning=wanted.alike,
        tags=tuple((tag, able.levels.get(said, "")) for tag, said in own),
        lends=tuple(thing for thing in lent if wording.shared(wanted.text, thing))[:3],
        words=tuple(wording.shared(" ".join(able.words), wanted.text)[:3]),
        near=_near(able, wanted),
        place=wanted.place_name or "",
        lives=able.lives,
        online_only=able.online_only,
        free=tuple(able.free),
        hours=wanted.hours,
        hours_a_week=able.hours_a_week,
    )


def _is_worth_showing(facts: scoring.Fit) -> bool:
    """A meaning not very near may be chance; so may one word, where a model has read both and found them far apart."""
    enough = 1 if facts.meaning is None else 2
    return bool(facts.tags or facts.lends) or (facts.meaning or 0.0) >= NEAR_ENOUGH or len(facts.words) >= enough


def _near(able: Able, wanted: Wanted) -> str:
    """How near it is, by its name in ``scoring.NEARNESS``."""
    near = "" if able.online_only else able.near.get(wanted.place_id or 0, "")
    return near or ("online" if wanted.where == "online" or (able.online_only and wanted.where == "either") else "")


def like_waved(tags: Sequence[str], waved_tags: Iterable[frozenset[str]], alike: float | None) -> bool:
    """Whether a problem is like one that somebody wanted less of: near in meaning, or about the same."""
    if alike is not None and alike >= ALIKE:
        return True
    own = set(tags)
    return any(own and waved and 2 * len(own & waved) >= min(len(own), len(waved)) for waved in waved_tags)
