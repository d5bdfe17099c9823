"""The words for what people can do, who can do it, and what has been changed about the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select

from civicboard.kit.reads import Statement
from civicboard.kit.viewer import initials
from civicboard.kit.work import Missing, Work
from civicboard.people.models import Person
from civicboard.people.queries import not_blocked
from civicboard.places.models import Place
from civicboard.skills.models import CHANGES, LEVELS, Ability, Skill, SkillChange
from civicboard.skills.policy import Vocabulary, address_of
from civicboard.skills.queries.abilities import shown_to

#: So many people stand on the page of a skill, those who spoke last first.
MOST_ABLE = 60
MOST_CHANGES = 20


@dataclass(frozen=True, slots=True)
class SkillRow:
    """One word of the vocabulary, what it takes in, and the other words for it."""

    tag: str
    synonyms: Sequence[str]
    about: str

    @property
    def address(self) -> str:
        return address_of(self.tag)

    @property
    def path(self) -> str:
        return f"/skills/{self.address}"


_VOCABULARY = Statement(select(Skill.tag, Skill.synonyms).order_by(Skill.tag))


@lru_cache(maxsize=4)
def _made(words: tuple[tuple[str, tuple[str, ...]], ...]) -> Vocabulary:
    return Vocabulary.of(words)


async def find_vocabulary(work: Work) -> Vocabulary:
    """The words as they stand now: one short statement, and the same object while nothing has changed."""
    return _made(tuple((tag, tuple(synonyms)) for tag, synonyms in await work.fetch(_VOCABULARY)))


async def skills_all(work: Work) -> list[SkillRow]:
    """Every word of the vocabulary, by the alphabet."""
    found = await work.session.execute(select(Skill.tag, Skill.synonyms, Skill.about).order_by(Skill.tag))
    return [SkillRow(*row) for row in found]


async def find_skill(work: Work, address: str) -> SkillRow:
    """The word whose page has this address. Raises Missing."""
    tag = (await find_vocabulary(work)).at(address)
    found = await work.session.execute(select(Skill.tag, Skill.synonyms, Skill.about).where(Skill.tag == tag))
    row = found.first()
    if row is None:
        raise Missing
    return SkillRow(*row)


async def find_skill_to_change(work: Work, address: str) -> Skill:
    """The word whose page has this address, held until the deed is done. Raises Missing."""
    tag = (await find_vocabulary(work)).at(address)
    skill = await work.session.get(Skill, tag, with_for_update=True) if tag is not None else None
    if skill is None:
        raise Missing
    return skill


@dataclass(frozen=True, slots=True)
class AbleRow:
    """Somebody who says they can do a thing. ``level`` is how well, in words; "" when they haven't said."""

    handle: str
    name: str
    place_name: str | None
    level: str

    @property
    def path(self) -> str:
        return f"/people/{self.handle}"

    @property
    def initials(self) -> str:
        return initials(self.name)


async def people_able(work: Work, skill: SkillRow) -> list[AbleRow]:
    """Who has said they can do it, as far as the viewer may see; nobody across a block, whoever of the two made it."""
    me = work.viewer.id
    wanted = (
        select(Person.handle, Person.name, Place.name, Ability.levels)
        .join(Ability, Ability.person_id == Person.id)
        .outerjoin(Place, Place.id == Person.place_id)
        .where(Ability.tags.overlap([skill.tag, *skill.synonyms]), shown_to(me), not_blocked(Person.id, me))
        .order_by(Ability.said_at.desc().nulls_last(), Person.id)
        .limit(MOST_ABLE)
    )
    return [
        AbleRow(handle, name, place, LEVELS.get(levels.get(skill.tag, ""), ""))
        for handle, name, place, levels in await work.session.execute(wanted)
    ]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change to the vocabulary. ``by_name`` and ``by_handle`` are None when the account is gone."""

    tag: str
    kind: str
    word: str
    at: datetime
    by_name: str | None
    by_handle: str | None

    @property
    def did(self) -> str:
        return CHANGES[self.kind]

    @property
    def path(self) -> str:
        return f"/skills/{address_of(self.tag)}"


async def changes_latest(work: Work) -> list[ChangeRow]:
    """What people have changed about the vocabulary, the newest first."""
    found = await work.session.execute(
        select(SkillChange.tag, SkillChange.kind, SkillChange.word, SkillChange.at, Person.name, Person.handle)
        .outerjoin(Person, Person.id == SkillChange.by_id)
        .order_by(SkillChange.id.desc())
        .limit(MOST_CHANGES)
    )
    return [ChangeRow(*row) for row in found]
