"""Problems like another one, beside it: by meaning, with how they ended, and nothing where nothing is near."""

from __future__ import annotations

import httpx2
import pytest_asyncio

from civicboard.app import Board
from civicboard.kit.meaning import Understanding
from civicboard.kit.work import Desk
from civicboard.matching.jobs.meanings import index_missing, index_one
from civicboard.matching.queries.related import MOST_RELATED, related_by_words, related_to
from civicboard.problems.actions import post_problem
from civicboard.progress.actions import set_stage
from tests.cast import Cast, Told
from tests.meaning import FewIdeas

TITLE = "Problems like this one"


@pytest_asyncio.fixture
async def ideas(app: Board) -> FewIdeas:
    made = FewIdeas()
    app.state.kit.parts[Understanding] = made
    return made


async def another(desk: Desk, cast: Cast, title: str, ended: str = "") -> int:
    async with desk.writing(cast.bo) as work:
        number = (await post_problem(work, Told(title=title, story="So it is.", tags=(), help_wanted="", place=""))).id
    if ended:
        async with desk.writing(cast.bo) as work:
            await set_stage(work, number, to="sorted", why=ended)
    return number


async def page_of(client: httpx2.AsyncClient, number: int) -> str:
    answer = await client.get(f"/problems/{number}", follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


async def test_a_problem_shows_what_is_like_it_and_how_that_ended(
    client: httpx2.AsyncClient, desk: Desk, cast: Cast, ideas: FewIdeas
) -> None:
    await another(desk, cast, "Wet cellar in Mill Row", ended="The <b>ward</b> paid for a pump.")
    await another(desk, cast, "The bus is late")
    await index_missing(desk, ideas)
    page = (await page_of(client, cast.problem)).split(TITLE)[1].split("</section>")[0]
    assert "Wet cellar in Mill Row" in page
    assert "Sorted" in page
    assert "What worked: The" in page
    assert "paid for a pump" in page
    assert "<b>ward" not in page
    assert "The bus is late" not in page
    assert "Basements on Brook Lane" not in page, "never itself"


async def test_where_nothing_is_near_there_is_no_heading(
    client: httpx2.AsyncClient, desk: Desk, cast: Cast, ideas: FewIdeas
) -> None:
    lonely = await another(desk, cast, "The bus is late")
    await index_missing(desk, ideas)
    assert TITLE not in await page_of(client, lonely)


async def test_without_a_model_or_a_meaning_there_is_none(client: httpx2.AsyncClient, desk: Desk, cast: Cast) -> None:
    await another(desk, cast, "Wet cellar in Mill Row")
    assert TITLE not in await page_of(client, cast.problem)
    async with desk.reading() as work:
        assert await related_to(work, cast.problem, model="few-ideas", least=-1) == []


async def test_five_at_most_the_nearest_first(desk: Desk, cast: Cast, ideas: FewIdeas) -> None:
    for number in range(7):
        await another(desk, cast, f"Flooded cellar {number}" + " lamp" * number)
    await index_missing(desk, ideas)
    async with desk.reading() as work:
        found = await related_to(work, cast.problem, model="few-ideas", least=0.1)
    assert len(found) == MOST_RELATED
    assert cast.problem not in {one.id for one in found}
    assert [one.similarity for one in found] == sorted((one.similarity for one in found), reverse=True)
    assert found[0].title == "Flooded cellar 0"


async def test_other_words_have_other_neighbours(desk: Desk, cast: Cast, ideas: FewIdeas) -> None:
    """What was edited is read anew; what another model meant is not compared."""
    other = await another(desk, cast, "Wet cellar")
    await index_missing(desk, ideas)
    async with desk.reading() as work:
        assert [one.id for one in await related_to(work, cast.problem, model="few-ideas", least=0.7)] == [other]
        assert await related_to(work, cast.problem, model="another", least=0.7) == []
    async with desk.writing() as work:
        from sqlalchemy import text

        await work.session.execute(text("UPDATE problems SET title = 'Dark lamps' WHERE id = :id"), {"id": other})
    await index_one(desk, ideas, {"kind": "problem", "id": other})
    async with desk.reading() as work:
        assert await related_to(work, cast.problem, model="few-ideas", least=0.7) == []


async def test_without_a_model_it_goes_by_the_words_of_titles_and_says_so(
    client: httpx2.AsyncClient, desk: Desk, cast: Cast
) -> None:
    await another(desk, cast, "Basements flood in Mill Row, too", ended="The ward paid for a pump.")
    await another(desk, cast, "A flood of leaflets")
    await another(desk, cast, "The bus is late")
    page = (await page_of(client, cast.problem)).split(TITLE)[1].split("</section>")[0]
    assert "Basements flood in Mill Row" in page
    assert "What worked: The ward paid for a pump." in page
    assert "A flood of leaflets" not in page, "one word is no likeness"
    assert "The bus is late" not in page
    assert "Found by the same words" in page


async def test_what_has_the_very_same_title_stands_there_once(
    client: httpx2.AsyncClient, desk: Desk, cast: Cast, ideas: FewIdeas
) -> None:
    numbers = [
        await another(desk, cast, title) for title in ("Wet cellar", "wet  cellar", "Wet cellar", "Damp cellars")
    ]
    await index_missing(desk, ideas)
    async with desk.reading() as work:
        found = await related_to(work, cast.problem, model="few-ideas", least=0.7)
    assert {(one.id, one.more) for one in found} == {(numbers[2], 2), (numbers[3], 0)}, "the newest of them"
    page = (await page_of(client, cast.problem)).split(TITLE)[1].split("</section>")[0]
    assert page.count(">Wet cellar</a>") == 1
    assert "and 2 more called the same<" in page
    assert 'href="/search?q=%22Wet+cellar%22&amp;kind=problem"' in page
    all_of_them = (await client.get("/search?q=%22Wet+cellar%22&kind=problem")).text
    assert all(f'id="problem-{number}"' in all_of_them for number in numbers[:3])


async def test_many_of_one_title_leave_room_for_others(desk: Desk, cast: Cast, ideas: FewIdeas) -> None:
    for _ in range(8):
        await another(desk, cast, "Basement flood")
    await another(desk, cast, "Cellar in Mill Row")
    await index_missing(desk, ideas)
    async with desk.reading() as work:
        found = await related_to(work, cast.problem, model="few-ideas", least=0.7)
    assert [one.title for one in found] == ["Basement flood", "Cellar in Mill Row"]


async def test_without_a_model_too_a_title_stands_there_once(desk: Desk, cast: Cast) -> None:
    for _ in range(6):
        newest = await another(desk, cast, "Basements flood")
    await another(desk, cast, "Flooded basements, Mill Row")
    async with desk.reading() as work:
        found = await related_by_words(work, cast.problem)
    assert {(one.title, one.more) for one in found} == {("Basements flood", 5), ("Flooded basements, Mill Row", 0)}
    assert newest in {one.id for one in found}
