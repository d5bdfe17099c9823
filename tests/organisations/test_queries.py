"""Badges in words, beside a name wherever it stands."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from civicboard.kit.work import Desk, Missing
from civicboard.networks.queries import members_of
from civicboard.offers.queries import find_offer, offers_on
from civicboard.organisations import actions
from civicboard.organisations.models import Affiliation
from civicboard.organisations.queries import (
    Badge,
    affiliations_of,
    confirmable,
    find_organisation,
    find_request,
    organisations_within,
    people_of,
)
from civicboard.organisations.queries.badges import MOST_BADGES
from civicboard.places.actions import put_place
from civicboard.posts.queries import find_post, posts_on
from tests.cast import Cast, a_post, a_welcome_offer
from tests.organisations.council import DOMAIN, NAME, SLUG, an_organisation, badges_of, gathered, proved

WORDS = [f"Officer, {NAME}"]


@pytest.mark.parametrize(
    ("badge", "words"),
    [
        (Badge("officer", "", "Millbrook Council", "c"), "Officer, Millbrook Council"),
        (Badge("councillor", "Brook", "Millbrook Council", "c"), "Councillor for Brook ward, Millbrook Council"),
        (Badge("councillor", "Brook Ward", "Millbrook Council", "c"), "Councillor for Brook Ward, Millbrook Council"),
        (Badge("councillor", "", "Millbrook Council", "c"), "Councillor, Millbrook Council"),
        (Badge("officer", "Brook", "Millbrook Council", "c"), "Officer, Millbrook Council"),
        (Badge("editor", "", "Miscellany", "m"), "Editor, Miscellany"),
    ],
)
def test_a_badge_is_words(badge: Badge, words: str) -> None:
    assert badge.words == words


async def test_everywhere_a_name_stands_has_the_same_badges(desk: Desk, cast: Cast) -> None:
    """On both ways to read: through the driver's own connection, and within a deed."""
    await gathered(desk, cast)
    post = await a_post(desk, cast.cy, cast.problem)
    offer = await a_welcome_offer(desk, cast.cy, cast)
    assert cast.cy.id is not None
    assert cast.dee.id is not None
    for begin in (desk.reading, desk.writing):
        async with begin() as work:
            assert [one.words for one in await badges_of(work, cast.cy.id)] == WORDS
            assert await badges_of(work, cast.dee.id) == []
            rows = [
                await find_post(work, post),
                *(await posts_on(work, cast.problem))[0],
                await find_offer(work, offer),
                *await offers_on(work, cast.problem),
                *(one for one in await members_of(work, cast.problem) if one.handle == "cy"),
            ]
            assert len(rows) == 5
            assert [[one.words for one in row.badges] for row in rows] == [WORDS] * 5


async def test_what_is_kept_of_a_badge_is_what_the_tables_say(desk: Desk, cast: Cast) -> None:
    """However it came about: by a proof, a steward or the board's keeper, and after the organisation's name changed."""
    there = await gathered(desk, cast)
    async with desk.writing() as work:
        ward = await put_place(work, slug="brook", name="Brook", kind="ward")
    await proved(desk, cast.dee)
    async with desk.writing(cast.dee) as work:
        await actions.belong(work, SLUG, role="councillor", ward_id=ward)
    async with desk.writing(cast.ada) as work:
        await actions.confirm_request(work, SLUG, there["id"])
    for name in (NAME, "Millbrook Town Council"):
        async with desk.writing() as work:
            await an_organisation(work, name=name)
        async with desk.reading() as work:
            kept = dict(list(await work.session.execute(select(Affiliation.id, Affiliation.badge))))
            people = await people_of(work, 1)
        assert len(people) == 4
        assert {one.id: one.badge.written for one in people} == {one.id: kept[one.id] for one in people}
        assert {one.badge.words for one in people} == {f"Officer, {name}", f"Councillor for Brook ward, {name}"}


async def test_a_badge_is_part_of_what_a_kept_post_is_known_by(desk: Desk, cast: Cast) -> None:
    post = await a_post(desk, cast.cy, cast.problem)
    async with desk.reading() as work:
        before = (await find_post(work, post)).key
    await gathered(desk, cast)
    async with desk.reading() as work:
        assert (await find_post(work, post)).key != before
    async with desk.writing(cast.cy) as work:
        await actions.leave(work, SLUG)
    async with desk.reading() as work:
        assert (await find_post(work, post)).key == before


async def test_names_that_look_like_something_else_stay_names(desk: Desk, cast: Cast) -> None:
    assert cast.cy.id is not None
    async with desk.writing() as work:
        for number in range(MOST_BADGES + 2):
            made = await an_organisation(
                work, slug=f"odd-{number}", name=f"<b>{number}, | \\ & Sons</b>", kind="business"
            )
            await actions.appoint(work, made, cast.cy.id, role="member")
    async with desk.reading() as work:
        found = await badges_of(work, cast.cy.id)
        assert len(await affiliations_of(work, cast.cy.id)) == MOST_BADGES + 2
    assert [one.organisation for one in found] == [f"<b>{n}, | \\ & Sons</b>" for n in range(MOST_BADGES)]
    assert found[0].path == "/organisations/odd-0"


async def test_what_would_confirm_me_is_told_to_me_alone(desk: Desk, cast: Cast) -> None:
    async with desk.writing() as work:
        made = await an_organisation(work)
        await an_organisation(work, slug="parks", name="Parks", kind="department", parent_id=made.id)
        await an_organisation(work, slug="library", name="Library", email_domains=[f"library.{DOMAIN}"])
    await proved(desk, cast.cy)
    async with desk.reading(cast.cy) as work:
        assert [(one.slug, one.domain) for one in await confirmable(work)] == [(SLUG, DOMAIN), ("parks", DOMAIN)]
        assert [one.slug for one in await organisations_within(work, made.id)] == ["parks"]
    for who in (cast.dee, cast.ada):
        async with desk.reading(who) as work:
            assert await confirmable(work) == []
    async with desk.reading() as work:
        assert await confirmable(work) == []
        assert (await find_organisation(work, "parks")).parent_name == NAME
        with pytest.raises(Missing):
            await find_organisation(work, "nowhere")


async def test_a_request_is_for_who_asked_and_the_stewards(desk: Desk, cast: Cast) -> None:
    there = await gathered(desk, cast)
    for who, sees in ((cast.bo, True), (cast.ada, True), (cast.cy, False), (cast.dee, False)):
        async with desk.reading(who) as work:
            if sees:
                assert (await find_request(work, SLUG, there["id"])).words == "I drive the gritter."
            else:
                with pytest.raises(Missing):
                    await find_request(work, SLUG, there["id"])
    async with desk.reading(cast.ada) as work:
        with pytest.raises(Missing):
            await find_request(work, "another", there["id"])


async def test_badges_are_looked_up_by_their_index(desk: Desk, cast: Cast) -> None:
    async with desk.database.engine.connect() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        asked = "EXPLAIN SELECT role FROM affiliations WHERE person_id = 7 AND ended_at IS NULL"
        plan = "\n".join(line for (line,) in await connection.execute(text(asked)))
    assert "ix_affiliations_person_id" in plan
