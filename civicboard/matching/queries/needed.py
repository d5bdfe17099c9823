"""One need as matching sees it: what is needed, where, and which words mean the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from civicboard.kit.work import Missing, Work
from civicboard.matching.models import Meaning, Round
from civicboard.matching.policy import asking, wording
from civicboard.offers.models import NEED_KINDS, Need
from civicboard.people.models import Person
from civicboard.places.models import Place
from civicboard.problems.models import Problem
from civicboard.skills.models import Skill

#: The open needs of one problem that people are looked for at once.
MOST_NEEDS = 6


@dataclass(frozen=True, slots=True)
class Needed:
    """An open need, its problem, and the places round it.

    ``means`` has each word that is looked for, with the word of the need that it stands for. ``around`` are the places
    that the problem's place lies in, ``inside`` those that lie in it. ``model`` has read the need; "" for none.
    """

    id: int
    problem_id: int
    problem_title: str
    problem_slug: str
    poster_id: int | None
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
    added_at: datetime
    ring: int
    ring_since: datetime | None
    place_id: int | None
    place_name: str
    parent_id: int | None
    model: str
    asks_around: bool
    means: dict[str, str]
    around: frozenset[int]
    inside: frozenset[int]

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
    def is_over(self) -> bool:
        return asking.is_over(need_state=self.state, stage=self.stage)

    def has_passed(self, now: datetime) -> bool:
        """Whether its last useful day is over everywhere."""
        return self.by is not None and self.by < (now - timedelta(hours=12)).date()

    @property
    def hours_words(self) -> str:
        if self.hours is None:
            return ""
        return "1 hour" if self.hours == 1 else f"{self.hours:g} hours"

    @property
    def by_words(self) -> str:
        return f"{self.by.day} {self.by:%B %Y}" if self.by else ""


async def find_needed(work: Work, need_id: int) -> Needed:
    """One need with all that decides who fits it, whatever became of it. Raises Missing."""
    found = await work.session.execute(
        select(
            Need.id,
            Need.problem_id,
            Problem.title.label("problem_title"),
            Problem.slug.label("problem_slug"),
            Problem.poster_id,
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
            Need.added_at,
            Need.ring,
            Need.ring_since,
            Problem.place_id,
            func.coalesce(Place.name, "").label("place_name"),
            Place.parent_id,
            func.coalesce(Meaning.model, "").label("model"),
            func.coalesce(Round.is_on, True).label("asks_around"),
            Need.tags,
        )
        .join(Problem, Problem.id == Need.problem_id)
        .outerjoin(Person, Person.id == Need.by_id)
        .outerjoin(Place, Place.id == Problem.place_id)
        .outerjoin(Meaning, (Meaning.kind == "need") & (Meaning.subject_id == Need.id))
        .outerjoin(Round, Round.need_id == Need.id)
        .where(Need.id == need_id)
    )
    row = found.mappings().first()
    if row is None:
        raise Missing
    told = {name: value for name, value in row.items() if name != "tags"}
    means = await _means(work, row["tags"], f"{row['what']}")
    return Needed(
        **told,
        means=means,
        around=await _around(work, row["place_id"]),
        inside=await _inside(work, row["place_id"]),
    )


async def _means(work: Work, tags: Sequence[str], what: str) -> dict[str, str]:
    """Each word for what is needed, with the need's own word for it: its tags, and what the vocabulary knows of it."""
    own = {tag.lower(): tag for tag in tags}
    said = list(dict.fromkeys([*own, *wording.phrases(what)]))
    given = literal(said, ARRAY(Text))
    found = await work.session.execute(
        select(Skill.tag, Skill.synonyms).where(or_(Skill.tag == any_(given), Skill.synonyms.overlap(given)))
    )
    means = dict(own)
    for tag, synonyms in found:
        words = [tag, *synonyms]
        name = next((own[word] for word in words if word in own), tag)
        for word in words:
            means.setdefault(word, name)
    return means


async def _around(work: Work, place_id: int | None) -> frozenset[int]:
    """The places that a place lies in, itself left out."""
    if place_id is None:
        return frozenset()
    around = select(Place.id, Place.parent_id).where(Place.id == place_id).cte("around", recursive=True)
    # UNION, not UNION ALL: a place that is within itself by mistake must end the search, not go on for ever.
    around = around.union(select(Place.id, Place.parent_id).join(around, Place.id == around.c.parent_id))
    return frozenset(await work.session.scalars(select(around.c.id).where(around.c.id != place_id)))


async def _inside(work: Work, place_id: int | None) -> frozenset[int]:
    """The places that lie in a place, down to the smallest, itself left out."""
    if place_id is None:
        return frozenset()
    inside = select(Place.id).where(Place.id == place_id).cte("inside", recursive=True)
    inside = inside.union(select(Place.id).join(inside, Place.parent_id == inside.c.id))
    return frozenset(await work.session.scalars(select(inside.c.id).where(inside.c.id != place_id).limit(2_000)))


async def needs_to_match(work: Work, number: int) -> list[int]:
    """The ids of a problem's open needs, the newest first."""
    found = await work.session.scalars(
        select(Need.id)
        .where(Need.problem_id == number, Need.state == "open")
        .order_by(Need.id.desc())
        .limit(MOST_NEEDS)
    )
    return list(found)
