"""Who fits an open need: short lists of people, each found by its index, then the facts of each, then the score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, Text, all_, any_, bindparam, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from civicboard.kit.reads import Statement
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
from civicboard.matching.queries.ways import all_of, values_of, ways_to_find
from civicboard.networks.models import Member
from civicboard.networks.queries.apart import unblocked
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
    #: All they say of themselves.
    words: str

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def path(self) -> str:
        return f"/people/{self.handle}"

    @property
    def why(self) -> list[str]:
        """Why them, with the sentence of theirs that is most about it. Only for who is seen."""
        assert self.is_seen
        said = wording.about(self.words, [self.need.text, *self.need.means])
        return reasons(replace(self.fit, said=said))

    @property
    def ask_path(self) -> str:
        return f"/needs/{self.need.id}/asks/new?who={self.handle}"


_HOME = Home(Person.place_id)
_CONCERNED = bindparam("concerned", type_=ARRAY(BigInteger))
_PROBLEM = bindparam("number", type_=BigInteger)
_IDS, _NEEDS = bindparam("ids", type_=ARRAY(BigInteger)), bindparam("needs", type_=ARRAY(BigInteger))
_STEPPED_OUT = select(Member.person_id).where(
    Member.problem_id == _PROBLEM, Member.person_id == Person.id, Member.left_at.is_not(None)
)
#: What people can do who may be asked for a need of a problem, and where they live.
_WHO_MAY_BE_ASKED = _HOME.outerjoins(
    select(Person.handle, Person.name, Ability.visibility, *able.columns(_HOME))
    .join(Ability, Ability.person_id == Person.id)
    # Who never wants to be asked is not looked for, nor who has stepped out. Who is on the problem may well be the one:
    # they have said a word there, or help with something else.
    .where(Ability.asks_a_week > 0, Person.id != all_(_CONCERNED), ~_STEPPED_OUT.exists())
    .where(unblocked(Person.id, _CONCERNED, _PROBLEM))
)
_THESE = Statement(_WHO_MAY_BE_ASKED.where(Person.id == any_(_IDS)))
_THIS_ONE = Statement(_WHO_MAY_BE_ASKED.where(Person.handle == bindparam("handle", type_=Text)))


def _concerned(work: Work, needs: Sequence[Needed]) -> dict[str, object]:
    """The problem, and who is concerned in its needs already."""
    parties = {work.viewer.id, *(one for need in needs for one in (need.poster_id, need.convenor_id, need.by_id))}
    return {"number": needs[0].problem_id, "concerned": sorted(one for one in parties if one is not None)}


_ITS, _THEIRS = aliased(Meaning), aliased(Meaning)
_ALIKE = Statement(
    select(_THEIRS.subject_id, _ITS.kind, _ITS.subject_id.label("of"), 1 - distance(_ITS.vector, _THEIRS))
    .join(_ITS, _ITS.model == _THEIRS.model)
    .where(
        _THEIRS.kind == "person",
        _THEIRS.subject_id == any_(_IDS),
        or_(
            (_ITS.kind == "problem") & (_ITS.subject_id == _PROBLEM),
            (_ITS.kind == "need") & (_ITS.subject_id == any_(_NEEDS)),
        ),
    )
)
_ASKED = Statement(
    union_all(
        select(Ask.person_id, Ask.need_id).where(
            Ask.need_id == any_(_NEEDS), Ask.person_id == any_(_IDS), Ask.state != "called_off"
        ),
        select(Offer.helper_id, Offer.need_id).where(
            Offer.need_id == any_(_NEEDS),
            Offer.helper_id == any_(_IDS),
            Offer.state != "ended",
            Offer.state != "unanswered",
        ),
    )
)


async def _meanings(work: Work, needs: Sequence[Needed], ids: Sequence[int]) -> dict[tuple[int, int], float]:
    """How alike each person is to each need, or to its problem where that is more, by (person, need)."""
    if not any(need.model for need in needs):
        return {}
    found = await work.fetch(_ALIKE, ids=ids, number=needs[0].problem_id, needs=[need.id for need in needs])
    alike: dict[tuple[int, int], float] = {}
    for person_id, kind, subject_id, similarity in found:
        for need_id in [need.id for need in needs] if kind == "problem" else [subject_id]:
            alike[person_id, need_id] = max(similarity, alike.get((person_id, need_id), -1.0))
    return alike


async def _asked_already(work: Work, needs: Sequence[Needed], ids: Sequence[int]) -> set[tuple[int, int]]:
    """Whom of these somebody has asked already, whatever they said, or who offer it themselves, by (person, need).

    An ask that was called off is none, and one's offer counts until it has ended or waited in vain.
    """
    found = await work.fetch(_ASKED, ids=ids, needs=[need.id for need in needs])
    return {(person_id, need_id) for person_id, need_id in found}


async def _best(
    work: Work, needs: Sequence[Needed], rows: Sequence[Mapping[str, Any]], weights: Weights
) -> list[Candidate]:
    """Each of them with the need that they fit best, the best first."""
    ids = [row["id"] for row in rows]
    asked = await _asked_already(work, needs, ids)
    alike = await _meanings(work, needs, ids)
    wanted = [(need, need.wanted) for need in needs]
    found = []
    for row in rows:
        seen, one = may_see_ability(work.viewer, row["id"], row["visibility"]), able.able_of(row, _HOME)
        fits = []
        for need, what in wanted:
            fit = facts(one, what, alike.get((one.person_id, need.id)))
            if may_fit(fit) and (one.person_id, need.id) not in asked:
                fits.append((score(fit, weights), need, fit))
        if fits:
            best, need, fit = max(fits, key=itemgetter(0))
            found.append(Candidate(one.person_id, row["handle"], row["name"], seen, need, fit, best, one.words))
    # Of two who fit alike the order says nothing, but it must not change from page to page.
    return sorted(found, key=lambda one: (-one.score, one.person_id))


async def people_fitting(work: Work, needs: Sequence[Needed], weights: Weights) -> list[Candidate]:
    """Everybody among those looked at who fits one of the needs of a problem and was not asked for it, the best first.

    Nobody who offers it already or has stepped out, nobody who never wants to be asked, and nobody across a block. Some
    of them the viewer may not see (``is_seen``).
    """
    ways = ways_to_find(needs)
    if not ways:
        return []
    by_way: dict[int, list[int]] = defaultdict(list)
    for way, person_id in await work.fetch(all_of(tuple(way.by for way in ways)), **values_of(ways)):
        by_way[way].append(person_id)
    # The first of each way, then the second: no way of finding people crowds out another.
    in_turn = (one for turn in zip_longest(*by_way.values()) for one in turn if one is not None)
    ids = list(dict.fromkeys(in_turn))[:MOST_LOOKED_AT]
    rows = await work.mappings(_THESE, ids=ids, **_concerned(work, needs))
    return await _best(work, needs, rows, weights)


async def people_to_show(work: Work, needs: Sequence[Needed], weights: Weights) -> list[Candidate]:
    """Those who fit and whom the viewer may see, so many as leave the choice to people."""
    return [one for one in await people_fitting(work, needs, weights) if one.is_seen][:MOST_SHOWN]


async def find_candidate(work: Work, need: Needed, handle: str, weights: Weights) -> Candidate | None:
    """One person by their handle, if they fit and were not asked; None if not."""
    rows = await work.mappings(_THIS_ONE, handle=handle.lower(), **_concerned(work, [need]))
    return next(iter(await _best(work, [need], rows, weights)), None)
