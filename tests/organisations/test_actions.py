"""Joining, asking, leaving, and what stewards do: each with what it changes, and whom it leaves alone."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, text

from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.kit.work import Conflict, Desk, Missing, Refused, Unfit
from civicboard.organisations import actions
from civicboard.organisations.models import Affiliation, AffiliationRequest
from civicboard.organisations.queries import own_requests, people_of, requests_at
from civicboard.people.actions import remove_identity
from civicboard.people.jobs import tidy
from civicboard.people.models import Identity
from civicboard.places.actions import put_place
from tests.cast import ISSUER, Cast
from tests.conftest import TurnedClock
from tests.organisations.council import DOMAIN, NAME, SLUG, an_organisation, badges, gathered, proved

OFFICER = f"Officer, {NAME}"


@pytest.fixture
async def board(desk: Desk, cast: Cast) -> Desk:
    """A board with a council that nobody belongs to yet."""
    async with desk.writing() as work:
        await an_organisation(work)
    return desk


async def belong(desk: Desk, who: Viewer, role: str = "officer", **said: str | int) -> str:
    async with desk.writing(who) as work:
        return await actions.belong(work, SLUG, role=role, **said)  # type: ignore[arg-type]


async def test_a_verified_address_lets_one_in_at_once(board: Desk, cast: Cast) -> None:
    await proved(board, cast.cy)
    assert await belong(board, cast.cy, title="Parks") == "joined"
    assert await badges(board, cast.cy) == [OFFICER]
    assert await belong(board, cast.cy, title="Drains") == "changed"
    assert await badges(board, cast.dee) == []
    async with board.reading() as work:
        ((one),) = await people_of(work, 1)
    assert (one.title, one.confirmed_by, one.is_steward) == ("Drains", "domain", False)


async def test_a_claim_of_the_named_provider_does_too_and_anothers_does_not(board: Desk, cast: Cast) -> None:
    for issuer, comes in ((ISSUER, "joined"), ("https://another.example", "asked")):
        async with board.writing() as work:
            claims = [{"issuer": issuer, "claim": "staff", "value": "yes"}]
            await an_organisation(work, email_domains=[], claims=claims)
        await proved(board, cast.cy, "", {"staff": ["yes"]})
        assert await belong(board, cast.cy) == comes
        async with board.writing(cast.cy) as work:
            await actions.leave(work, SLUG)


async def test_without_a_proof_one_asks_and_nothing_shows_until_a_steward_says_so(board: Desk, cast: Cast) -> None:
    await proved(board, cast.dee, "evilmillbrook.gov.uk")
    assert await belong(board, cast.dee, words="I am new.") == "asked"
    assert await belong(board, cast.dee, words="I am new in Parks.") == "asked"
    assert await badges(board, cast.dee) == []
    there = await gathered(board, cast)
    async with board.reading(cast.ada) as work:
        asked = {one.name: one for one in await requests_at(work, 1)}
    assert asked["Bo Adeyemi"].words == "I drive the gritter."
    for who in (cast.bo, cast.cy, cast.dee, NOBODY):
        async with board.reading(who) as work:
            assert await requests_at(work, 1) == []
    async with board.writing(cast.ada) as work:
        await actions.confirm_request(work, SLUG, there["id"], words="Welcome.")
    async with board.writing(cast.ada) as work:
        await actions.confirm_request(work, SLUG, there["id"])
    assert await badges(board, cast.bo) == [OFFICER]
    async with board.writing(cast.ada) as work:
        with pytest.raises(Conflict):
            await actions.decline_request(work, SLUG, there["id"], words="No.")


async def test_a_steward_declines_with_a_word_that_the_one_who_asked_reads(board: Desk, cast: Cast) -> None:
    there = await gathered(board, cast)
    async with board.writing(cast.ada) as work:
        await actions.decline_request(work, SLUG, there["id"], words="Come by the office.")
    assert await badges(board, cast.bo) == []
    async with board.reading(cast.bo) as work:
        (asked,) = await own_requests(work)
    assert (asked.answer, asked.answer_words) == ("declined", "Come by the office.")
    assert await belong(board, cast.bo, words="I did.") == "asked"


@pytest.mark.parametrize("who", ["bo", "cy", "dee"])
async def test_only_a_steward_answers_ends_and_names(board: Desk, cast: Cast, who: str) -> None:
    """Cy is an officer of it, which is not enough; who neither asked nor answers doesn't even learn of it."""
    there = await gathered(board, cast)
    deeds = (
        lambda work: actions.confirm_request(work, SLUG, there["id"]),
        lambda work: actions.decline_request(work, SLUG, there["id"], words="No."),
        lambda work: actions.end_affiliation(work, SLUG, there["affiliation"]),
        lambda work: actions.name_steward(work, SLUG, there["affiliation"]),
    )
    for deed in deeds:
        async with board.writing(getattr(cast, who)) as work:
            with pytest.raises((Refused, Missing)):
                await deed(work)
    assert await badges(board, cast.bo) == []
    assert await badges(board, cast.cy) == [OFFICER]


async def test_the_steward_of_one_is_nobody_at_another(board: Desk, cast: Cast) -> None:
    there = await gathered(board, cast)
    async with board.writing() as work:
        other = await an_organisation(work, slug="library", name="Library", email_domains=[])
        assert cast.dee.id is not None
        await actions.appoint(work, other, cast.dee.id, role="officer", is_steward=True)
    async with board.writing(cast.dee) as work:
        with pytest.raises(Refused):
            await actions.end_affiliation(work, SLUG, there["affiliation"])
        with pytest.raises(Missing):  # nor by way of their own
            await actions.end_affiliation(work, "library", there["affiliation"])
        with pytest.raises(Missing):
            await actions.confirm_request(work, "library", there["id"])


async def test_whom_a_steward_sent_away_is_not_let_in_by_their_address(board: Desk, cast: Cast) -> None:
    there = await gathered(board, cast)
    await proved(board, cast.cy)
    async with board.writing(cast.ada) as work:
        await actions.end_affiliation(work, SLUG, there["affiliation"])
    assert await badges(board, cast.cy) == []
    assert await belong(board, cast.cy) == "asked"
    async with board.writing(cast.ada) as work:
        asked = next(one for one in await requests_at(work, 1) if one.name == "Cy Barnes")
        await actions.confirm_request(work, SLUG, asked.id)
    assert await badges(board, cast.cy) == [OFFICER]


async def test_a_steward_names_another_and_the_last_may_leave(board: Desk, cast: Cast) -> None:
    there = await gathered(board, cast)
    async with board.writing(cast.ada) as work:
        await actions.name_steward(work, SLUG, there["affiliation"])
    async with board.writing(cast.ada) as work:
        await actions.leave(work, SLUG)
    assert await badges(board, cast.ada) == []
    async with board.writing(cast.ada) as work:
        with pytest.raises(Missing):
            await actions.confirm_request(work, SLUG, there["id"])
    async with board.writing(cast.cy) as work:
        await actions.confirm_request(work, SLUG, there["id"])
        await actions.leave(work, SLUG)
    async with board.writing(cast.cy) as work:
        await actions.leave(work, SLUG)  # twice is no mistake
    assert await badges(board, cast.bo) == [OFFICER]
    await proved(board, cast.ada)
    assert await belong(board, cast.ada) == "joined"
    async with board.writing(cast.ada) as work:
        with pytest.raises(Refused):  # who comes back looks after nobody
            await actions.end_affiliation(work, SLUG, there["affiliation"])


async def test_nobody_signed_out_belongs_anywhere(board: Desk) -> None:
    async with board.writing() as work:
        with pytest.raises(Refused):
            await actions.belong(work, SLUG, role="officer")
        with pytest.raises(Refused):
            await actions.leave(work, SLUG)


async def test_a_role_that_nobody_has_there_is_refused(board: Desk, cast: Cast) -> None:
    for role in ("member", "mayor", ""):
        async with board.writing(cast.cy) as work:
            with pytest.raises(Unfit):
                await actions.belong(work, SLUG, role=role)
    async with board.writing(cast.cy) as work:
        with pytest.raises(Missing):
            await actions.belong(work, "nowhere", role="officer")


async def test_a_councillor_carries_their_ward_and_nobody_else_does(board: Desk, cast: Cast) -> None:
    async with board.writing() as work:
        ward = await put_place(work, slug="brook", name="Brook", kind="ward")
    await proved(board, cast.cy)
    await belong(board, cast.cy, "councillor", ward_id=ward)
    assert await badges(board, cast.cy) == [f"Councillor for Brook ward, {NAME}"]
    assert await belong(board, cast.cy, "officer", ward_id=ward) == "joined"
    assert await badges(board, cast.cy) == [OFFICER]


async def test_whom_a_steward_confirmed_does_not_make_themselves_a_councillor(board: Desk, cast: Cast) -> None:
    await gathered(board, cast)
    assert await belong(board, cast.cy, "councillor") == "asked"
    assert await badges(board, cast.cy) == [OFFICER]


async def test_what_is_no_longer_proved_ends_by_itself(board: Desk, cast: Cast, clock: TurnedClock) -> None:
    """An identity removed, or not used to sign in for 90 days. What a steward confirmed stays."""
    await gathered(board, cast)
    await proved(board, cast.dee)
    await proved(board, cast.cy)
    await belong(board, cast.dee)
    async with board.writing() as work:
        work.session.add(
            Identity(person_id=cast.dee.id, provider="x", issuer="i", subject="s", label="", added_at=work.now)
        )
    clock.turn(days=89)
    await tidy(board)
    assert await badges(board, cast.dee) == [OFFICER]
    clock.turn(days=2)
    await tidy(board)
    assert await badges(board, cast.dee) == []
    assert await badges(board, cast.cy) == [OFFICER]
    await proved(board, cast.dee)
    assert await belong(board, cast.dee) == "joined"
    async with board.writing(cast.dee) as work:
        identity = await work.session.scalar(
            select(Identity.id).where(Identity.person_id == cast.dee.id, Identity.issuer == ISSUER)
        )
        assert identity is not None
        await remove_identity(work, identity)
    assert await badges(board, cast.dee) == []


async def test_a_domain_that_no_longer_counts_ends_what_it_confirmed(board: Desk, cast: Cast) -> None:
    await gathered(board, cast)
    await proved(board, cast.dee)
    await belong(board, cast.dee)
    async with board.writing() as work:
        await an_organisation(work, email_domains=[f"parks.{DOMAIN}"])
    assert await badges(board, cast.dee) == []
    assert await badges(board, cast.ada) == [OFFICER]
    async with board.writing() as work:
        await an_organisation(work, name="Millbrook Town Council", email_domains=None)
    assert await badges(board, cast.ada) == ["Officer, Millbrook Town Council"]


async def test_pressing_twice_at_once_joins_and_asks_once(board: Desk, cast: Cast) -> None:
    await proved(board, cast.cy)
    await asyncio.gather(*(belong(board, who) for who in (cast.cy, cast.cy, cast.cy, cast.dee, cast.dee)))
    async with board.reading() as work:
        assert await work.session.scalar(select(func.count()).select_from(Affiliation)) == 1
        assert await work.session.scalar(select(func.count()).select_from(AffiliationRequest)) == 1


async def test_no_deed_about_belonging_touches_a_problem(board: Desk, cast: Cast) -> None:
    """It adds no power, and it moves nothing: the problems are what they were, to the last column."""
    problems = text("SELECT md5(string_agg(p::text, '|' ORDER BY id)) FROM problems p")
    async with board.reading() as work:
        before = await work.session.scalar(problems)
    there = await gathered(board, cast)
    async with board.writing(cast.ada) as work:
        await actions.confirm_request(work, SLUG, there["id"])
        await actions.end_affiliation(work, SLUG, there["affiliation"])
        await actions.leave(work, SLUG)
    async with board.reading() as work:
        assert await work.session.scalar(problems) == before
