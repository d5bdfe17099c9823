"""Every SELECT about who asks to be confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from civicboard.kit.work import Missing, Work
from civicboard.organisations.models import AffiliationRequest, Organisation
from civicboard.organisations.policy import may_see_request, may_steward
from civicboard.organisations.queries.badges import role_words
from civicboard.organisations.queries.belonging import is_steward
from civicboard.people.models import Person
from civicboard.places.models import Place


@dataclass(frozen=True, slots=True)
class RequestRow:
    """That somebody asks to be confirmed, and what came of it."""

    id: int
    organisation_id: int
    organisation: str
    slug: str
    person_id: int
    name: str
    handle: str
    role: str
    ward: str | None
    ward_slug: str | None
    title: str
    words: str
    asked_at: datetime
    answer: str
    answer_words: str

    @property
    def path(self) -> str:
        return f"/organisations/{self.slug}/requests/{self.id}"

    @property
    def role_words(self) -> str:
        return role_words(self.role, self.ward)


def _requests() -> Select[*tuple[Any, ...]]:
    asked = AffiliationRequest
    return (
        select(
            asked.id,
            asked.organisation_id,
            Organisation.name.label("organisation"),
            Organisation.slug,
            asked.person_id,
            Person.name,
            Person.handle,
            asked.role,
            Place.name.label("ward"),
            Place.slug.label("ward_slug"),
            asked.title,
            asked.words,
            asked.asked_at,
            asked.answer,
            asked.answer_words,
        )
        .join(Organisation, Organisation.id == asked.organisation_id)
        .join(Person, Person.id == asked.person_id)
        .outerjoin(Place, Place.id == asked.ward_id)
    )


async def requests_at(work: Work, organisation_id: int) -> list[RequestRow]:
    """Who waits for an answer, the longest first: for the organisation's stewards, and nobody else."""
    if not may_steward(work.viewer, await is_steward(work, organisation_id)):
        return []
    rows = _requests().where(
        AffiliationRequest.organisation_id == organisation_id, AffiliationRequest.answered_at.is_(None)
    )
    return [RequestRow(*row) for row in await work.session.execute(rows.order_by(AffiliationRequest.id).limit(200))]


async def own_requests(work: Work) -> list[RequestRow]:
    """What the viewer has asked last, of each organisation once: what waits, and what was answered in words."""
    rows = _requests().where(AffiliationRequest.person_id == work.viewer.id).order_by(AffiliationRequest.id.desc())
    newest: dict[int, RequestRow] = {}
    for row in await work.session.execute(rows.limit(100)):
        asked = RequestRow(*row)
        newest.setdefault(asked.organisation_id, asked)
    return [asked for asked in newest.values() if asked.answer_words or not asked.answer]


async def find_request(work: Work, slug: str, request_id: int) -> RequestRow:
    """One request, for who asked and for the stewards. Raises Missing."""
    rows = _requests().where(AffiliationRequest.id == request_id, Organisation.slug == slug)
    row = (await work.session.execute(rows)).first()
    if row is None:
        raise Missing
    asked = RequestRow(*row)
    if not may_see_request(work.viewer, asked.person_id, await is_steward(work, asked.organisation_id)):
        raise Missing
    return asked


async def find_request_to_answer(work: Work, organisation_id: int, request_id: int) -> AffiliationRequest:
    """The request itself, held. Raises Missing."""
    found: AffiliationRequest | None = await work.session.scalar(
        select(AffiliationRequest)
        .where(AffiliationRequest.id == request_id, AffiliationRequest.organisation_id == organisation_id)
        .with_for_update()
    )
    if found is None:
        raise Missing
    return found


async def find_open_request(work: Work, organisation_id: int, person_id: int) -> AffiliationRequest | None:
    """What a person has asked of an organisation and nobody has answered yet, held."""
    found: AffiliationRequest | None = await work.session.scalar(
        select(AffiliationRequest)
        .where(
            AffiliationRequest.organisation_id == organisation_id,
            AffiliationRequest.person_id == person_id,
            AffiliationRequest.answered_at.is_(None),
        )
        .with_for_update()
    )
    return found
