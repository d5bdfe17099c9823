"""Who fits an open need: short lists of people, each found by its index, then the facts of each, then the score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Select,
    and_,
    any_,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlalchemy.types import Text

from civicboard.kit.viewer import initials
from civicboard.kit.work import Work
from civicboard.matching.models import Meaning
from civicboard.matching.policy import wording
from civicboard.matching.policy.scoring import Fit, Weights, may_fit, reasons, score
from civicboard.matching.queries.needed import Needed
from civicboard.networks.models import Member
from civicboard.organisations.models import Affiliation
from civicboard.people.models import Block, Person
from civicboard.places.models import Place
from civicboard.skills.models import Ability

#: So many people of each way of finding them, and so many in all whose facts are looked at.
MOST_OF_A_WAY = 90
MOST_LOOKED_AT = 200
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who fits, and how. ``fit`` is what the score knows of them; the rest only names them.

    ``is_seen`` says whether the viewer may know that they are among those who fit.
    """

    person_id: int
    handle: str
    name: str
    place_name: str | None
    is_seen: bool
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


# --- who is looked at ---


def _numbers(ids: Iterable[int]) -> ColumnElement[Any]:
    return literal(sorted(ids), ARRAY(BigInteger))


def _words(words: Iterable[str]) -> ColumnElement[Any]:
    return literal(sorted(words), ARRAY(Text))


def _alike(need: Needed) -> Select[*tuple[int]]:
    """Those whose meaning is nearest to the need's: the index of people's meanings has them in order."""
    its = select(Meaning.vector).where(Meaning.kind == "need", Meaning.subject_id == need.id).scalar_subquery()
    return (
        select(Meaning.subject_id.label("person_id"))
        # Written out as in the partial index.
        .where(Meaning.kind == literal_column("'person'"), Meaning.model == need.model)
        .order_by(Meaning.vector.op("<=>", return_type=Float())(its))
        .limit(MOST_OF_A_WAY)
    )


def _knowing(need: Needed) -> Select[*tuple[int]]:
    """Those who know of it by its tags or other words for them, who spoke last first."""
    return (
        select(Ability.person_id)
        .where(Ability.tags.overlap(_words(need.means)))
        .order_by(Ability.said_at.desc().nulls_last(), Ability.person_id.desc())
        .limit(MOST_OF_A_WAY)
    )


def _knowing_near(need: Needed) -> Select[*tuple[int]]:
    """The same of those who live near, lest they are lost among many."""
    near = _numbers({*need.around, *need.inside, need.place_id or 0})
    beside = and_(Place.parent_id == need.parent_id, Place.parent_id.is_not(None))
    return (
        select(Ability.person_id)
        .join(Person, Person.id == Ability.person_id)
        .outerjoin(Place, Place.id == Person.place_id)
        .where(
            Ability.tags.overlap(_words(need.means)),
            or_(Person.place_id == any_(near), Ability.reach_ids.overlap(near), beside),
        )
        .limit(MOST_OF_A_WAY)
    )


_SAID = func.concat_ws(
    literal_column("' '"),
    Ability.words,
    Ability.lends,
    func.array_to_string(Ability.things, literal_column("' '")),
    func.array_to_string(Ability.rooms, literal_column("' '")),
)


def _saying(need: Needed) -> Select[*tuple[int]]:
    """Those who use the same words, or lend what is called so. It reads what everybody says, so it stops early."""
    patterns = [f"%{stem}%" for stem in wording.stems(need.text, most=12)]
    return select(Ability.person_id).where(_SAID.ilike(any_(literal(patterns, ARRAY(Text))))).limit(2 * MOST_OF_A_WAY)


def _ways(need: Needed) -> list[Select[*tuple[int]]]:
    ways = []
    if need.model:
        ways.append(_alike(need))
    if need.means:
        ways += [_knowing(need), _knowing_near(need)]
    if (not need.model or need.kind in ("thing", "room")) and wording.stems(need.text):
        ways.append(_saying(need))
    return ways


# --- their facts ---


def unblocked(person_id: ColumnElement[Any], *others: int | None) -> ColumnElement[bool]:
    """Neither of them wants nothing to do with the other, for each of the ``others``."""
    theirs = _numbers({other for other in others if other is not None})
    return ~exists().where(
        or_(
            and_(Block.person_id == person_id, Block.blocked_id == any_(theirs)),
            and_(Block.blocked_id == person_id, Block.person_id == any_(theirs)),
        )
    )


def _facts(work: Work, need: Needed) -> Select[*tuple[Any, ...]]:
    its, theirs = aliased(Meaning), aliased(Meaning)
    alike = (
        select(1 - theirs.vector.op("<=>", return_type=Float())(its.vector))
        .select_from(theirs)
        .join(its, (its.kind == "need") & (its.subject_id == need.id) & (its.model == theirs.model))
        .where(theirs.kind == "person", theirs.subject_id == Person.id)
        .scalar_subquery()
    )
    in_it = exists().where(
        Member.problem_id == need.problem_id, Member.person_id == Person.id, Member.left_at.is_(None)
    )
    concerned = [one for one in (need.poster_id, need.by_id, work.viewer.id) if one is not None]
    return (
        select(
            Person.id,
            Person.handle,
            Person.name,
            Person.place_id,
            Place.name.label("place_name"),
            Place.parent_id,
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
            alike.label("alike"),
        )
        .join(Ability, Ability.person_id == Person.id)
        .outerjoin(Place, Place.id == Person.place_id)
        # Who never wants to be asked is not looked for; the people of the problem need not be.
        .where(Ability.asks_a_week > 0, Person.id.not_in(concerned), ~in_it, unblocked(Person.id, *concerned))
    )


def _near(need: Needed, place_id: int | None, parent_id: int | None, reach: Sequence[int], online_only: bool) -> str:
    """How near somebody is: the name of it in ``scoring.NEARNESS``."""
    online = "online" if need.where != "there" else ""
    if need.place_id is None or need.where == "online" or online_only:
        return online
    if place_id == need.place_id:
        return "same"
    if place_id in need.around or place_id in need.inside:
        return "within"
    if need.place_id in reach or need.around & set(reach):
        return "reach"
    if parent_id is not None and parent_id == need.parent_id:
        return "beside"
    return online


def _fit(need: Needed, row: Any, *, shows: bool) -> Fit:
    tags: dict[str, str] = {}
    for tag in row.tags:
        name = need.means.get(tag.lower())
        if name is not None:
            tags.setdefault(name, str(row.levels.get(tag, "")))
    # A person who lends a pump is no pump engineer: things count where a thing or a room is needed.
    lent = {"thing": [*row.things, *row.lends.splitlines()], "room": row.rooms}.get(need.kind, [])
    said = " ".join((row.words, row.lends, *row.things, *row.rooms))
    return Fit(
        kind=need.kind,
        where=need.where,
        meaning=row.alike,
        tags=tuple(tags.items()),
        lends=tuple(thing for thing in lent if wording.shared(need.what, thing))[:3],
        words=() if row.alike is not None else tuple(wording.shared(need.text, said)[:3]),
        near=_near(need, row.place_id, row.parent_id, row.reach_ids, row.online_only),
        place=need.place_name,
        online_only=row.online_only,
        free=tuple(row.free),
        hours=need.hours,
        hours_a_week=row.hours_a_week,
        said=wording.about(row.words, [need.text, *need.means]),
        shows=shows,
    )


def _is_seen(work: Work, visibility: str) -> bool:
    """Whether the viewer may know what they can do; the board itself, for whom nobody looks, shows it to nobody."""
    return visibility == "public" or (visibility == "signed_in" and work.viewer.signed_in)


def _best(work: Work, need: Needed, rows: Iterable[Any], weights: Weights) -> list[Candidate]:
    found = []
    for row in rows:
        seen = _is_seen(work, row.visibility)
        fit = _fit(need, row, shows=seen)
        if may_fit(fit):
            found.append(
                Candidate(row.id, row.handle, row.name, row.place_name, seen, fit, score(fit, weights)),
            )
    # Of two who fit alike the order says nothing, but it must not change from page to page.
    return sorted(found, key=lambda one: (-one.score, one.person_id))


async def people_fitting(work: Work, need: Needed, weights: Weights) -> list[Candidate]:
    """Everybody among those looked at who fits, the best first; without people of the problem, and across no block."""
    ways = _ways(need)
    if not ways:
        return []
    each = [select(literal(way), found.subquery().c.person_id) for way, found in enumerate(ways)]
    by_way: dict[int, list[int]] = defaultdict(list)
    for way, person_id in await work.session.execute(union_all(*each)):
        by_way[way].append(person_id)
    # The first of each way, then the second: no way of finding people crowds out another.
    in_turn = (one for turn in zip_longest(*by_way.values()) for one in turn if one is not None)
    ids = list(dict.fromkeys(in_turn))[:MOST_LOOKED_AT]
    rows = await work.session.execute(_facts(work, need).where(Person.id == any_(_numbers(ids))))
    return _best(work, need, rows, weights)


async def find_candidate(work: Work, need: Needed, handle: str, weights: Weights) -> Candidate | None:
    """One person by their handle, if they fit; None if not."""
    rows = await work.session.execute(_facts(work, need).where(Person.handle == handle.lower()))
    return next(iter(_best(work, need, rows, weights)), None)


async def officers_among(work: Work, ids: Iterable[int]) -> set[int]:
    """Who of these is an officer of any organisation. It decides when they may be asked, never how well they fit."""
    found = await work.session.scalars(
        select(Affiliation.person_id).where(
            Affiliation.person_id == any_(_numbers(ids)), Affiliation.role == "officer", Affiliation.ended_at.is_(None)
        )
    )
    return set(found)
