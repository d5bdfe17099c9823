"""Who fits an open need: short lists of people, each found by its index, then the facts of each, then the score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import Select, any_, literal, select, tuple_, union_all
from sqlalchemy.orm import aliased

from civicboard.kit.viewer import initials
from civicboard.kit.work import Work
from civicboard.matching.models import Ask, Meaning
from civicboard.matching.policy import wording
from civicboard.matching.policy.nearness import Spot, nearness
from civicboard.matching.policy.scoring import Fit, Weights, may_fit, reasons, score
from civicboard.matching.queries.apart import numbers, unblocked
from civicboard.matching.queries.meanings import distance
from civicboard.matching.queries.needed import Home, Needed
from civicboard.matching.queries.ways import ways_to_find
from civicboard.networks.models import Member
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


def _facts(work: Work, needs: Sequence[Needed]) -> tuple[Home, Select[*tuple[Any, ...]]]:
    home = Home(Person.place_id)
    problem_id = needs[0].problem_id
    in_it = select(Member.person_id).where(
        Member.problem_id == problem_id, Member.person_id == Person.id, Member.left_at.is_(None)
    )
    parties = {work.viewer.id, *(one for need in needs for one in (need.poster_id, need.by_id))}
    concerned = [one for one in parties if one is not None]
    found = (
        select(
            Person.id,
            Person.handle,
            Person.name,
            Ability.tags,
            Ability.levels,
            Ability.words,
            Ability.lends,
            Ability.things,
            Ability.rooms,
            Ability.reach_ids,
            Ability.online_only,
            Ability.free,
            Ability.hours_a_week,
            Ability.visibility,
            *home.columns(),
        )
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


def _fit(need: Needed, row: Any, spot: Spot, alike: float | None, *, shows: bool) -> Fit:
    tags: dict[str, str] = {}
    for tag in row["tags"]:
        name = need.means.get(tag.lower())
        if name is not None:
            tags.setdefault(name, str(row["levels"].get(tag, "")))
    # A person who lends a pump is no pump engineer: things count where a thing or a room is needed.
    lent = {"thing": [*row["things"], *row["lends"].splitlines()], "room": row["rooms"]}.get(need.kind, [])
    said = " ".join((row["words"], row["lends"], *row["things"], *row["rooms"]))
    # What is lent has to come to where it is needed.
    where = "there" if need.kind in ("thing", "room") else need.where
    return Fit(
        kind=need.kind,
        where=need.where,
        meaning=alike,
        tags=tuple(tags.items()),
        lends=tuple(thing for thing in lent if wording.shared(need.what, thing))[:3],
        words=() if alike is not None else tuple(wording.shared(need.text, said)[:3]),
        near=nearness(need.spot, spot, row["reach_ids"], where=where, online_only=row["online_only"]),
        place=need.place_name,
        lives=row["lives"] or "",
        next_kind=spot.kind if spot.kind == need.spot.kind else "",
        online_only=row["online_only"],
        free=tuple(row["free"]),
        hours=need.hours,
        hours_a_week=row["hours_a_week"],
        said=wording.about(row["words"], [need.text, *need.means]),
        shows=shows,
    )


async def _asked_already(work: Work, needs: Sequence[Needed], ids: Sequence[int]) -> set[tuple[int, int]]:
    """Whom of these somebody has asked already, whatever they said, by (person, need)."""
    found = await work.session.execute(
        select(Ask.person_id, Ask.need_id).where(
            Ask.need_id == any_(numbers(need.id for need in needs)), Ask.person_id == any_(numbers(ids))
        )
    )
    return {(person_id, need_id) for person_id, need_id in found}


async def _best(
    work: Work, needs: Sequence[Needed], home: Home, rows: Sequence[Any], weights: Weights
) -> list[Candidate]:
    """Each of them with the need that they fit best, the best first."""
    ids = [row["id"] for row in rows]
    asked = await _asked_already(work, needs, ids)
    alike = await _meanings(work, needs, ids)
    found = []
    for row in rows:
        seen, spot = may_see_ability(work.viewer, row["id"], row["visibility"]), home.spot(row)
        fits = []
        for need in needs:
            fit = _fit(need, row, spot, alike.get((row["id"], need.id)), shows=seen)
            if may_fit(fit) and (row["id"], need.id) not in asked:
                fits.append(Candidate(row["id"], row["handle"], row["name"], seen, need, fit, score(fit, weights)))
        if fits:
            found.append(max(fits, key=lambda one: one.score))
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
    home, facts = _facts(work, needs)
    rows = (await work.session.execute(facts.where(Person.id == any_(numbers(ids))))).mappings().all()
    return await _best(work, needs, home, rows, weights)


async def people_to_show(work: Work, needs: Sequence[Needed], weights: Weights) -> list[Candidate]:
    """Those who fit and whom the viewer may see, so many as leave the choice to people."""
    return [one for one in await people_fitting(work, needs, weights) if one.is_seen][:MOST_SHOWN]


async def find_candidate(work: Work, need: Needed, handle: str, weights: Weights) -> Candidate | None:
    """One person by their handle, if they fit and were not asked; None if not."""
    home, facts = _facts(work, [need])
    rows = (await work.session.execute(facts.where(Person.handle == handle.lower()))).mappings().all()
    return next(iter(await _best(work, [need], home, rows, weights)), None)
