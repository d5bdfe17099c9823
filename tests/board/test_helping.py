"""The list of who could help, on a problem's page that is open: fetched anew by each viewer, and sent to nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civicboard.app import RENDERERS
from civicboard.board.jobs import suit_person
from civicboard.kit.hub.rendering import Renderers
from civicboard.kit.outbox import present, since
from civicboard.kit.presence import Presence
from civicboard.matching.policy.scoring import Weights
from civicboard.networks.models import Member
from civicboard.networks.queries import MOST_SHOWN, members_of
from civicboard.offers.actions import settle_need
from civicboard.people.models import Person
from civicboard.posts.actions import write_post
from civicboard.problems.actions import post_problem
from civicboard.skills.actions import say_ability
from tests.cast import Told, a_need, a_welcome_offer
from tests.conftest import client_for
from tests.matching.people import NOON, an_ask, can, delivered


async def sent(app, desk, cursor, topic):
    """What a topic's audience got since then, as HTML."""
    async with desk.reading() as work:
        happened = await since(work.session, cursor)
        shown = await Renderers(RENDERERS, weights=Weights()).render(work, happened, topic)
    return "".join(app.state.kit.pages.envelope(one) for one in shown if one.template == "board/_helping_moved.html")


async def cursor_of(desk):
    async with desk.reading() as work:
        return await present(work.session)


def piece(page):
    """The list with all round it, as it stands in a page."""
    start = page.index('<div id="helping"')
    return page[start : page.index('<span id="helping-of-1"', start)]


async def fetched(app, cast, who):
    async with client_for(app, token=cast.tokens[who], script=True) as browser:
        answer = await browser.get(f"/problems/{cast.problem}/helping")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]
    return answer.text


async def added(desk, cast):
    return await a_need(desk, cast.ada, cast.problem, "A drain expert", kind="skill", tags=["drainage"])


async def met(desk, cast):
    need = await added(desk, cast)
    async with desk.writing(cast.ada) as work:
        await settle_need(work, need)


async def joined(desk, cast):
    await a_welcome_offer(desk, cast.bo, cast, need_id=await added(desk, cast))


async def spoken(desk, cast):
    async with desk.writing(cast.cy) as work:
        await write_post(work, cast.problem, kind="reply", capacity="neighbour", words="I live here too.")


@pytest.mark.parametrize("deed", [added, met, joined, spoken])
async def test_a_page_that_is_open_fetches_what_a_fresh_one_shows(app, desk, cast, ada_client, deed):
    await can(desk, cast.bo, "drainage", words="Thirty winters on becks.")
    cursor = await cursor_of(desk)
    await deed(desk, cast)
    html = await sent(app, desk, cursor, f"problem:{cast.problem}")
    assert f'hx-get="/problems/{cast.problem}/helping"' in html
    assert html.count("hx-get") == 1, "once, however much has happened"
    assert "Bo" not in html
    fresh = (await ada_client.get(f"/problems/{cast.problem}/basements-on-brook-lane-flood")).text
    now = await fetched(app, cast, "ada")
    assert piece(now) == piece(fresh)
    assert ("Thirty winters on becks" in now) == (deed is added)


async def test_it_is_for_the_people_of_the_problem(app, desk, cast, client, dee_client):
    await can(desk, cast.bo, "drainage", words="Thirty winters on becks.")
    await added(desk, cast)
    shown = await fetched(app, cast, "dee")
    assert '<div id="helping" hidden>' in shown
    assert "becks" not in shown
    for browser in (client, dee_client):
        answer = await browser.get(f"/problems/{cast.problem}/helping")
        assert answer.headers["location"] == f"/problems/{cast.problem}/basements-on-brook-lane-flood#helping"
    assert 'id="helping' not in (await client.get(f"/problems/{cast.problem}/basements-on-brook-lane-flood")).text


async def test_that_somebody_is_asked_is_sent_to_nobody_who_reads_the_problem(app, desk, cast, clock):
    clock.now = max(clock.now, NOON)
    await can(desk, cast.bo, "drainage", quiet_from=clock.now.time(), quiet_until=clock.now.time())
    need = await added(desk, cast)
    cursor = await cursor_of(desk)
    assert (await delivered(desk, await an_ask(desk, cast.ada, need, "bo"))).state == "asked"
    assert await sent(app, desk, cursor, f"problem:{cast.problem}") == ""


async def test_only_a_page_of_who_has_to_do_with_it_asks_for_the_list_again(app, cast, ada_client, dee_client):
    address = f"/problems/{cast.problem}/basements-on-brook-lane-flood"
    assert '<span id="helping-moved"' in (await ada_client.get(address)).text, "also while nothing is needed"
    page = (await dee_client.get(address)).text
    assert '<div id="helping" hidden>' in page
    assert "helping-moved" not in page
    assert "helping-moved" not in await fetched(app, cast, "dee")
    await dee_client.post(f"/problems/{cast.problem}/follow")
    assert '<span id="helping-moved"' in (await dee_client.get(address)).text


async def test_the_last_of_many_people_has_the_list_too(app, desk, cast):
    """More are on it than a page names."""
    await can(desk, cast.bo, "drainage", words="Thirty winters on becks.")
    await added(desk, cast)
    async with desk.writing() as work:
        people = [Person(handle=f"p{n}", name=f"Person {n}", joined_at=work.now) for n in range(MOST_SHOWN + 1)]
        work.session.add_all(people)
        await work.session.flush()
        for one in people:
            work.session.add(Member(problem_id=cast.problem, person_id=one.id, part="helper", joined_at=work.now))
        late = work.now + timedelta(hours=1)
        work.session.add(Member(problem_id=cast.problem, person_id=cast.dee.id, part="helper", joined_at=late))
    async with desk.reading(cast.dee) as work:
        assert cast.dee.id not in [one.person_id for one in await members_of(work, cast.problem)]
    assert "Thirty winters on becks" in await fetched(app, cast, "dee")


async def test_looking_for_people_is_counted(app, desk, cast, monkeypatch):
    need, rates, counted = await added(desk, cast), app.state.kit.rates, []
    hit = rates.hit

    async def counting(rule, key, **more):
        counted.append(rule)
        return await hit(rule, key, **more)

    monkeypatch.setattr(rates, "hit", counting)
    async with client_for(app, token=cast.tokens["ada"], script=True) as browser:
        for path in (f"/needs/{need}/people", f"/needs/{need}/asks/new?who=bo", "/for-you"):
            await browser.get(path)
        await browser.get(f"/problems/{cast.problem}/helping")
    assert counted == ["matches", "matches", "matches", "helping"]


@pytest.mark.parametrize("deed", ["follow", "affected"])
async def test_who_takes_part_while_the_page_is_open_sees_it_at_once(app, desk, cast, deed):
    """Their own page fetches it, and fetches it again, to show nothing, when they take it back."""
    await can(desk, cast.bo, "drainage", words="Thirty winters on becks.")
    await added(desk, cast)
    number = cast.problem
    of = f'<span id="helping-of-{number}" hidden hx-get="/problems/{number}/helping" hx-trigger="part-changed'
    async with client_for(app, token=cast.tokens["dee"], script=True) as dee:
        page = (await dee.get(f"/problems/{cast.problem}/basements-on-brook-lane-flood")).text
        assert of in page
        assert 'id="who-could-help"' not in page
        assert (await dee.post(f"/problems/{cast.problem}/{deed}")).headers["hx-trigger"] == "part-changed"
        assert 'id="who-could-help"' in await fetched(app, cast, "dee")
        back = await dee.post(f"/problems/{cast.problem}/{deed}?_method=DELETE")
        assert back.headers["hx-trigger"] == "part-changed"
        assert 'id="who-could-help"' not in await fetched(app, cast, "dee")


async def test_who_becomes_one_of_its_people_sees_it_on_the_page_that_is_open(app, desk, cast):
    """A welcome comes from somebody else, and only their own pages hear that they look again."""
    await added(desk, cast)
    cursor = await cursor_of(desk)
    await a_welcome_offer(desk, cast.bo, cast)
    html = await sent(app, desk, cursor, f"person:{cast.bo.id}")
    assert f'hx-target="#helping-of-{cast.problem}"' in html
    assert f'hx-get="/problems/{cast.problem}/helping"' in html
    assert await sent(app, desk, cursor, f"person:{cast.dee.id}") == ""
    assert 'id="who-could-help"' in await fetched(app, cast, "bo")


async def test_no_two_pages_need_fetch_it_at_the_same_moment(app, desk, cast):
    """A hint says within which time, and the page picks a moment of its own."""
    cursor = await cursor_of(desk)
    await added(desk, cast)
    html = await sent(app, desk, cursor, f"problem:{cast.problem}")
    assert 'data-hint="2000"' in html
    assert "load" not in html


async def test_who_no_longer_fits_goes_from_the_lists_that_are_open(app, desk, cast):
    """Nobody knows any more which problems they fitted: so all hear of it that somebody has open, and no others."""
    await can(desk, cast.bo, "drainage", words="Thirty winters on becks.")
    await added(desk, cast)
    async with desk.writing(cast.dee) as work:
        other = (await post_problem(work, Told(title="Nobody looks at this one"))).id
    await a_need(desk, cast.dee, other, "A drain expert", kind="skill", tags=["drainage"])
    assert "Thirty winters" in await fetched(app, cast, "ada")
    here = Presence(desk.database)
    here.come(f"problem:{cast.problem}", "")
    here.come("board", "")
    await here.exchange(["board", f"problem:{cast.problem}"])
    cursor = await cursor_of(desk)
    async with desk.writing(cast.bo) as work:
        await say_ability(work, tags=("oboe",), words="I play the oboe.")
    for _ in range(2):
        await suit_person(desk, {"person_id": cast.bo.id}, Weights())
    assert "hx-get" in await sent(app, desk, cursor, f"problem:{cast.problem}")
    assert await sent(app, desk, cursor, f"problem:{other}") == ""
    assert "Thirty winters" not in await fetched(app, cast, "ada")
