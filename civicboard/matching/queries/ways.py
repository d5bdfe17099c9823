"""Ways of finding people for a need, each by its index: by meaning, tags, tags near by, the same words, a language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Select, Text, any_, bindparam, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from civicboard.kit.reads import Statement
from civicboard.matching.models import ABILITY_SEARCH, Meaning
from civicboard.matching.policy import languages, wording
from civicboard.matching.queries.meanings import distance, of_kind
from civicboard.matching.queries.needed import Needed
from civicboard.people.models import Person
from civicboard.places.models import Place
from civicboard.skills.models import Ability

#: So many people of each way.
MOST_OF_A_WAY = 90

#: A parameter of a way, by its name and type: a way may stand in one statement several times.
Given = Callable[[str, Any], Any]


def _alike(given: Given) -> Select[*tuple[int]]:
    """Those whose meaning is nearest to that of a need or a problem, in the order of their index."""
    of = (Meaning.kind == given("kind", Text), Meaning.subject_id == given("of", BigInteger))
    return (
        select(Meaning.subject_id.label("person_id"))
        .where(of_kind("person"), Meaning.model == given("model", Text))
        .order_by(distance(select(Meaning.vector).where(*of).scalar_subquery()))
        .limit(MOST_OF_A_WAY)
    )


def _knowing(given: Given) -> Select[*tuple[int]]:
    """Those who know of it by its tags or other words for them, who spoke last first."""
    return (
        select(Ability.person_id)
        .where(Ability.tags.overlap(given("tags", ARRAY(Text))))
        .order_by(Ability.said_at.desc().nulls_last(), Ability.person_id.desc())
        .limit(MOST_OF_A_WAY)
    )


def _knowing_near(given: Given) -> Select[*tuple[int]]:
    """The same of those who live near, lest they are lost among many."""
    close = given("close", ARRAY(BigInteger))
    return (
        select(Ability.person_id)
        .join(Person, Person.id == Ability.person_id)
        .outerjoin(Place, Place.id == Person.place_id)
        .where(
            Ability.tags.overlap(given("tags", ARRAY(Text))),
            or_(Person.place_id == any_(close), Place.parent_id == any_(close), Ability.reach_ids.overlap(close)),
        )
        .limit(MOST_OF_A_WAY)
    )


def _saying(given: Given) -> Select[*tuple[int]]:
    """Those of whom what they say has a word of it, or that they lend, or a language: who spoke last first."""
    return (
        select(Ability.person_id)
        .where(ABILITY_SEARCH.op("@@")(func.to_tsquery("civic", given("words", Text))))
        .order_by(Ability.said_at.desc().nulls_last(), Ability.person_id.desc())
        .limit(given("most", BigInteger))
    )


@dataclass(frozen=True, slots=True)
class Way:
    """One way, and what is given to it."""

    by: Callable[[Given], Select[*tuple[int]]]
    values: Mapping[str, object]


def ways_to_find(needs: Sequence[Needed]) -> list[Way]:
    """Each way to find people for the needs of one problem."""
    ways = []
    for need in needs:
        if need.model:
            ways.append(Way(_alike, {"kind": "need", "of": need.id, "model": need.model}))
        if need.means:
            tags = sorted(need.means)
            ways.append(Way(_knowing, {"tags": tags}))
            if need.spot.id is not None:
                ways.append(Way(_knowing_near, {"tags": tags, "close": sorted(_close(need))}))
        if (not need.model or need.kind in ("thing", "room")) and wording.stems(need.text):
            # In whatever ending, and what is lent.
            words = [*wording.telling(need.text, most=12), *(f"{one}:*" for one in wording.stems(need.text, most=12))]
            ways.append(Way(_saying, {"words": " | ".join(words), "most": 2 * MOST_OF_A_WAY}))
        if spoken := languages.wanted_in(need.text, need.means):
            quoted = " | ".join(f"'{language}'" for language in spoken)
            ways.append(Way(_saying, {"words": quoted, "most": MOST_OF_A_WAY}))
    if needs and needs[0].model:
        ways.append(Way(_alike, {"kind": "problem", "of": needs[0].problem_id, "model": needs[0].model}))
    return ways


def _close(need: Needed) -> set[int]:
    return need.spot.close | ({need.spot.parent} if need.spot.parent is not None else set())


def values_of(ways: Sequence[Way]) -> dict[str, object]:
    """What is given to a statement of all of them."""
    return {f"{name}_{nth}": value for nth, way in enumerate(ways) for name, value in way.values.items()}


@lru_cache(maxsize=256)
def all_of(by: tuple[Callable[[Given], Select[*tuple[int]]], ...]) -> Statement:
    """One statement for several ways: the number of the way, and a person's id."""

    def of(nth: int, way: Callable[[Given], Select[*tuple[int]]]) -> Select[*tuple[int, int]]:
        found = way(lambda name, kind: bindparam(f"{name}_{nth}", type_=kind)).subquery()
        return select(literal(nth), found.c.person_id)

    return Statement(union_all(*(of(nth, way) for nth, way in enumerate(by))))
