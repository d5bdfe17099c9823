"""One need as matching sees it: what is needed, where, and which words mean the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from civicboard.kit.days import earliest_today, has_passed
from civicboard.kit.reads import Statement
from civicboard.kit.work import Missing, Work
from civicboard.matching.models import Meaning, Round
from civicboard.matching.policy import asking, wording
from civicboard.matching.policy.facts import Wanted
from civicboard.matching.policy.nearness import Spot
from civicboard.matching.queries.homes import Home
from civicboard.offers.models import NEED_KINDS, Need
from civicboard.people.models import Person
from civicboard.problems.models import Problem
from civicboard.skills.queries import find_vocabulary

#: The open needs of one problem that people are looked for at once.
MOST_NEEDS = 6


@dataclass(frozen=True, slots=True)
class Needed:
    """A need, its problem, and where that is.

    ``means`` has each word that is looked for, with the word of the need that it stands for. ``model`` has read the
    need, or at least its problem; "" for none.
    """

    id: int
    problem_id: int
    problem_title: str
    problem_slug: str
    poster_id: int | None
    convenor_id: int | None
    by_id: int | None
    by_name: str | None
    kind: str
    what: str
    words: str
    hours: float | None
    by: date | None
    where: str
    state: str
    stage: str
    ring: int
    ring_since: datetime
    place_name: str
    model: str
    asks_around: bool
    spot: Spot
    means: Mapping[str, str]

    @property
    def path(self) -> str:
        return f"/needs/{self.id}/people"

    @property
    def problem_path(self) -> str:
        return f"/problems/{self.problem_id}/{self.problem_slug}"

    @property
    def kind_words(self) -> str:
        return NEED_KINDS[self.kind]

    @property
    def text(self) -> str:
        return f"{self.what} {self.words}"

    @property
    def wanted(self) -> Wanted:
        """What of it decides who fits."""
        return Wanted(
            what=self.what,
            text=self.text,
            means=self.means,
            kind=self.kind,
            where=self.where,
            hours=self.hours,
            spot=self.spot,
            place=self.place_name,
        )

    @property
    def is_asked_round(self) -> bool:
        """Whether the board looks for somebody at the moment: while nobody is on it, and its owner lets it."""
        return self.asks_around and self.state == "open"

    @property
    def is_over(self) -> bool:
        return asking.is_over(need_state=self.state, stage=self.stage)

    def has_passed(self, now: datetime) -> bool:
        """Whether its last useful day is over everywhere."""
        return has_passed(self.by, now)


_HOME = Home(Problem.place_id, pin=(Problem.latitude, Problem.longitude))
_OF_PROBLEM = aliased(Meaning)
_WANTED = _HOME.outerjoins(
    select(
        Need.id,
        Need.problem_id,
        Problem.title.label("problem_title"),
        Problem.slug.label("problem_slug"),
        Problem.poster_id,
        Problem.convenor_id,
        Need.by_id,
        Person.name.label("by_name"),
        Need.kind,
        Need.what,
        Need.words,
        Need.hours,
        Need.by,
        Need.where,
        Need.state,
        Problem.stage,
        Need.ring,
        func.coalesce(Need.ring_since, Need.added_at).label("ring_since"),
        func.coalesce(Meaning.model, _OF_PROBLEM.model, "").label("model"),
        func.coalesce(Round.is_on, True).label("asks_around"),
        Need.tags,
        *_HOME.columns(),
    )
    .join(Problem, Problem.id == Need.problem_id)
    .outerjoin(Person, Person.id == Need.by_id)
    .outerjoin(Meaning, (Meaning.kind == "need") & (Meaning.subject_id == Need.id))
    .outerjoin(_OF_PROBLEM, (_OF_PROBLEM.kind == "problem") & (_OF_PROBLEM.subject_id == Problem.id))
    .outerjoin(Round, Round.need_id == Need.id)
)
_ONE = Statement(_WANTED.where(Need.id == bindparam("need", type_=BigInteger)))
_OPEN = Statement(
    _WANTED.where(
        Need.problem_id == bindparam("number", type_=BigInteger),
        Need.state == "open",
        Problem.stage != "sorted",
        or_(Need.by.is_(None), Need.by >= bindparam("today", type_=Date)),
    )
    .order_by(Need.id.desc())
    .limit(MOST_NEEDS)
)


async def find_needed(work: Work, need_id: int) -> Needed:
    """One need with all that decides who fits it, whatever became of it. Raises Missing."""
    found = await work.mappings(_ONE, need=need_id)
    if not found:
        raise Missing
    return (await _made(work, found))[0]


async def needs_to_match(work: Work, number: int) -> list[Needed]:
    """A problem's open needs for which people may be looked for, the newest first."""
    return await _made(work, await work.mappings(_OPEN, number=number, today=earliest_today(work.now)))


async def _made(work: Work, rows: Sequence[Mapping[str, Any]]) -> list[Needed]:
    vocabulary = await find_vocabulary(work)
    needed = []
    for row in rows:
        told = {name: row[name] for name in _TOLD}
        means = wording.meant(row["tags"], row["what"], vocabulary)
        needed.append(Needed(**told, place_name=row["lives"] or "", spot=_HOME.spot(row), means=means))
    return needed


_TOLD = [name for name in Needed.__slots__ if name not in ("place_name", "spot", "means")]
