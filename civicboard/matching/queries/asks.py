"""What people are asked: as they read it, as those who ask read it, and to be changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, any_, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased

from civicboard.kit.in_words import day_in_words
from civicboard.kit.work import Missing, Work
from civicboard.matching.models import ASK_STATES, Ask
from civicboard.matching.policy import asking
from civicboard.networks.queries.apart import numbers, unblocked
from civicboard.offers.models import NEED_KINDS, WHERES, Need
from civicboard.offers.policy import answerers, welcomes_by_asking
from civicboard.people.models import Person
from civicboard.people.queries import not_blocked
from civicboard.problems.models import Problem
from civicboard.skills.models import Ability

#: So many asks stand on somebody's own list, the newest.
MOST_OWN = 60
#: And so many that wait for an answer on their page "for you".
MOST_WAITING = 10


@dataclass(frozen=True, slots=True)
class AskRow:
    """One ask, as the person who is asked reads it. ``by_name`` is None where the board asks by itself."""

    id: int
    person_id: int
    state: str
    why: Sequence[str]
    said: str
    named: bool
    asked_at: datetime
    answered_at: datetime | None
    offer_id: int | None
    by_id: int | None
    by_name: str | None
    by_handle: str | None
    passed_on_by: str | None
    passed_on_by_handle: str | None
    need_id: int
    kind: str
    what: str
    words: str
    hours: float | None
    by: date | None
    where: str
    need_state: str
    need_by_id: int | None
    problem_id: int
    problem_title: str
    problem_slug: str
    stage: str
    poster_id: int | None
    poster_name: str | None
    convenor_id: int | None
    convenor_name: str | None

    @property
    def path(self) -> str:
        return f"/asks/{self.id}"

    @property
    def problem_path(self) -> str:
        return f"/problems/{self.problem_id}/{self.problem_slug}"

    @property
    def state_words(self) -> str:
        return "You have offered it yourself" if self.is_offered else ASK_STATES[self.state]

    @property
    def is_offered(self) -> bool:
        """Whether they have offered it in the open, and said nothing to who asked without a name."""
        return self.state == "lapsed" and self.offer_id is not None

    @property
    def kind_words(self) -> str:
        return NEED_KINDS[self.kind]

    @property
    def where_words(self) -> str:
        return WHERES[self.where]

    @property
    def reasons(self) -> list[str]:
        return asking.reasons_read(self.why, self.passed_on_by)

    @property
    def hours_words(self) -> str:
        return asking.effort_in_words(self.hours)

    @property
    def by_words(self) -> str:
        return day_in_words(self.by)

    @property
    def is_over(self) -> bool:
        """Whether a yes is no longer of use."""
        return asking.is_over(need_state=self.need_state, stage=self.stage)

    @property
    def takes_answers(self) -> bool:
        return asking.takes_answers(self.state) and not self.is_over and not self.is_offered

    @property
    def welcomes_at_once(self) -> bool:
        """Who asks answers for the problem, or nobody here does: a yes needs no further answer."""
        by_asking = welcomes_by_asking(self.by_id, poster_id=self.poster_id, convenor_id=self.convenor_id)
        return by_asking or not self.answerer_names

    @property
    def answerer_names(self) -> str:
        """``"Ada or Cy"``: who may welcome the offer that a yes is; empty where nobody can."""
        names = {self.poster_id: self.poster_name, self.convenor_id: self.convenor_name}
        return " or ".join(names[one] or "" for one in self._answerers)

    @property
    def contact_for(self) -> tuple[int, ...]:
        """Who may see how the person can be reached, if they say it with a yes: whom the form names."""
        return (self.by_id,) if self.welcomes_at_once and self.by_id is not None else self._answerers

    @property
    def _answerers(self) -> tuple[int, ...]:
        return answerers(poster_id=self.poster_id, convenor_id=self.convenor_id, helper_id=self.person_id)


_before = aliased(Ask)
_by, _passer, _poster, _convenor = (aliased(Person) for _ in range(4))


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Ask.id,
            Ask.person_id,
            Ask.state,
            Ask.why,
            Ask.words.label("said"),
            Ask.named,
            Ask.asked_at,
            Ask.answered_at,
            Ask.offer_id,
            Ask.by_id,
            _by.name.label("by_name"),
            _by.handle.label("by_handle"),
            _passer.name.label("passed_on_by"),
            _passer.handle.label("passed_on_by_handle"),
            Need.id.label("need_id"),
            Need.kind,
            Need.what,
            Need.words,
            Need.hours,
            Need.by,
            Need.where,
            Need.state.label("need_state"),
            Need.by_id.label("need_by_id"),
            Problem.id.label("problem_id"),
            Problem.title.label("problem_title"),
            Problem.slug.label("problem_slug"),
            Problem.stage,
            Problem.poster_id,
            _poster.name.label("poster_name"),
            Problem.convenor_id,
            _convenor.name.label("convenor_name"),
        )
        .join(Need, Need.id == Ask.need_id)
        .join(Problem, Problem.id == Need.problem_id)
        .outerjoin(_by, _by.id == Ask.by_id)
        .outerjoin(_before, _before.id == Ask.passed_on_from_id)
        .outerjoin(_passer, (_passer.id == _before.person_id) & not_blocked(_passer.id, Ask.person_id))
        .outerjoin(_poster, _poster.id == Problem.poster_id)
        .outerjoin(_convenor, _convenor.id == Problem.convenor_id)
    )


def _was_put(work: Work) -> ColumnElement[bool]:
    """The condition of asks that have reached the viewer: what waits for their morning is nothing yet."""
    return (Ask.person_id == work.viewer.id) & Ask.asked_at.is_not(None)


def in_peace() -> ColumnElement[bool]:
    """The condition that no block stands between who is asked and those of the problem, in a SELECT of all three."""
    return unblocked(Ask.person_id, array([Ask.by_id, Problem.poster_id, Need.by_id]), Problem.id)


async def find_ask(work: Work, ask_id: int) -> AskRow:
    """What the viewer is asked. Raises Missing for what somebody else is, or across a block."""
    asked = _rows().where(Ask.id == ask_id, _was_put(work), in_peace())
    found = (await work.session.execute(asked)).mappings().first()
    if found is None:
        raise Missing
    return AskRow(**found)


async def own_asks(work: Work) -> list[AskRow]:
    """What the viewer was asked, the newest first, without what is across a block."""
    asked = _rows().where(_was_put(work), in_peace()).order_by(Ask.asked_at.desc())
    found = await work.session.execute(asked.limit(MOST_OWN))
    return [AskRow(**row) for row in found.mappings()]


async def asks_of(work: Work, person_id: int) -> list[AskRow]:
    """What a person is asked and has not answered, the newest first, without what is across a block."""
    asked = _rows().where(Ask.person_id == person_id, Ask.state == "asked", in_peace())
    found = await work.session.execute(asked.order_by(Ask.asked_at.desc(), Ask.id.desc()).limit(MOST_WAITING))
    return [AskRow(**row) for row in found.mappings()]


def has_spoken(person_id: Any) -> ColumnElement[bool]:
    """The condition that a need, in a SELECT of it, stands among what a person is asked, or that they have said no to
    it: then it is no news to them. What somebody across a block asks them, they don't see.
    """
    said_no = (Ask.state == "not_now") | (Ask.state == "not_me")
    asked = select(Ask.id).where(Ask.need_id == Need.id, Ask.person_id == person_id)
    return asked.where(or_(said_no, (Ask.state == "asked") & not_blocked(Ask.by_id, person_id))).exists()


async def own_asks_a_week(work: Work) -> int:
    """How often the viewer may be asked in any seven days, at most."""
    found = await work.session.scalar(select(Ability.asks_a_week).where(Ability.person_id == work.viewer.id))
    return asking.MOST_A_WEEK if found is None else min(found, asking.MOST_A_WEEK)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom the viewer has asked, for as much as they may know of it."""

    id: int
    need_id: int
    what: str
    state: str
    name: str
    handle: str

    @property
    def state_words(self) -> str:
        """What waits for somebody's morning is not told from what was asked: when they sleep is theirs to know."""
        shown = {"waiting": "Asked", "not_now": "Not this time", "not_me": "Not this time"}
        return shown.get(self.state) or ASK_STATES[self.state]

    @property
    def stands(self) -> bool:
        return self.state in asking.STANDING


async def asked_by_viewer(work: Work, need_ids: Sequence[int]) -> list[Asked]:
    """Whom the viewer has asked by name, and who of the others said yes, the newest first.

    What was called off is not there, whether it had been put or not.
    """
    if not work.viewer.signed_in or not need_ids:
        return []
    found = await work.session.execute(
        select(Ask.id, Ask.need_id, Need.what, Ask.state, Person.name, Person.handle)
        .join(Need, Need.id == Ask.need_id)
        .join(Person, Person.id == Ask.person_id)
        .where(Ask.need_id == any_(numbers(need_ids)), Ask.by_id == work.viewer.id)
        .where(or_(Ask.named, Ask.state == "yes"), Ask.state != "called_off")
        .order_by(Ask.id.desc())
        .limit(MOST_OWN)
    )
    return [Asked(*row) for row in found]
