"""Every SELECT for the badges beside people's names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, aliased

from civicboard.kit.reads import Statement
from civicboard.kit.work import Work
from civicboard.organisations.models import ROLES, Affiliation
from civicboard.people.models import Person

#: How many badges stand beside a name.
MOST_BADGES = 4

# Characters that no line of text holds: between the parts of a badge, and between badges.
_PART, _BADGE = "\x1f", "\x1e"


@dataclass(frozen=True, slots=True)
class Badge:
    """Where somebody belongs, in words beside their name. ``ward`` is the name of a councillor's, or empty."""

    role: str
    ward: str
    organisation: str
    slug: str

    @property
    def words(self) -> str:
        """``"Officer, Millbrook Council"``, ``"Councillor for Brook ward, Millbrook Council"``."""
        return f"{role_words(self.role, self.ward)}, {self.organisation}"

    @property
    def written(self) -> str:
        """As ``Affiliation.badge`` keeps it."""
        return _PART.join((self.role, self.ward, self.organisation, self.slug))

    @property
    def path(self) -> str:
        return f"/organisations/{self.slug}"


def role_words(role: str, ward: str | None = "") -> str:
    """``"Officer"``, ``"Councillor for Brook ward"``."""
    if role != "councillor" or not ward:
        return ROLES[role]
    return f"{ROLES[role]} for {ward if ward.lower().split()[-1] == 'ward' else f'{ward} ward'}"


def badges_column(person_id: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """For a SELECT of rows about somebody: their badges as one text, for ``read_badges``, and for keys of what is kept.

    Empty for most people, at the price of a look into a small index.
    """
    belongs = aliased(Affiliation)
    apart: ColumnElement[str] = literal_column("chr(30)")
    worn = select(func.string_agg(belongs.badge, aggregate_order_by(apart, belongs.id))).where(
        belongs.person_id == person_id, belongs.ended_at.is_(None)
    )
    return func.coalesce(worn.scalar_subquery(), literal_column("''"))


def read_badges(written: str) -> list[Badge]:
    """The badges in what ``badges_column`` gives, the oldest affiliation first."""
    return [Badge(*one.split(_PART)) for one in written.split(_BADGE)[:MOST_BADGES]] if written else []


_BADGES = Statement(
    select(Person.id, badges_column(Person.id)).where(Person.id == any_(bindparam("people", type_=ARRAY(BigInteger))))
)


async def badges_of(work: Work, person_ids: Iterable[int]) -> dict[int, list[Badge]]:
    """The badges of these people; an empty list for who belongs nowhere."""
    people = sorted(set(person_ids))
    found = await work.fetch(_BADGES, people=people) if people else ()
    badges: dict[int, list[Badge]] = {person_id: [] for person_id in people}
    return badges | {person_id: read_badges(written) for person_id, written in found}
