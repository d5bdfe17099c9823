"""Belonging to an organisation: by what one proved or by asking, and leaving it."""

from __future__ import annotations

from civicboard.kit.work import Conflict, Missing, Unfit, Work, require
from civicboard.organisations import policy
from civicboard.organisations.events import AffiliationAnswered, AffiliationAsked, AffiliationChanged
from civicboard.organisations.models import Affiliation, AffiliationRequest, Organisation
from civicboard.organisations.queries import (
    Badge,
    ended_how,
    find_affiliation,
    find_open_request,
    find_organisation_to_change,
    find_request_to_answer,
    find_standing,
    is_steward,
    proved_ones,
    vouchers_of,
    ward_name,
)

NOT_STEWARD = "Only somebody who looks after this organisation’s people on the board can do that."
NO_SUCH_ROLE = "Please choose what you are there."
ANSWERED = "This has been answered already."


async def belong(
    work: Work, slug: str, *, role: str, title: str = "", ward_id: int | None = None, words: str = ""
) -> str:
    """Say that the viewer belongs to an organisation, or in which role from now on.

    Returns ``joined`` when what they proved confirms it, ``changed`` when only their title did, and ``asked`` when a
    steward has to confirm it: ``words`` are for them. Twice is no mistake. Raises Unfit for a role that
    nobody has there.
    """
    require(policy.may_belong(work.viewer), "Please sign in to say where you belong.")
    assert work.viewer.id is not None  # the policy has just said so
    organisation = await find_organisation_to_change(work, slug)
    if not policy.may_have_role(organisation.kind, role):
        raise Unfit("role", NO_SUCH_ROLE)
    ward_id = ward_id if role == "councillor" else None
    mine = await find_standing(work, organisation.id, work.viewer.id)
    if mine is not None and (mine.role, mine.ward_id) == (role, ward_id):
        mine.title = title
        return "changed"
    how = await _how_vouched(work, organisation, work.viewer.id)
    if how:
        await _put(work, organisation, work.viewer.id, mine, role=role, title=title, ward_id=ward_id, how=how)
        return "joined"
    await _ask(work, organisation, role=role, title=title, ward_id=ward_id, words=words)
    return "asked"


async def leave(work: Work, slug: str) -> None:
    """The viewer no longer belongs to an organisation, nor asks to. Leaving twice counts once."""
    require(policy.may_belong(work.viewer), "Please sign in first.")
    assert work.viewer.id is not None  # the policy has just said so
    organisation = await find_organisation_to_change(work, slug)
    mine = await find_standing(work, organisation.id, work.viewer.id)
    if mine is not None:
        _end(work, mine, "left")
    asked = await find_open_request(work, organisation.id, work.viewer.id)
    if asked is not None:
        await work.session.delete(asked)


async def review(work: Work, *, person_id: int | None = None, organisation_id: int | None = None) -> None:
    """End the affiliations, of a person or of an organisation's people, that nothing confirms any longer."""
    found = await proved_ones(work, person_id=person_id, organisation_id=organisation_id)
    vouchers = await vouchers_of(work, sorted({affiliation.person_id for affiliation, _ in found}))
    for affiliation, at in found:
        how = policy.how_vouched(at.email_domains, at.claims, vouchers[affiliation.person_id])
        if how:
            affiliation.confirmed_by = how
        else:
            _end(work, affiliation, "lapsed")


async def confirm_request(work: Work, slug: str, request_id: int, *, words: str = "") -> None:
    """Say as a steward that somebody who asked does belong. Twice counts once. Raises Conflict when it was declined."""
    organisation, asked = await _answering(work, slug, request_id)
    if asked.answer == "confirmed":
        return
    if asked.answer:
        raise Conflict(ANSWERED)
    _answer(work, asked, "confirmed", words)
    standing = await find_standing(work, organisation.id, asked.person_id)
    await _put(
        work,
        organisation,
        asked.person_id,
        standing,
        role=asked.role,
        title=asked.title,
        ward_id=asked.ward_id,
        how="steward",
        by_id=work.viewer.id,
    )


async def decline_request(work: Work, slug: str, request_id: int, *, words: str) -> None:
    """Say as a steward that somebody can't be confirmed, with a word. Twice counts once. Raises Conflict."""
    _, asked = await _answering(work, slug, request_id)
    if asked.answer == "declined":
        return
    if asked.answer:
        raise Conflict(ANSWERED)
    _answer(work, asked, "declined", words)


async def end_affiliation(work: Work, slug: str, affiliation_id: int) -> None:
    """End somebody's affiliation as a steward: what they prove alone doesn't bring it back. Twice counts once."""
    affiliation = await _stewarding(work, slug, affiliation_id)
    if affiliation.ended_at is None:
        _end(work, affiliation, "steward")


async def name_steward(work: Work, slug: str, affiliation_id: int) -> None:
    """Name another steward, as one. Twice counts once. Raises Conflict for who has left meanwhile."""
    affiliation = await _stewarding(work, slug, affiliation_id)
    if affiliation.ended_at is not None:
        raise Conflict("They don’t belong to this organisation any longer.")
    affiliation.is_steward = True


async def appoint(
    work: Work,
    organisation: Organisation,
    person_id: int,
    *,
    role: str,
    title: str = "",
    ward_id: int | None = None,
    is_steward: bool = False,
) -> None:
    """Say on behalf of the board that somebody belongs to an organisation, as its first steward perhaps."""
    standing = await find_standing(work, organisation.id, person_id)
    put = {"role": role, "title": title, "ward_id": ward_id} if standing is None else {}
    made = await _put(work, organisation, person_id, standing, how="steward", **put)  # type: ignore[arg-type]
    made.is_steward = made.is_steward or is_steward
    await work.session.flush()


async def write_badge(work: Work, organisation: Organisation, affiliation: Affiliation) -> None:
    """Keep with an affiliation what its badge says."""
    ward = await ward_name(work, affiliation.ward_id)
    affiliation.badge = Badge(affiliation.role, ward, organisation.name, organisation.slug).written


async def _how_vouched(work: Work, organisation: Organisation, person_id: int) -> str:
    if not policy.counts_again(await ended_how(work, organisation.id, person_id)):
        return ""
    vouchers = (await vouchers_of(work, [person_id]))[person_id]
    return policy.how_vouched(organisation.email_domains, organisation.claims, vouchers)


async def _ask(
    work: Work, organisation: Organisation, *, role: str, title: str, ward_id: int | None, words: str
) -> None:
    assert work.viewer.id is not None  # the action's policy has said so
    asked = await find_open_request(work, organisation.id, work.viewer.id)
    if asked is not None:
        asked.role, asked.title, asked.ward_id, asked.words = role, title, ward_id, words
        return
    asked = AffiliationRequest(
        organisation_id=organisation.id,
        person_id=work.viewer.id,
        role=role,
        asked_at=work.now,
        title=title,
        ward_id=ward_id,
        words=words,
    )
    work.session.add(asked)
    await work.session.flush()
    work.record(AffiliationAsked(organisation.id, work.viewer.id, asked.id))


async def _answering(work: Work, slug: str, request_id: int) -> tuple[Organisation, AffiliationRequest]:
    organisation = await find_organisation_to_change(work, slug)
    asked = await find_request_to_answer(work, organisation.id, request_id)
    stewards = await is_steward(work, organisation.id)
    if not policy.may_see_request(work.viewer, asked.person_id, stewards):
        raise Missing
    require(policy.may_steward(work.viewer, stewards), NOT_STEWARD)
    return organisation, asked


async def _stewarding(work: Work, slug: str, affiliation_id: int) -> Affiliation:
    organisation = await find_organisation_to_change(work, slug)
    affiliation = await find_affiliation(work, organisation.id, affiliation_id)
    require(policy.may_steward(work.viewer, await is_steward(work, organisation.id)), NOT_STEWARD)
    return affiliation


def _answer(work: Work, asked: AffiliationRequest, answer: str, words: str) -> None:
    asked.answer, asked.answer_words = answer, words
    asked.answered_at, asked.answered_by_id = work.now, work.viewer.id
    work.record(AffiliationAnswered(asked.organisation_id, asked.person_id, asked.id))


async def _put(
    work: Work,
    organisation: Organisation,
    person_id: int,
    standing: Affiliation | None,
    *,
    how: str,
    role: str = "",
    title: str = "",
    ward_id: int | None = None,
    by_id: int | None = None,
) -> Affiliation:
    """Make an affiliation, or change the standing one; without a role it stays what it was."""
    if standing is None:
        standing = Affiliation(
            organisation_id=organisation.id,
            person_id=person_id,
            role=role,
            since=work.now,
            confirmed_by=how,
            title=title,
            ward_id=ward_id,
        )
        work.session.add(standing)
    elif role:
        standing.role, standing.title, standing.ward_id = role, title, ward_id
    standing.confirmed_by, standing.confirmed_by_id = how, by_id
    await write_badge(work, organisation, standing)
    work.record(AffiliationChanged(organisation.id, person_id))
    return standing


def _end(work: Work, affiliation: Affiliation, how: str) -> None:
    affiliation.ended_at, affiliation.ended_how, affiliation.is_steward = work.now, how, False
    work.record(AffiliationChanged(affiliation.organisation_id, affiliation.person_id))
