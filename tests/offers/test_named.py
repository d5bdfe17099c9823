"""How a helper can be reached is for those whom the form named, whoever answers by the time it is sent, or later."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from sqlalchemy import text

from civicboard.matching.actions.answering import decline_ask
from civicboard.matching.models import Ask
from civicboard.networks.actions import put_down
from civicboard.networks.events import ConveningEnded
from civicboard.offers.actions import end_offer, say_contact, welcome_offer
from civicboard.offers.live import show_offers_standing
from civicboard.offers.queries import contacts_on, find_offer
from tests.cast import a_convenor, a_need, a_welcome_offer, an_imported_problem, an_offer, key_in, problem_now
from tests.conftest import client_for
from tests.matching.people import a_standing_ask

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
BO = "bo at 0123"
CHANGED = "Who would see this has changed meanwhile."


async def do(desk, who, deed, *given, **said):
    async with desk.writing(who) as work:
        return await deed(work, *given, **said)


async def seen_by(desk, who, offer):
    async with desk.reading(who) as work:
        return (await contacts_on(work, await find_offer(work, offer))).theirs


async def count(desk, table):
    async with desk.reading() as work:
        return await work.session.scalar(text(f"SELECT count(*) FROM {table}"))


async def only_offer(desk):
    async with desk.reading() as work:
        return (await work.session.execute(text("SELECT id FROM offers"))).scalar_one()


def named_in(page):
    found = re.search(r'name="contact_for" value="([\d ]*)"', page)
    assert found is not None
    return found[1]


def answers_of(page, **said):
    return {"contact": BO, "contact_for": named_in(page), **said}


async def test_who_looks_after_it_since_is_not_who_it_was_said_for(desk, cast, bo_client, app):
    offer = await an_offer(desk, cast.bo, cast.problem, contact=BO)
    await a_convenor(desk, cast, cast.cy)
    await do(desk, cast.cy, welcome_offer, offer)
    assert await seen_by(desk, cast.cy, offer) == await seen_by(desk, cast.ada, offer) == ""
    async with client_for(app, token=cast.tokens["cy"]) as cy:
        page = (await cy.get(f"/offers/{offer}")).text
        assert BO not in page
        assert "Bo Adeyemi said how to be reached before it was you who welcomed this" in page
        page = (await bo_client.get(f"/offers/{offer}")).text
        assert "it isn’t passed on to Cy Barnes: say it when you like" in page
        sent = await bo_client.post(f"/offers/{offer}/contact", data=answers_of(page.partition("/contact")[2]))
        assert sent.status_code == 303
        assert f"<b>{BO}</b>" in (await cy.get(f"/offers/{offer}")).text
    assert f"They see of you: <b>{BO}</b>" in (await bo_client.get(f"/offers/{offer}")).text
    assert await seen_by(desk, cast.ada, offer) == ""


async def test_whom_it_was_said_for_sees_it_though_others_came_since(desk, cast):
    offer = await an_offer(desk, cast.bo, cast.problem, contact=BO)
    await a_convenor(desk, cast, cast.cy)
    await do(desk, cast.ada, welcome_offer, offer)
    assert await seen_by(desk, cast.ada, offer) == BO
    # Who looked after it then, and does so again, was named.
    second = await an_offer(desk, cast.bo, cast.problem, "A pump", contact=BO)
    await do(desk, cast.cy, put_down, cast.problem)
    await a_convenor(desk, cast, cast.cy)
    await do(desk, cast.cy, welcome_offer, second)
    assert await seen_by(desk, cast.cy, second) == BO


async def test_of_those_a_form_named_who_is_still_there_sees_it(desk, cast, bo_client):
    await a_convenor(desk, cast, cast.cy)
    form = (await bo_client.get(f"/problems/{cast.problem}/offers/new")).text
    await do(desk, cast.cy, put_down, cast.problem)
    await a_convenor(desk, cast, cast.dee)
    sent = answers_of(form, what="A van", key=key_in(form))
    assert (await bo_client.post(f"/problems/{cast.problem}/offers", data=sent)).status_code == 303
    other = await an_offer(desk, cast.bo, cast.problem, "A pump", contact=BO, contact_named=[cast.ada.id])
    await do(desk, cast.dee, welcome_offer, 1)
    await do(desk, cast.ada, welcome_offer, other)
    assert await seen_by(desk, cast.dee, 1) == ""
    assert await seen_by(desk, cast.ada, other) == BO


async def test_when_none_of_them_is_the_form_comes_back_with_the_new_name(desk, cast, bo_client):
    number = await an_imported_problem(desk)
    await a_convenor(desk, cast, cast.cy, number)
    form = (await bo_client.get(f"/problems/{number}/offers/new")).text
    assert "if that is Cy Barnes." in form
    await do(desk, cast.cy, put_down, number)
    await a_convenor(desk, cast, cast.dee, number)
    path, sent = f"/problems/{number}/offers", answers_of(form, what="A van", words="On Saturdays", key=key_in(form))
    answer = await bo_client.post(path, data=sent)
    assert answer.status_code == 422
    assert CHANGED in answer.text
    assert "if that is Dee Novak." in answer.text
    assert f'value="{BO}"' in answer.text
    assert "On Saturdays</textarea>" in answer.text
    assert await count(desk, "offers") == await count(desk, "contacts") == 0
    again = answers_of(answer.text, what="A van", words="On Saturdays", key=key_in(answer.text))
    assert (await bo_client.post(path, data=again)).status_code == 303
    offer = await only_offer(desk)
    await do(desk, cast.dee, welcome_offer, offer)
    assert await seen_by(desk, cast.dee, offer) == BO


@pytest.mark.parametrize("ids", ["", "x", "987654321", "1 " * 60, "9" * 30])
async def test_a_form_that_names_nobody_who_may_see_it_keeps_nothing(desk, cast, bo_client, ids):
    sent = {"what": "A van", "contact": BO, "contact_for": ids}
    answer = await bo_client.post(f"/problems/{cast.problem}/offers", data=sent)
    assert answer.status_code == 422
    assert f'name="contact_for" value="{cast.ada.id}"' in answer.text
    assert await count(desk, "offers") == 0


async def an_ask_of_cy(desk, cast, *, named=True):
    need = await a_need(desk, cast.ada, cast.problem)
    async with desk.writing(cast.cy) as work:
        ask = await a_standing_ask(work, need, cast.bo.id)
        (await work.session.get_one(Ask, ask)).named = named
    return need, ask


async def test_a_yes_to_who_looks_after_it_no_more_is_asked_again_whom_it_is_for(desk, cast, bo_client):
    await a_convenor(desk, cast, cast.cy)
    _, ask = await an_ask_of_cy(desk, cast)
    form = (await bo_client.get(f"/asks/{ask}")).text
    assert "Only Cy Barnes sees it, who asks you." in form
    await do(desk, cast.cy, put_down, cast.problem)
    sent = answers_of(form, answer="yes", words="On Saturdays")
    answer = await bo_client.post(f"/asks/{ask}/answer", data=sent)
    assert answer.status_code == 422
    assert CHANGED in answer.text
    assert "Only whoever welcomes your offer sees it, if that is Ada Kaur." in answer.text
    assert f'value="{BO}"' in answer.text
    assert "On Saturdays</textarea>" in answer.text
    assert await count(desk, "offers") == await count(desk, "contacts") == 0
    again = answers_of(answer.text, answer="yes", words="On Saturdays")
    assert (await bo_client.post(f"/asks/{ask}/answer", data=again)).status_code == 303
    offer = await only_offer(desk)
    await do(desk, cast.ada, welcome_offer, offer)
    assert await seen_by(desk, cast.ada, offer) == BO
    assert await seen_by(desk, cast.cy, offer) == ""


async def test_a_yes_to_what_another_has_welcomed_passes_nothing_on(desk, cast, bo_client):
    await a_convenor(desk, cast, cast.cy)
    need, ask = await an_ask_of_cy(desk, cast, named=False)
    await do(desk, cast.bo, decline_ask, ask)
    offer = await an_offer(desk, cast.bo, cast.problem, need_id=need)
    await do(desk, cast.ada, welcome_offer, offer)
    form = (await bo_client.get(f"/asks/{ask}")).text
    answer = await bo_client.post(f"/asks/{ask}/answer", data=answers_of(form, answer="yes"))
    assert answer.status_code == 422
    assert "somebody else has welcomed it" in answer.text
    assert await count(desk, "contacts") == 0
    again = {"answer": "yes", "contact": "", "contact_for": named_in(answer.text)}
    assert (await bo_client.post(f"/asks/{ask}/answer", data=again)).headers["location"].startswith(f"/offers/{offer}")


async def test_what_is_said_on_the_offers_page_is_for_whom_that_named(desk, cast, bo_client):
    offer = await an_offer(desk, cast.bo, cast.problem)
    page = (await bo_client.get(f"/offers/{offer}")).text
    assert "if that is Ada Kaur." in page
    await a_convenor(desk, cast, cast.cy)
    await do(desk, cast.cy, welcome_offer, offer)
    answer = await bo_client.post(f"/offers/{offer}/contact", data=answers_of(page))
    assert answer.status_code == 422
    assert CHANGED in answer.text
    assert "Only Cy Barnes sees it, on this page." in answer.text
    assert (await bo_client.post(f"/offers/{offer}/contact", data=answers_of(answer.text))).status_code == 303
    assert await seen_by(desk, cast.cy, offer) == BO
    # To take it back, nobody need be named.
    await do(desk, cast.bo, say_contact, offer, "", named=())
    assert await count(desk, "contacts") == 0


async def test_what_was_said_before_this_was_kept_is_for_whom_the_form_named_then(desk, cast):
    """Welcomed: for the one who did. Waiting: for whose problem it is, whoever looks after it by now."""
    await a_convenor(desk, cast, cast.cy)
    theirs = await an_offer(desk, cast.bo, cast.problem, contact=BO)
    await do(desk, cast.cy, welcome_offer, theirs, contact="cy at 0789")
    waits = await an_offer(desk, cast.bo, cast.problem, "A pump", contact=BO)
    migration = runpy.run_path(str(next(MIGRATIONS.glob("0018_*.py"))))
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE contacts SET for_ids = '{}'"))
        await work.session.execute(text(migration["FOR_WHOM"]))
    assert await seen_by(desk, cast.cy, theirs) == BO
    assert await seen_by(desk, cast.bo, theirs) == "cy at 0789"
    await do(desk, cast.cy, welcome_offer, waits)
    assert await seen_by(desk, cast.cy, waits) == ""


# --- who may say that it is done, and is told so


async def buttons(desk, client, number):
    """Whose each button beside the offers of a problem is."""
    page = (await client.get((await problem_now(desk, number)).path)).text
    found = re.findall(
        r'<div data-for="([\d ]+)"><a class="button plain" href="/offers/\d+#(?:done|thanks)">([^<]+)', page
    )
    return {words: {int(one) for one in ids.split()} for ids, words in found}


async def test_whoever_answers_for_it_finds_that_they_may_say_so(desk, cast, client, ada_client, bo_client, app):
    offer = await a_welcome_offer(desk, cast.bo, cast)
    reach, done = "Reach each other, or say that it is done", "Say that it is done"
    assert await buttons(desk, client, cast.problem) == {reach: {cast.ada.id, cast.bo.id}}
    await a_convenor(desk, cast, cast.cy)
    assert await buttons(desk, client, cast.problem) == {reach: {cast.ada.id, cast.bo.id}, done: {cast.cy.id}}
    async with client_for(app, token=cast.tokens["cy"]) as cy:
        page = (await cy.get(f"/offers/{offer}")).text
        assert "When what Bo Adeyemi offered is given. Bo Adeyemi and Ada Kaur may say so, and so may you." in page
        assert "Either of you" not in page
        assert "When what Bo Adeyemi offered is given. Either of you" in (await ada_client.get(f"/offers/{offer}")).text
        assert "When what you offered is given. Either of you" in (await bo_client.get(f"/offers/{offer}")).text
        await do(desk, cast.cy, end_offer, offer)
        assert await buttons(desk, client, cast.problem) == {"Say thanks": {cast.ada.id, cast.bo.id}}
        assert 'id="thanks"' not in (await cy.get(f"/offers/{offer}")).text


async def test_whose_problem_it_is_may_thank_for_what_another_welcomed(desk, cast, client, ada_client):
    await a_convenor(desk, cast, cast.cy)
    offer = await an_offer(desk, cast.bo, cast.problem)
    await do(desk, cast.cy, welcome_offer, offer)
    found = await buttons(desk, client, cast.problem)
    assert found["Say that it is done"] == {cast.ada.id}
    await do(desk, cast.bo, end_offer, offer)
    page = (await client.get((await problem_now(desk, cast.problem)).path)).text
    assert f'<div data-for="{cast.ada.id}"><a class="button plain" href="/offers/{offer}#thanks">' in page
    assert 'id="thanks"' in (await ada_client.get(f"/offers/{offer}")).text


async def test_where_somebody_joined_in_who_looks_after_it_may_say_so(desk, cast, client, app):
    number = await an_imported_problem(desk)
    offer = await an_offer(desk, cast.bo, number)
    assert await buttons(desk, client, number) == {"Say that it is done": {cast.bo.id}}
    await a_convenor(desk, cast, cast.cy, number)
    assert await buttons(desk, client, number) == {"Say that it is done": {cast.bo.id, cast.cy.id}}
    async with client_for(app, token=cast.tokens["cy"]) as cy:
        page = (await cy.get(f"/offers/{offer}")).text
    assert "When what Bo Adeyemi offered is given. What they brought stays beside their name." in page
    assert "None" not in page


async def test_their_buttons_come_and_go_with_them(desk, cast, app, client):
    """What stands on a problem is shown anew when somebody begins to look after it, or stops."""
    await a_welcome_offer(desk, cast.bo, cast)
    await an_offer(desk, cast.dee, cast.problem, "A pump")
    convening = await a_convenor(desk, cast, cast.cy)
    page = (await client.get((await problem_now(desk, cast.problem)).path)).text
    async with desk.reading() as work:
        shown = await show_offers_standing(work, ConveningEnded(cast.problem, convening))
    assert [one.key for one in shown] == ["offer-1", "offer-2"]
    for one in shown:
        html = app.state.kit.pages.render(one.template, one.context).strip()
        assert f'{cast.cy.id}"><a' in html
        assert html in page
