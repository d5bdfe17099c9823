"""Ways of finding people for a need, each by its index: by meaning, tags, tags near by, the same words, a language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, any_, func, or_, select

from civicboard.matching.models import ABILITY_SEARCH, Meaning
from civicboard.matching.policy import languages, wording
from civicboard.matching.queries.apart import texts
from civicboard.matching.queries.meanings import distance, of_kind
from civicboard.matching.queries.needed import Needed
from civicboard.networks.queries.apart import numbers
from civicboard.people.models import Person
from civicboard.places.models import Place
from civicboard.skills.models import Ability

#: So many people of each way.
MOST_OF_A_WAY = 90


def _alike(kind: str, subject_id: int, model: str) -> Select[*tuple[int]]:
    """Those whose meaning is nearest to that of a need or a problem, in the order of their index."""
    its = select(Meaning.vector).where(Meaning.kind == kind, Meaning.subject_id == subject_id).scalar_subquery()
    return (
        select(Meaning.subject_id.label("person_id"))
        .where(of_kind("person"), Meaning.model == model)
        .order_by(distance(its))
        .limit(MOST_OF_A_WAY)
    )


def _knowing(need: Needed) -> Select[*tuple[int]]:
    """Those who know of it by its tags or other words for them, who spoke last first."""
    return (
        select(Ability.person_id)
        .where(Ability.tags.overlap(texts(need.means)))
        .order_by(Ability.said_at.desc().nulls_last(), Ability.person_id.desc())
        .limit(MOST_OF_A_WAY)
    )


def _knowing_near(need: Needed) -> Select[*tuple[int]]:
    """The same of those who live near, lest they are lost among many."""
    close = numbers(need.spot.close | ({need.spot.parent} if need.spot.parent is not None else set()))
    return (
        select(Ability.person_id)
        .join(Person, Person.id == Ability.person_id)
        .outerjoin(Place, Place.id == Person.place_id)
        .where(
            Ability.tags.overlap(texts(need.means)),
            or_(Person.place_id == any_(close), Place.parent_id == any_(close), Ability.reach_ids.overlap(close)),
        )
        .limit(MOST_OF_A_WAY)
    )


def _latest(query: ColumnElement[Any], most: int) -> Select[*tuple[int]]:
    """Those of whom what they say has it, by the index of that, who spoke last first."""
    return (
        select(Ability.person_id)
        .where(ABILITY_SEARCH.op("@@")(query))
        .order_by(Ability.said_at.desc().nulls_last(), Ability.person_id.desc())
        .limit(most)
    )


def _saying(need: Needed) -> Select[*tuple[int]]:
    """Those who use the same words in whatever ending, or lend what is called so."""
    words = [*wording.telling(need.text, most=12), *(f"{stem}:*" for stem in wording.stems(need.text, most=12))]
    return _latest(func.to_tsquery("civic", " | ".join(words)), 2 * MOST_OF_A_WAY)


def _speaking(named: Sequence[str]) -> Select[*tuple[int]]:
    """Those who speak a language that it names."""
    quoted = " or ".join(f'"{language}"' for language in named)
    return _latest(func.websearch_to_tsquery("civic", quoted), MOST_OF_A_WAY)


def ways_to_find(needs: Sequence[Needed]) -> list[Select[*tuple[int]]]:
    """One SELECT of person_id for each way to find people for the needs of one problem."""
    ways = []
    for need in needs:
        if need.model:
            ways.append(_alike("need", need.id, need.model))
        if need.means:
            ways.append(_knowing(need))
            if need.spot.id is not None:
                ways.append(_knowing_near(need))
        if (not need.model or need.kind in ("thing", "room")) and wording.stems(need.text):
            ways.append(_saying(need))
        if spoken := languages.wanted_in(need.text, need.means):
            ways.append(_speaking(spoken))
    if needs and needs[0].model:
        ways.append(_alike("problem", needs[0].problem_id, needs[0].model))
    return ways
