"""What needs somebody, as it comes to their own page, changes there and goes while that is open."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from civicboard.board.actions import tell_pages
from civicboard.board.events import ProblemSuited
from civicboard.board.jobs import suit
from civicboard.board.live import show_all_fits, show_suggestion
from civicboard.board.queries.for_you import (
    find_suggestion,
)
from civicboard.kit.outbox import present, since
from civicboard.kit.work import Missing
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.able import find_able
from civicboard.offers.actions import dismiss_need, edit_need, reopen_need, settle_need
from civicboard.organisations.actions import appoint
from civicboard.people.actions import update_profile
from civicboard.progress.actions import set_stage
from civicboard.skills.actions import say_ability
from civicboard.skills.events import AbilityChanged
from civicboard.watching import watch_for_you
from tests.board.own_page import MUSIC, a_need, a_problem, able_to, cursor_of, errands, for_person, means, shown_to
from tests.cast import a_need as added
from tests.cast import a_welcome_offer, an_offer
from tests.conftest import client_for
from tests.organisations.council import an_organisation


async def suited(desk, cursor):
    async with desk.reading() as work:
        return [one.event for one in await since(work.session, cursor) if isinstance(one.event, ProblemSuited)]


async def test_a_new_problem_is_told_to_the_pages_of_those_it_fits(app, desk, cast, bo_client):
    await able_to(desk, cast.bo, "pumps")
    await able_to(desk, cast.cy, "music")
    await able_to(desk, cast.ada, "pumps")
    async with desk.reading() as work:
        cursor = await present(work.session)
    number = await a_problem(desk, cast.ada, tags=("pumps",), help_wanted="a pump")
    async with desk.reading() as work:
        left = (await work.session.execute(text("SELECT entrypoint, payload FROM pgqueuer ORDER BY id"))).all()
    assert ("suit", f'{{"problem_id": {number}}}') in [(name, bytes(payload).decode()) for name, payload in left]
    # A worker that died at its end does it again, and nobody is told twice; Ada posted it.
    for _ in range(2):
        await suit(desk, {"problem_id": number})
    assert await suited(desk, cursor) == [ProblemSuited(cast.bo.id, number)]
    async with desk.reading() as work:
        fragment = await show_suggestion(work, ProblemSuited(cast.bo.id, number), weights=Weights())
        with pytest.raises(Missing):
            await show_suggestion(work, ProblemSuited(cast.cy.id, number), weights=Weights())
    assert (fragment.target, fragment.key) == ("#arrivals", f"fit-{number}")
    html = app.state.kit.pages.render(fragment.template, fragment.context).strip()
    assert html in (await bo_client.get("/for-you")).text


async def test_an_errand_that_breaks_off_has_told_nobody(desk, cast):
    await able_to(desk, cast.bo, "pumps")
    number = await a_problem(desk, cast.ada, tags=("pumps",))
    async with desk.reading() as work:
        cursor = await present(work.session)

    async def die():
        async with desk.writing() as work:
            assert await tell_pages(work, number) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await die()
    assert await suited(desk, cursor) == []
    await suit(desk, {"problem_id": 987_654})


async def test_an_officer_of_another_department_sees_a_new_need_on_an_open_page(app, desk, cast):
    """The parks' officer lives elsewhere, the problem speaks of books: what Cy can do decides, with the reason."""
    await able_to(desk, cast.cy, "drainage")
    await able_to(desk, cast.dee, "music")
    async with desk.writing() as work:
        made = await an_organisation(work, slug="millbrook-parks", name="Parks", kind="department", email_domains=[])
        await appoint(work, made, cast.cy.id, role="officer", title="Trees")
    number = await a_problem(desk, cast.ada, "The library smells", tags=("books",), place="Brook Lane")
    await errands(desk)
    cursor = await cursor_of(desk)
    await added(desk, cast.ada, number, "somebody who finds where it comes from", kind="skill", tags=["drainage"])
    # A worker that died at its end does it again.
    (payload,) = await errands(desk)
    await suit(desk, payload)
    assert await suited(desk, cursor) == [ProblemSuited(cast.cy.id, number)]
    html = (await shown_to(app, desk, cursor, cast.cy))[f"fit-{number}"]
    assert "The library smells" in html
    assert "You know about drainage." in html
    assert "Why you" in html
    assert await shown_to(app, desk, cursor, cast.dee) == await shown_to(app, desk, cursor, cast.ada) == {}


async def test_a_need_that_comes_after_its_problem_was_told_is_told(app, desk, cast):
    """What the problem itself says fitted Bo, so he was told of it just now; the need is news all the same."""
    await able_to(desk, cast.bo, "books", "drainage")
    number = await a_problem(desk, cast.ada, "The library smells", tags=("books",))
    await errands(desk)
    cursor = await cursor_of(desk)
    await added(desk, cast.ada, number, kind="skill", tags=["drainage"])
    await errands(desk)
    assert f"fit-{number}" in await shown_to(app, desk, cursor, cast.bo)


async def test_who_only_uses_the_same_words_sees_it_on_an_open_page(app, desk, cast):
    """As a fresh page would show it, where no model has read it."""
    await able_to(desk, cast.bo, words="I have read many a culvert survey in my time.")
    await able_to(desk, cast.cy, words="I play the oboe.")
    cursor = await cursor_of(desk)
    need = await added(desk, cast.ada, cast.problem, "Somebody for a culvert survey", kind="skill")
    await errands(desk)
    assert await suited(desk, cursor) == [ProblemSuited(cast.bo.id, cast.problem)]
    assert "culvert" in (await shown_to(app, desk, cursor, cast.bo))[f"fit-{cast.problem}"]
    # Once one has, words alone are no reason.
    await means(desk, "need", need, MUSIC)
    cursor = await cursor_of(desk)
    await added(desk, cast.ada, cast.problem, "Another culvert survey", kind="skill")
    await errands(desk)
    assert await suited(desk, cursor) == []


async def settled(desk, cast, need):
    async with desk.writing(cast.ada) as work:
        await settle_need(work, need)


async def dismissed(desk, cast, need):
    async with desk.writing(cast.ada) as work:
        await dismiss_need(work, need)


async def reworded(desk, cast, need):
    async with desk.writing(cast.ada) as work:
        await edit_need(work, need, kind="thing", what="Two oboes", tags=["music"])


async def sorted_out(desk, cast, need):
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="sorted", why="It is dry.")


async def met(desk, cast, need):
    await a_welcome_offer(desk, cast.dee, cast, need_id=need)


@pytest.mark.parametrize("deed", [settled, dismissed, reworded, sorted_out, met])
async def test_what_is_no_longer_needed_says_so_on_an_open_page(app, desk, cast, bo_client, deed):
    await able_to(desk, cast.bo, "drainage")
    need = await added(desk, cast.ada, cast.problem, kind="skill", tags=["drainage"])
    await errands(desk)
    assert f'id="fit-{cast.problem}"' in (await bo_client.get("/for-you")).text
    cursor = await cursor_of(desk)
    await deed(desk, cast, need)
    await errands(desk)
    html = (await shown_to(app, desk, cursor, cast.bo))[f"fit-{cast.problem}"]
    assert f'hx-target="#fit-{cast.problem}" hx-swap="outerHTML"' in html
    assert "no longer needed" in html
    assert "I can help" not in html
    assert f'id="fit-{cast.problem}"' not in (await bo_client.get("/for-you")).text


async def test_other_words_and_a_second_thought_are_shown_on_an_open_page(app, desk, cast, bo_client):
    await able_to(desk, cast.bo, "drainage")
    need = await added(desk, cast.ada, cast.problem, kind="skill", tags=["drainage"])
    await errands(desk)
    cursor = await cursor_of(desk)
    async with desk.writing(cast.ada) as work:
        await edit_need(work, need, kind="skill", what="Somebody with a long rod", tags=["drainage"])
    await settled(desk, cast, need)
    async with desk.writing(cast.ada) as work:
        await reopen_need(work, need)
    await errands(desk)
    html = (await shown_to(app, desk, cursor, cast.bo))[f"fit-{cast.problem}"]
    assert "Somebody with a long rod" in html
    assert "hx-upsert" in html


async def test_what_i_offer_for_goes_from_my_open_page_and_an_offer_that_waits_from_no_other(app, desk, cast):
    for who in (cast.bo, cast.cy):
        await able_to(desk, who, "drainage")
    need = await added(desk, cast.ada, cast.problem, kind="skill", tags=["drainage"])
    await errands(desk)
    cursor = await cursor_of(desk)
    await an_offer(desk, cast.bo, cast.problem, need_id=need)
    assert await errands(desk) == []
    assert "no longer needed" in (await shown_to(app, desk, cursor, cast.bo))[f"fit-{cast.problem}"]
    assert await shown_to(app, desk, cursor, cast.cy) == {}


async def test_who_says_what_they_can_do_sees_it_on_the_page_that_is_open(app, desk, cast, bo_client):
    await added(desk, cast.ada, cast.problem, kind="skill", tags=["drainage"])
    await a_problem(desk, cast.ada, "Hymn books are missing", tags=("music",), help_wanted="hymn books")
    cursor = await cursor_of(desk)
    for tags in (("music",), ("drainage",)):
        async with desk.writing(cast.bo) as work:
            await say_ability(work, tags=tags, words="")
    found = await shown_to(app, desk, cursor, cast.bo)
    page = (await bo_client.get("/for-you")).text
    assert "Basements on Brook Lane flood" in found["#notices"]
    assert "Hymn books" not in found["#notices"]
    assert "Nothing fits just now" in found["#no-fits"]
    async with desk.reading() as work:
        for fragment in await show_all_fits(work, AbilityChanged(cast.bo.id), weights=Weights()):
            assert app.state.kit.pages.render(fragment.template, fragment.context).strip() in page
    assert await shown_to(app, desk, cursor, cast.dee) == {}


async def test_where_i_live_is_heard_by_the_page_that_is_open(app, desk, cast):
    await able_to(desk, cast.bo, "flooding")
    async with desk.reading() as work:
        home = (await work.session.execute(text("SELECT id FROM places WHERE slug = 'brook-lane'"))).scalar()
    cursor = await cursor_of(desk)
    async with desk.writing(cast.bo) as work:
        await update_profile(work, name="Bo Adeyemi", about="", place_id=home, shows_presence=True)
    assert "You live in Brook Lane" in (await shown_to(app, desk, cursor, cast.bo))["#notices"]


async def test_who_is_signed_in_nowhere_is_told_nothing(desk, cast):
    await able_to(desk, cast.bo, "pumps")
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE sessions SET ended_at = now() WHERE person_id = :p"), {"p": cast.bo.id})
    async with desk.reading() as work:
        cursor = await present(work.session)
    await suit(desk, {"problem_id": await a_problem(desk, cast.ada, tags=("pumps",))})
    assert await suited(desk, cursor) == []


async def test_the_page_of_one_is_watched_by_no_other(desk, cast):
    async with desk.reading(cast.bo) as work:
        assert (await watch_for_you(work, str(cast.bo.id))).counted is False
        assert await watch_for_you(work, str(cast.ada.id)) is None
    async with desk.reading() as work:
        assert await watch_for_you(work, str(cast.bo.id)) is None


async def test_one_problem_fits_as_in_the_list(desk, cast):
    await able_to(desk, cast.bo, "drainage", place="brook-lane")
    await a_need(desk, cast, cast.problem, tags=["drainage"])
    (listed,) = await for_person(desk, cast.bo)
    async with desk.reading() as work:
        assert await find_suggestion(work, await find_able(work, cast.bo.id), cast.problem, Weights()) == listed


async def test_the_page_asks_for_nothing_by_script_alone(app, desk, cast):
    await able_to(desk, cast.bo, "flooding")
    async with client_for(app, token=cast.tokens["bo"], script=True) as bo:
        answer = await bo.post(f"/for-you/less/{cast.problem}")
    assert answer.headers["HX-Redirect"] == "/for-you?said=less"
