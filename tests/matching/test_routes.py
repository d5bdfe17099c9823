"""Who could help, asking and answering, as people meet it."""

from __future__ import annotations

import re

import httpx2
import pytest

from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Desk
from civicboard.people.models import Person
from civicboard.problems.actions import follow
from tests.cast import Cast
from tests.conftest import TurnedClock
from tests.matching.people import NOON, a_need, all_asks, an_ask, can, delivered, the_ask

PROBLEM = "/problems/1/basements-on-brook-lane-flood"


@pytest.fixture(autouse=True)
def _noon(clock: TurnedClock) -> None:
    clock.now = NOON


def text_of(page: httpx2.Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2]).split())


async def test_the_problem_shows_who_could_help_to_those_in_it(
    ada_client: httpx2.AsyncClient, dee_client: httpx2.AsyncClient, client: httpx2.AsyncClient, desk: Desk, cast: Cast
) -> None:
    assert "Who could help" not in (await ada_client.get(PROBLEM)).text
    await can(desk, cast.bo, "drainage", words="10 years on urban brooks.", free=["thu-evening"])
    need = await a_need(desk, cast)
    shown = text_of(await ada_client.get(PROBLEM))
    assert "drainage: “10 years on urban brooks”; can help online; free on Thursday evenings" in shown
    assert "Found by tags and by the same words alone" in shown
    assert "people who live near it or can get there" in shown
    for passer_by in (dee_client, client):
        assert "Who could help" not in (await passer_by.get(PROBLEM)).text
    assert (await dee_client.get(f"/needs/{need}/people")).status_code == 403
    assert "/login" in (await client.get(f"/needs/{need}/people")).headers["location"]
    async with desk.writing(cast.dee) as work:
        await follow(work, cast.problem)
    assert "Bo Adeyemi" in text_of(await dee_client.get(f"/needs/{need}/people"))
    assert "Who could help" in (await dee_client.get(PROBLEM)).text


async def test_on_the_problem_three_stand_unfolded(ada_client: httpx2.AsyncClient, desk: Desk, cast: Cast) -> None:
    """A phone would be five screens long otherwise; on the page of the need itself all of them stand."""
    need = await a_need(desk, cast)
    async with desk.writing() as work:
        more = [Person(handle=f"more{n}", name=f"More {n}", joined_at=work.now) for n in range(3)]
        work.session.add_all(more)
        await work.session.flush()
        others = [Viewer(id=one.id, handle=one.handle, name=one.name) for one in more]
    for who in (cast.bo, cast.cy, *others):
        await can(desk, who, "drainage", words="Drains.")
    folded = "<summary>2 more who could</summary>"
    shown, _, rest = (await ada_client.get(PROBLEM)).text.partition(folded)
    assert rest
    assert shown.count("/asks/new?who=") == 3
    assert rest.count("/asks/new?who=") == 2
    whole = (await ada_client.get(f"/needs/{need}/people")).text
    assert whole.count("/asks/new?who=") == 5
    assert "more who could" not in whole


async def test_asking_and_saying_yes_takes_a_form_and_a_tap(
    ada_client: httpx2.AsyncClient, bo_client: httpx2.AsyncClient, desk: Desk, cast: Cast
) -> None:
    await can(desk, cast.bo, "drainage", words="10 years on urban brooks.")
    need = await a_need(desk, cast)
    form = await ada_client.get(f"/needs/{need}/asks/new?who=bo")
    assert "Why them: drainage: “10 years on urban brooks”; can help online" in text_of(form)
    sent = {"who": "bo", "words": "Could you look at it?", "contact": "Ada: 0123"}
    for _ in range(2):
        asked = await ada_client.post(f"/needs/{need}/asks", data=sent)
        assert asked.headers["location"] == f"/needs/{need}/people?said=asked"
    (one,) = await all_asks(desk)
    assert "Whom you have asked Asked Bo Adeyemi" in text_of(await ada_client.get(f"/needs/{need}/people"))
    assert (await bo_client.get(f"/asks/{one.id}")).status_code == 404
    await delivered(desk, one.id)
    page = await bo_client.get(f"/asks/{one.id}")
    shown = text_of(page)
    for words in ("Ada Kaur asks you", "Could you look at it?", "You know about drainage.", "about 2 hours in all"):
        assert words in shown
    assert "0123" not in page.text
    assert page.headers["cache-control"] == "private, no-store"
    assert (await ada_client.get(f"/asks/{one.id}")).status_code == 404
    answered = await bo_client.post(f"/asks/{one.id}/answer", data={"answer": "yes"})
    offer = answered.headers["location"]
    assert re.fullmatch(r"/offers/\d+\?said=answered-yes", offer)
    assert (await bo_client.post(f"/asks/{one.id}/answer", data={"answer": "yes"})).headers["location"] == offer
    assert "Ada: 0123" in (await bo_client.get(offer)).text
    assert "Bo Adeyemi" in text_of(await ada_client.get("/problems/1/network"))
    assert "Yes." in text_of(await bo_client.get(f"/asks/{one.id}"))
    assert "Somebody who knows drains" in text_of(await bo_client.get("/account/asks"))
    again = await bo_client.post(f"/asks/{one.id}/answer", data={"answer": "not_now"})
    assert again.status_code == 409
    assert "You have said yes already" in again.text


async def test_a_no_is_one_tap_and_needs_no_reason(
    bo_client: httpx2.AsyncClient, ada_client: httpx2.AsyncClient, desk: Desk, cast: Cast
) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    one = await an_ask(desk, cast.ada, need, "bo")
    await delivered(desk, one)
    await bo_client.post(f"/asks/{one}/answer", data={"answer": "not_now"})
    assert (await the_ask(desk, one)).state == "not_now"
    assert "Not this time Bo Adeyemi" in text_of(await ada_client.get(f"/needs/{need}/people"))
    assert (await ada_client.get(f"/needs/{need}/asks/new?who=bo")).text.count("They can’t be asked for this") == 1


async def test_not_me_try_somebody_keeps_what_was_typed(bo_client: httpx2.AsyncClient, desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage")
    one = await an_ask(desk, cast.ada, await a_need(desk, cast), "bo")
    await delivered(desk, one)
    wrong = await bo_client.post(f"/asks/{one}/answer", data={"answer": "not_me", "instead": "@nobody-here"})
    assert wrong.status_code == 422
    assert "There is nobody here of that name" in wrong.text
    assert 'value="@nobody-here"' in wrong.text
    right = await bo_client.post(f"/asks/{one}/answer", data={"answer": "not_me", "instead": "@dee"})
    assert right.headers["location"].endswith("said=answered-instead")
    assert [found.person_id for found in await all_asks(desk)] == [cast.bo.id, cast.dee.id]
    bad = await bo_client.post(f"/asks/{one}/answer", data={"answer": "perhaps"})
    assert bad.status_code == 422


async def test_what_bo_shows_nobody_is_on_no_page_until_he_says_yes(
    ada_client: httpx2.AsyncClient, bo_client: httpx2.AsyncClient, desk: Desk, cast: Cast
) -> None:
    """Nor does anything tell whether there was anybody: the answer is the same for a need that fits nobody."""
    await can(desk, cast.bo, "drainage", words="10 years on urban brooks.", visibility="matching")
    need = await a_need(desk, cast)
    other = await a_need(desk, cast, "A seamstress", tags=["sewing"])
    pages = []
    for wanted in (need, other):
        sent = await ada_client.post(f"/needs/{wanted}/asks", data={"words": "Please."})
        pages.append((sent.status_code, sent.headers["location"].replace(str(wanted), "N")))
        after = text_of(await ada_client.get(f"/needs/{wanted}/people"))
        pages.append((0, after.replace("Somebody who knows drains", "X").replace("A seamstress", "X")))
    assert pages[:2] == pages[2:]
    seen = text_of(await ada_client.get(PROBLEM)).partition("Who could help")[2]
    assert "Bo Adeyemi" not in seen
    assert "urban brooks" not in seen
    named = await ada_client.get(f"/needs/{need}/asks/new?who=bo")
    assert "urban brooks" not in named.text
    assert "They can’t be asked for this" in named.text
    (one,) = await all_asks(desk)
    await delivered(desk, one.id)
    asked = await bo_client.get(f"/asks/{one.id}")
    assert "Until then nobody knows that it is you who was asked." in asked.text
    await bo_client.post(f"/asks/{one.id}/answer", data={"answer": "yes"})
    assert "Yes Bo Adeyemi" in text_of(await ada_client.get(f"/needs/{need}/people"))


async def test_an_ask_is_taken_back_and_the_board_told_to_stop(
    ada_client: httpx2.AsyncClient, bo_client: httpx2.AsyncClient, desk: Desk, cast: Cast
) -> None:
    await can(desk, cast.bo, "drainage")
    need = await a_need(desk, cast)
    one = await an_ask(desk, cast.ada, need, "bo")
    assert (await bo_client.post(f"/asks/{one}/withdrawal")).status_code == 404
    back = await ada_client.post(f"/asks/{one}/withdrawal")
    assert back.headers["location"] == f"/needs/{need}/people?said=ask-withdrawn"
    assert (await the_ask(desk, one)).state == "called_off"
    assert (await bo_client.post(f"/needs/{need}/round?_method=DELETE")).status_code == 403
    await ada_client.post(f"/needs/{need}/round?_method=DELETE")
    assert "It has been asked not to." in text_of(await ada_client.get(f"/needs/{need}/people"))
    await ada_client.post(f"/needs/{need}/round")
    assert "and goes on with others, further and further away, until the need is met" in text_of(
        await ada_client.get(f"/needs/{need}/people")
    )


async def test_the_board_goes_on_looking_only_while_it_does(
    ada_client: httpx2.AsyncClient, desk: Desk, cast: Cast
) -> None:
    need = await a_need(desk, cast)
    on = "Nobody who shows what they can do fits so far. The board goes on looking."
    for page in (f"/needs/{need}/people", PROBLEM):
        assert on in text_of(await ada_client.get(page))
    await ada_client.post(f"/needs/{need}/round?_method=DELETE")
    for page in (f"/needs/{need}/people", PROBLEM):
        shown = text_of(await ada_client.get(page))
        assert "Nobody who shows what they can do fits so far." in shown
        assert "goes on looking" not in shown


@pytest.mark.parametrize(
    ("a_week", "said"),
    [(None, "Two a week at most"), (7, "Two a week"), (1, "One a week at most"), (0, "Nobody asks you, as you wish.")],
)
async def test_how_often_is_said_as_it_is(
    bo_client: httpx2.AsyncClient, desk: Desk, cast: Cast, a_week: int | None, said: str
) -> None:
    if a_week is not None:
        await can(desk, cast.bo, "drainage", asks_a_week=a_week)
    assert said in text_of(await bo_client.get("/account/asks"))
