"""Who fits an open need: short lists of people, each found by its index, then the facts of each, then the score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from operator import itemgetter
from typing import Any

from sqlalchemy import Result, Select, any_, literal, select, tuple_, union_all
from sqlalchemy.orm import aliased

from civicboard.kit.viewer import initials
from civicboard.kit.work import Work
from civicboard.matching.models import Ask, Meaning
from civicboard.matching.policy import wording
from civicboard.matching.policy.facts import facts
from civicboard.matching.policy.scoring import Fit, Weights, may_fit, reasons, score
from civicboard.matching.queries import able
from civicboard.matching.queries.homes import Home
from civicboard.matching.queries.meanings import distance
from civicboard.matching.queries.needed import Needed
from civicboard.matching.queries.ways import ways_to_find
from civicboard.networks.models import Member
from civicboard.networks.queries.apart import numbers, unblocked
from civicboard.offers.models import Offer
from civicboard.people.models import Person
from civicboard.skills.models import Ability
from civicboard.skills.policy import may_see_ability

#: So many people at most have their facts looked at, and so many are shown.
MOST_LOOKED_AT = 160
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who fits, and how. ``fit`` is what the score knows of them; the rest only names them.

    ``is_seen`` says whether the viewer may know that they are among those who fit.
    """

    person_id: int
    handle: str
    name: str
    is_seen: bool
    need: Needed
    fit: Fit
    score: float

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def path(self) -> str:
        return f"/people/{self.handle}"

    @property
    def why(self) -> list[str]:
        return reasons(self.fit)

    @property
    def ask_path(self) -> str:
        return f"/needs/{self.need.id}/asks/new?who={self.handle}"


def _those(work: Work, needs: Sequence[Needed]) -> tuple[Home, Select[*tuple[Any, ...]]]:
    """What people can do who may be asked for a need of a problem, and where they live."""
    home = Home(Person.place_id)
    problem_id = needs[0].problem_id
    in_it = select(Member.person_id).where(
        Member.problem_id == problem_id, Member.person_id == Person.id, Member.left_at.is_(None)
    )
    parties = {work.viewer.id, *(one for need in needs for one in (need.poster_id, need.by_id))}
    concerned = [one for one in parties if one is not None]
    found = (
        select(Person.handle, Person.name, Ability.visibility, *able.columns(home))
        .join(Ability, Ability.person_id == Person.id)
        # Who never wants to be asked is not looked for; the people of the problem need not be.
        .where(Ability.asks_a_week > 0, Person.id.not_in(concerned), ~in_it.exists())
        .where(unblocked(Person.id, concerned, problem_id))
    )
    return home, home.outerjoins(found)


async def _meanings(work: Work, needs: Sequence[Needed], ids: Sequence[int]) -> dict[tuple[int, int], float]:
    """How alike each person is to each need, or to its problem where that is more, by (person, need)."""
    if not any(need.model for need in needs):
        return {}
    its, theirs = aliased(Meaning), aliased(Meaning)
    of = [("problem", needs[0].problem_id), *(("need", need.id) for need in needs)]
    found = await work.session.execute(
        select(
            theirs.subject_id,
            its.kind,
            its.subject_id,
            1 - distance(its.vector, theirs),
        )
        .join(its, its.model == theirs.model)
        .where(theirs.kind == "person", theirs.subject_id == any_(numbers(ids)))
        .where(tuple_(its.kind, its.subject_id).in_(of))
    )
    alike: dict[tuple[int, int], float] = {}
    for person_id, kind, subject_id, similarity in found:
        for need_id in [need.id for need in needs] if kind == "problem" else [subject_id]:
            alike[person_id, need_id] = max(similarity, alike.get((person_id, need_id), -1.0))
    return alike


async def _asked_already(work: Work, needs: Sequence[Needed], ids: Sequence[int]) -> set[tuple[int, int]]:
    """Whom of these somebody has asked already, whatever they said, or who offer it themselves, by (person, need).

    An ask that was called off is none, and one's offer counts until it has ended or waited in vain.
    """
    these, people = any_(numbers(need.id for need in needs)), any_(numbers(ids))
    asked = select(Ask.person_id, Ask.need_id).where(
        Ask.need_id == these, Ask.person_id == people, Ask.state != "called_off"
    )
    offer = select(Offer.helper_id, Offer.need_id).where(
        Offer.need_id == these, Offer.helper_id == people, Offer.state.not_in(("ended", "unanswered"))
    )
    rows: Result[int, int] = await work.session.execute(union_all(asked, offer))
    return {(person_id, need_id) for person_id, need_id in rows}


async def _best(
    work: Work, needs: Sequence[Needed], home: Home, rows: Sequence[Any], weights: Weights
) -> list[Candidate]:
    """Each of them with the need that they fit best, the best first."""
    ids = [row["id"] for row in rows]
    asked = await _asked_already(work, needs, ids)
    alike = await _meanings(work, needs, ids)
    wanted = [(need, need.wanted) for need in needs]
    found = []
    for row in rows:
        seen, one = may_see_ability(work.viewer, row["id"], row["visibility"]), able.able_of(row, home)
        fits = []
        for need, what in wanted:
            fit = facts(one, what, alike.get((one.person_id, need.id)), shows=seen)
            if may_fit(fit) and (one.person_id, need.id) not in asked:
                fits.append((score(fit, weights), need, fit))
        if fits:
            best, need, fit = max(fits, key=itemgetter(0))
            told = replace(fit, said=wording.about(one.words, [need.text, *need.means]))
            found.append(Candidate(one.person_id, row["handle"], row["name"], seen, need, told, best))
    # Of two who fit alike the order says nothing, but it must not change from page to page.
    return sorted(found, key=lambda one: (-one.score, one.person_id))


async def people_fitting(work: Work, needs: Sequence[Needed], weights: Weights) -> list[Candidate]:
    """Everybody among those looked at who fits one of the needs of a problem and was not asked for it, the best first.

    Nobody who is in it already, nobody who never wants to be asked, and nobody across a block. Some of them the viewer
    may not see (``is_seen``).
    """
    ways = ways_to_find(needs)
    if not ways:
        return []
    each = [select(literal(way), found.subquery().c.person_id) for way, found in enumerate(ways)]
    by_way: dict[int, list[int]] = defaultdict(list)
    for way, person_id in await work.session.execute(union_all(*each)):
        by_way[way].append(person_id)
    # The first of each way, then the second: no way of finding people crowds out another.
    in_turn = (one for turn in zip_longest(*by_way.values()) for one in turn if one is not None)
    ids = list(dict.fromkeys(in_turn))[:MOST_LOOKED_AT]
    home, those = _those(work, needs)
    rows = (await work.session.execute(those.where(Person.id == any_(numbers(ids))))).mappings().all()
    return await _best(work, needs, home, rows, weights)


async def people_to_show(work: Work, needs: Sequence[Needed], weights: Weights) -> list[Candidate]:
    """Those who fit and whom the viewer may see, so many as leave the choice to people."""
    return [one for one in await people_fitting(work, needs, weights) if one.is_seen][:MOST_SHOWN]


async def find_candidate(work: Work, need: Needed, handle: str, weights: Weights) -> Candidate | None:
    """One person by their handle, if they fit and were not asked; None if not."""
    home, those = _those(work, [need])
    rows = (await work.session.execute(those.where(Person.handle == handle.lower()))).mappings().all()
    return next(iter(await _best(work, [need], home, rows, weights)), None)
