"""What one person can do and what is wanted, side by side: the facts of the score, from whichever side one looks.

Who somebody works for, in which role, and what they are called is in neither, and never becomes part of it
(tests/house/test_belonging_is_no_input.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from civicboard.matching.policy import languages, wording
from civicboard.matching.policy.nearness import NOWHERE, Spot, nearness
from civicboard.matching.policy.scoring import Fit

#: So many things that are lent, and words that both use, are told.
MOST_TOLD = 3


@dataclass(frozen=True)
class Able:
    """What one person can do, lend and reach, in their words; where they live, and when they are free."""

    person_id: int
    tags: Sequence[str] = ()
    #: How well they can do it, by tag.
    levels: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    lends: str = ""
    things: Sequence[str] = ()
    rooms: Sequence[str] = ()
    languages: Sequence[str] = ()
    reach: Sequence[int] = ()
    online_only: bool = False
    free: Sequence[str] = ()
    hours_a_week: float | None = None
    home: Spot = NOWHERE
    #: The place where they live, as it is called.
    lives: str = ""
    #: The model that has read it; "" for none, and then only words are compared.
    model: str = ""
    #: Every word for their tags, in lower case: what things are looked for by that may be for them.
    synonyms: Sequence[str] = ()

    @cached_property
    def said(self) -> str:
        """All they say in words of their own."""
        return f"{self.words} {self.lent}"

    @property
    def lent(self) -> str:
        """All they say of what they lend."""
        return " ".join((self.lends, *self.things, *self.rooms))

    @cached_property
    def telling(self) -> Sequence[str]:
        """Their words that say what they are about."""
        return wording.telling(self.said)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The beginnings of those words."""
        return frozenset(map(wording.stem, self.telling))

    @property
    def has_said(self) -> bool:
        return bool(self.tags or self.stems or self.languages)

    @property
    def is_placed(self) -> bool:
        """Whether anything is known of where they are."""
        return self.home.id is not None or bool(self.reach)


@dataclass(frozen=True)
class Wanted:
    """One thing that is wanted: a need, or what a problem says of itself."""

    #: In a line, and all of it.
    what: str
    text: str
    #: Each word for it, with the word that it stands for (``wording.meant``).
    means: Mapping[str, str]
    #: skill, thing, room or introduction
    kind: str = "skill"
    #: there, online or either; "" where nobody has said
    where: str = "either"
    hours: float | None = None
    spot: Spot = NOWHERE
    #: The place of it, as it is called.
    place: str = ""

    @cached_property
    def telling(self) -> Sequence[str]:
        """Its words that say what it is about."""
        return wording.telling(self.text)

    @cached_property
    def is_in_a_language(self) -> bool:
        """Whether its line names a language that not everybody here speaks."""
        return any(one != "English" for one in languages.wanted_in(self.what, ()))


def facts(able: Able, wanted: Wanted, alike: float | None) -> Fit:
    """The two side by side. ``alike`` is how near they are in meaning; None where no model has read both."""
    tags: dict[str, str] = {}
    for tag in able.tags:
        name = wanted.means.get(tag.lower())
        if name is not None:
            tags.setdefault(name, able.levels.get(tag, ""))
    # A person who lends a pump is no pump engineer: things count where a thing or a room is needed.
    in_common = wording.in_common if alike is None else wording.rare_in_common
    lent = {"thing": (*able.things, *able.lends.splitlines()), "room": able.rooms}.get(wanted.kind, ())
    # What is lent has to come to where it is needed.
    where = "there" if wanted.kind in ("thing", "room") else wanted.where
    speaks = tuple(languages.spoken(able.languages, wanted.text, wanted.means))[:MOST_TOLD]
    return Fit(
        kind=wanted.kind,
        where=wanted.where,
        meaning=alike,
        tags=tuple(tags.items()),
        lends=tuple(thing for thing in lent if wording.is_such(wanted.what, thing))[:MOST_TOLD],
        speaks=speaks,
        unspoken=wanted.is_in_a_language and not speaks,
        words=tuple(in_common(wanted.telling, able.telling, able.stems)[:MOST_TOLD]),
        near=nearness(wanted.spot, able.home, able.reach, where=where, online_only=able.online_only),
        place=wanted.place,
        lives=able.lives,
        next_kind=able.home.kind if able.home.kind == wanted.spot.kind else "",
        online_only=able.online_only,
        free=tuple(able.free),
        hours=wanted.hours,
        hours_a_week=able.hours_a_week,
    )
