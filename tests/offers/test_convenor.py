"""What somebody who looks after a problem does with offers and needs: as the poster does, and no more."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text, update

from civicboard.kit.work import Conflict, Refused
from civicboard.matching.actions.answering import accept_ask
from civicboard.matching.actions.asking import ask_person
from civicboard.matching.actions.delivering import deliver_ask
from civicboard.matching.models import Ask
from civicboard.matching.policy.config import MatchingConfig
from civicboard.networks.actions import agree_to_convening, name_convenor, put_down
from civicboard.networks.jobs import mind_convenings
from civicboard.networks.queries import find_circle, members_of, questions_for
from civicboard.notices.queries import notices_of
from civicboard.offers.actions import (
    decline_offer,
    dismiss_need,
    edit_need,
    end_offer,
    make_offer,
    reopen_need,
    say_contact,
    settle_need,
    welcome_offer,
)
from civicboard.offers.jobs import mind_offers
from civicboard.offers.models import Offer
from civicboard.offers.queries import contacts_on, find_need, find_offer
from civicboard.people.actions import block_person
from civicboard.posts.actions import edit_post
from civicboard.problems.actions import edit_problem, follow
from civicboard.skills.actions import say_ability
from tests.cast import (
    Told,
    a_convenor,
    a_need,
    a_post,
    a_welcome_offer,
    an_imported_problem,
    an_offer,
    key_in,
    problem_now,
)
from tests.conftest import client_for

BO, ADA, CY = "bo at 0123", "ada at 0456", "cy at 0789"


def named_in(page):
    """The ids that a form sends with it: those whom it names as who may see how its sender can be reached."""
    found = re.search(r'name="contact_for" value="([\d ]+)"', page)
    assert found is not None
    return found[1]


async def do(desk, who, deed, *given, **said):
    async with desk.writing(who) as work:
        return await deed(work, *given, **said)


async def state_of(desk, offer):
    async with desk.reading() as work:
        return (await find_offer(work, offer)).state


async def seen_by(desk, who, offer):
    """What somebody sees of how the two of an offer can be reached: their own, and the other's."""
    async with desk.reading(who) as work:
        found = await contacts_on(work, await find_offer(work, offer))
    return found.mine, found.theirs


async def people(desk, number):
    async with desk.reading() as work:
        return {one.handle: (one.part, one.brings) for one in await members_of(work, number)}


async def told(desk, who):
    async with desk.reading(who) as work:
        return [one.kind for one in (await notices_of(work)).notices if "convening" not in one.kind]


async def contacts(desk):
    async with desk.reading() as work:
        return await work.session.scalar(text("SELECT count(*) FROM contacts"))


async def test_they_welcome_as_the_poster_does_and_the_two_reach_each_other(desk, cast, bo_client, ada_client, app):
    await a_convenor(desk, cast, cast.cy)
    form = (await bo_client.get(f"/problems/{cast.problem}/offers/new")).text
    assert "Only whoever welcomes it sees it, on this offer’s own page, if that is Ada Kaur or Cy Barnes." in form
    assert "Ada Kaur or Cy Barnes welcomes it" in form
    sent = {"what": "A van", "contact": BO, "contact_for": named_in(form), "key": key_in(form)}
    assert (await bo_client.post(f"/problems/{cast.problem}/offers", data=sent)).status_code == 303
    assert await told(desk, cast.ada) == ["offer_made"]
    assert await told(desk, cast.cy) == ["offer_made"]
    async with client_for(app, token=cast.tokens["cy"]) as cy:
        page = await cy.get("/offers/1")
        assert "joins the people round this problem" in page.text
        assert BO not in page.text
        assert page.headers["cache-control"] == "private, no-store"
        assert (await cy.post("/offers/1/welcome", data={"words": "Gladly.", "contact": CY})).status_code == 303
        assert f"<b>{BO}</b>" in (await cy.get("/offers/1")).text
    assert f"Cy Barnes can be reached like this: <b>{CY}</b>" in (await bo_client.get("/offers/1")).text
    page = (await ada_client.get("/offers/1")).text
    assert BO not in page
    assert CY not in page
    assert "Reach each other" not in page
    assert "This is done" in page
    assert await people(desk, cast.problem) == {"ada": ("poster", ""), "bo": ("helper", "A van")}
    assert "offer_welcomed" in await told(desk, cast.bo)
    assert (await told(desk, cast.ada))[0] == "joined", "whose problem it is hears that somebody has joined"
    async with desk.reading(cast.bo) as work:
        await find_circle(work, cast.problem)
    with pytest.raises(Conflict, match="welcomed already"):
        await do(desk, cast.ada, decline_offer, 1, words="Sorry, no.")


async def test_never_their_own_and_never_after_their_time(desk, cast, app):
    await a_convenor(desk, cast, cast.cy)
    own = await an_offer(desk, cast.cy, cast.problem, "My survey")
    for deed in (lambda work: welcome_offer(work, own), lambda work: decline_offer(work, own, words="No, thanks.")):
        with pytest.raises(Refused):
            await do(desk, cast.cy, deed)
    async with client_for(app, token=cast.tokens["cy"]) as cy:
        assert "Welcome it" not in (await cy.get(f"/offers/{own}")).text
        page = (await cy.get(f"/problems/{cast.problem}/offers/new")).text
        assert "Ada Kaur welcomes it" in page
    await do(desk, cast.ada, welcome_offer, own)
    later = await an_offer(desk, cast.bo, cast.problem)
    await do(desk, cast.cy, put_down, cast.problem)
    with pytest.raises(Refused):
        await do(desk, cast.cy, welcome_offer, later)
    with pytest.raises(Refused):
        await do(desk, cast.dee, welcome_offer, later)


async def test_a_later_one_sees_nothing_of_what_an_earlier_one_got(desk, cast):
    await a_convenor(desk, cast, cast.cy)
    offer = await an_offer(desk, cast.bo, cast.problem, contact=BO)
    await do(desk, cast.cy, welcome_offer, offer, contact=CY)
    await do(desk, cast.cy, put_down, cast.problem)
    await a_convenor(desk, cast, cast.dee)
    assert await seen_by(desk, cast.dee, offer) == ("", "")
    assert await seen_by(desk, cast.ada, offer) == ("", "")
    assert await seen_by(desk, cast.cy, offer) == (CY, BO), "what they welcomed stays theirs"
    assert await seen_by(desk, cast.bo, offer) == (BO, CY)
    for who in (cast.ada, cast.dee):
        with pytest.raises(Refused, match="two people"):
            await do(desk, who, say_contact, offer, "me too")
    await do(desk, cast.dee, end_offer, offer)
    assert await state_of(desk, offer) == "ended", "who answers for it now may say that it is done"
    assert (await told(desk, cast.cy))[0] == "offer_ended"


async def test_what_was_welcomed_before_it_was_kept_by_whom_is_the_posters(desk, cast):
    offer = await a_welcome_offer(desk, cast.bo, cast, contact=BO)
    async with desk.writing() as work:
        await work.session.execute(update(Offer).values(answered_by_id=None))
    await a_convenor(desk, cast, cast.cy)
    assert await seen_by(desk, cast.ada, offer) == ("", BO)
    assert await seen_by(desk, cast.cy, offer) == ("", "")


# --- where nobody here posted it


async def test_offers_wait_for_who_looks_after_it(desk, cast, bo_client, app):
    number = await an_imported_problem(desk)
    await a_convenor(desk, cast, cast.cy, number)
    form = (await bo_client.get(f"/problems/{number}/offers/new")).text
    assert "Cy Barnes welcomes it or declines it" in form
    assert 'name="contact"' in form
    sent = {"what": "A van", "contact": BO, "contact_for": named_in(form), "key": key_in(form)}
    await bo_client.post(f"/problems/{number}/offers", data=sent)
    assert await state_of(desk, 1) == "waiting"
    assert "bo" not in await people(desk, number)
    await mind_offers(desk)
    assert await state_of(desk, 1) == "waiting"
    assert await told(desk, cast.cy) == ["offer_made"]
    await do(desk, cast.cy, welcome_offer, 1, contact=CY)
    assert await people(desk, number) == {"bo": ("helper", "A van")}
    assert await seen_by(desk, cast.bo, 1) == (BO, CY)
    assert await seen_by(desk, cast.cy, 1) == (CY, BO)
    assert (await bo_client.get(f"/problems/{number}/network/members")).status_code == 404, "there is no such thread"
    assert "Joined in" not in (await bo_client.get("/offers/1")).text


@pytest.mark.parametrize("ending", ["put down", "lapsed"])
async def test_when_their_time_is_over_what_waits_joins_in_at_once(desk, cast, clock, ending):
    number = await an_imported_problem(desk)
    await a_convenor(desk, cast, cast.cy, number)
    clock.turn(days=29)
    first = await an_offer(desk, cast.bo, number, "A van", contact=BO)
    second = await an_offer(desk, cast.dee, number, "A pump")
    if ending == "put down":
        await do(desk, cast.cy, put_down, number)
    else:
        clock.turn(days=1)
        await mind_convenings(desk)
    assert await people(desk, number) == {"bo": ("helper", "A van"), "dee": ("helper", "A pump")}
    for offer in (first, second):
        async with desk.reading() as work:
            assert (await find_offer(work, offer)).joined_by_themselves
    assert await contacts(desk) == 0, "nobody is there who was meant to see it"
    assert "offer_welcomed" in await told(desk, cast.bo)
    third = await an_offer(desk, cast.bo, number, "A ladder")
    assert await state_of(desk, third) == "welcomed"


async def test_handed_on_it_still_waits_but_for_the_new_ones_own(desk, cast):
    number = await an_imported_problem(desk)
    await a_convenor(desk, cast, cast.cy, number)
    await a_post(desk, cast.dee, number)
    waits = await an_offer(desk, cast.bo, number, "A van", contact=BO)
    own = await an_offer(desk, cast.dee, number, "A pump")
    await do(desk, cast.cy, name_convenor, number, "dee")
    async with desk.reading(cast.dee) as work:
        (question,) = await questions_for(work, number)
    await do(desk, cast.dee, agree_to_convening, number, question.id)
    assert await state_of(desk, waits) == "waiting"
    assert await state_of(desk, own) == "welcomed", "nobody else could answer it"
    assert await contacts(desk) == 1
    await do(desk, cast.dee, decline_offer, waits, words="We have one, thank you.")
    assert await contacts(desk) == 0


async def test_an_offer_of_their_own_joins_in_at_once(desk, cast):
    number = await an_imported_problem(desk)
    await a_convenor(desk, cast, cast.cy, number)
    offer = await an_offer(desk, cast.cy, number, "My survey", contact=CY)
    assert await state_of(desk, offer) == "welcomed"
    assert await contacts(desk) == 0


# --- across a block


async def test_across_a_block_they_are_not_told_and_can_not_answer(desk, cast, app, clock):
    await a_convenor(desk, cast, cast.cy)
    await do(desk, cast.bo, block_person, "cy")
    offer = await an_offer(desk, cast.bo, cast.problem, contact=BO)
    assert await told(desk, cast.cy) == []
    with pytest.raises(Refused):
        await do(desk, cast.cy, welcome_offer, offer)
    async with client_for(app, token=cast.tokens["cy"]) as cy:
        assert "Welcome it" not in (await cy.get(f"/offers/{offer}")).text
    await do(desk, cast.ada, welcome_offer, offer)
    number = await an_imported_problem(desk)
    await do(desk, cast.cy, put_down, cast.problem)
    await a_convenor(desk, cast, cast.cy, number)
    offer = await an_offer(desk, cast.bo, number)
    assert await state_of(desk, offer) == "waiting", "as for anybody: nothing tells of the block"
    clock.turn(days=7)
    await mind_offers(desk)
    assert await state_of(desk, offer) == "unanswered"


# --- asked by them


async def test_a_yes_to_who_looks_after_it_needs_no_further_answer(desk, cast, app, clock):
    await a_convenor(desk, cast, cast.cy)
    need = await a_need(
        desk, cast.ada, cast.problem, kind="skill", what="Somebody who reads drains", tags=("drainage",)
    )
    await do(desk, cast.dee, say_ability, tags=("drainage",), words="Drains.", visibility="public")
    config = MatchingConfig()
    ask = await do(desk, cast.cy, ask_person, need, "dee", config=config, contact=CY)
    for _ in range(2):
        async with desk.writing() as work:
            await deliver_ask(work, ask, zone=config.zone)
            found = await work.session.get_one(Ask, ask)
            clock.now = max(clock.now, found.due_at)
    async with client_for(app, token=cast.tokens["dee"]) as dee:
        page = (await dee.get(f"/asks/{ask}")).text
        assert "With a yes you join the people" in page
        assert "Only Cy Barnes sees it, who asks you." in page
    offer = await do(desk, cast.dee, accept_ask, ask, contact="dee at 0")
    assert await state_of(desk, offer) == "welcomed"
    assert await seen_by(desk, cast.dee, offer) == ("dee at 0", CY)
    assert await seen_by(desk, cast.cy, offer) == (CY, "dee at 0")
    assert await seen_by(desk, cast.ada, offer) == ("", "")


# --- needs, and nobody's words


async def test_they_say_what_became_of_a_need_and_change_nobodys_words(desk, cast, app):
    need = await a_need(desk, cast.ada, cast.problem)
    post = await a_post(desk, cast.bo, cast.problem)
    await do(desk, cast.cy, follow, cast.problem)
    with pytest.raises(Refused):
        await do(desk, cast.cy, settle_need, need)
    await a_convenor(desk, cast, cast.cy)
    for deed, state in ((settle_need, "met"), (reopen_need, "open"), (dismiss_need, "not_needed")):
        await do(desk, cast.cy, deed, need)
        async with desk.reading() as work:
            assert (await find_need(work, need)).state == state
    for change in (
        lambda work: edit_need(work, need, kind="thing", what="Something else"),
        lambda work: edit_post(work, post, words="Nothing.", seen_version=1),
        lambda work: edit_problem(work, cast.problem, Told(title="Another title"), why="", seen_revision=1),
    ):
        with pytest.raises(Refused):
            await do(desk, cast.cy, change)
    async with client_for(app, token=cast.tokens["cy"]) as cy:
        page = (await cy.get((await problem_now(desk, cast.problem)).path)).text
        owners = re.search(rf'<div data-for="([\d ]+)"><a class="button plain" href="/needs/{need}#settle"', page)
        assert owners is not None
        assert str(cast.cy.id) in owners[1].split()
        assert "It is still needed" in (await cy.get(f"/needs/{need}")).text


async def test_on_an_import_that_somebody_looks_after_needs_are_theirs_to_settle(desk, cast):
    number = await an_imported_problem(desk)
    for who in (cast.bo, cast.dee):
        await do(desk, who, follow, number)
    need = await a_need(desk, cast.bo, number)
    await a_convenor(desk, cast, cast.cy, number)
    with pytest.raises(Refused):
        await do(desk, cast.dee, settle_need, need)
    await do(desk, cast.cy, settle_need, need)
    await do(desk, cast.cy, put_down, number)
    await do(desk, cast.dee, reopen_need, need)


async def test_thanks_go_between_the_two(desk, cast, app, bo_client):
    await a_convenor(desk, cast, cast.cy)
    offer = await an_offer(desk, cast.bo, cast.problem)
    await do(desk, cast.cy, welcome_offer, offer)
    await do(desk, cast.bo, end_offer, offer)
    path = (await problem_now(desk, cast.problem)).path
    assert "@cy, for taking me up on this" in (await bo_client.get(f"{path}?thanks={offer}")).text
    async with client_for(app, token=cast.tokens["cy"]) as cy:
        assert "@bo, for this" in (await cy.get(f"{path}?thanks={offer}")).text
        assert "Say thanks" in (await cy.get(f"/offers/{offer}")).text


async def test_a_contact_is_given_where_there_may_be_somebody_to_see_it(desk, cast):
    """Nobody looks after an import, then somebody does: who joined in unasked still has nobody to give it to."""
    number = await an_imported_problem(desk)
    offer = await an_offer(desk, cast.bo, number)
    await a_convenor(desk, cast, cast.cy, number)
    with pytest.raises(Conflict, match="nobody here yet"):
        await do(desk, cast.bo, say_contact, offer, BO)
    waits = await do(desk, cast.bo, make_offer, number, what="A pump")
    await do(desk, cast.bo, say_contact, waits, BO)
    assert await contacts(desk) == 1
