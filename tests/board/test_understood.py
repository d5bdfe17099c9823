"""What fits by meaning alone reaches pages that are open once a model has read it, errand upon errand, by itself."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from civicboard.app import RENDERERS
from civicboard.board.events import FitChanged, HelpersChanged, ProblemSuited
from civicboard.board.jobs import suit, suit_person
from civicboard.kit.hub.rendering import Renderers
from civicboard.kit.outbox import present, since
from civicboard.kit.queue import Errand
from civicboard.matching.events import AbilityIndexed, ProblemIndexed, ProblemReindexed
from civicboard.matching.jobs.meanings import MOST_TOLD, index_all, index_missing, index_one
from civicboard.matching.policy.scoring import Weights
from civicboard.offers.actions import edit_need
from civicboard.problems.actions import post_problem
from civicboard.skills.actions import say_ability
from civicboard.worker import RUNNERS
from tests.cast import Told, a_need, an_imported_problem
from tests.meaning import FewIdeas

#: They have neither a tag nor a word in common.
BENCH = {"what": "Someone to mend our bench", "kind": "skill"}
CARPENTER = "Carpentry, for thirty winters"


@pytest.fixture
def ideas():
    return FewIdeas()


@pytest.fixture
def worked(desk, ideas):
    """Do all that was left to a worker, and what that leaves: an ``index`` last, as it takes longest."""

    async def working():
        done = []
        while True:
            async with desk.writing() as work:
                found = await work.session.execute(text("DELETE FROM pgqueuer RETURNING entrypoint, payload, id"))
                left = sorted(found.all(), key=lambda one: (one.entrypoint == "index", one.id))
            if not left:
                return done
            for name, payload, _ in left:
                told = Errand.read(bytes(payload))
                done.append((name, told))
                if name == "index":
                    await index_one(desk, ideas, told)
                elif name == "suit":
                    await suit(desk, told)
                elif name == "suit_person":
                    await suit_person(desk, told, Weights())

    return working


@pytest.fixture
def happened(desk):
    """What was recorded since this was asked last."""
    last = []

    async def happening(*kinds):
        async with desk.reading() as work:
            found = await since(work.session, last[-1]) if last else []
            last.append(await present(work.session))
        return [one.event for one in found if isinstance(one.event, kinds)]

    return happening


async def shown(app, desk, cursor, topic):
    """What a topic's audience got since then, as HTML, by its place."""
    async with desk.reading() as work:
        found = [one for one in await since(work.session, cursor) if one.event is not None]
        fragments = await Renderers(RENDERERS, weights=Weights()).render(work, found, topic)
    return {one.key or one.target: app.state.kit.pages.envelope(one) for one in fragments}


async def now(desk):
    async with desk.reading() as work:
        return await present(work.session)


async def says(desk, who, words, **more):
    async with desk.writing(who) as work:
        await say_ability(work, words=words, visibility="public", **more)


async def test_a_need_reaches_the_open_page_of_who_fits_by_meaning_alone(app, desk, cast, worked, happened, bo_client):
    await says(desk, cast.bo, CARPENTER)
    await says(desk, cast.cy, "I play the oboe")
    await worked()
    await happened()
    cursor = await now(desk)
    await a_need(desk, cast.ada, cast.problem, **BENCH)
    await worked()
    assert ProblemSuited(cast.bo.id, cast.problem) in await happened(ProblemSuited)
    on_page = await shown(app, desk, cursor, f"for-you:{cast.bo.id}")
    assert "It is close to what you said you can do" in on_page[f"fit-{cast.problem}"]
    assert f'id="fit-{cast.problem}"' in (await bo_client.get("/for-you")).text
    assert "I can help" not in str(await shown(app, desk, cursor, f"for-you:{cast.cy.id}"))


async def test_a_problem_does_too(desk, cast, worked, happened):
    await says(desk, cast.bo, CARPENTER)
    await worked()
    await happened()
    told = Told(title="The bench is broken", story="By the bus stop.", tags=(), help_wanted="mending")
    async with desk.writing(cast.ada) as work:
        number = (await post_problem(work, told)).id
    await worked()
    assert await happened(ProblemIndexed, ProblemSuited) == [
        ProblemIndexed(number),
        ProblemSuited(cast.bo.id, number),
    ]


async def test_who_could_help_is_fetched_anew_once_it_was_read(app, desk, cast, worked, ada_client):
    """The list of a page that is open, and who is on it by then."""
    await says(desk, cast.bo, CARPENTER)
    await worked()
    await a_need(desk, cast.ada, cast.problem, **BENCH)
    address = f"/problems/{cast.problem}/basements-on-brook-lane-flood"
    assert "/people/bo" not in (await ada_client.get(address)).text.split('id="helping"')[1].split("helping-moved")[0]
    cursor = await now(desk)
    await worked()
    assert (
        f"/problems/{cast.problem}/helping"
        in (await shown(app, desk, cursor, f"problem:{cast.problem}"))["#helping-moved"]
    )
    assert "/people/bo" in (await ada_client.get(address)).text.split('id="helping"')[1].split("helping-moved")[0]


async def test_who_says_what_they_can_do_is_among_those_who_could_help(app, desk, cast, worked, happened):
    await a_need(desk, cast.ada, cast.problem, **BENCH)
    await worked()
    await happened()
    cursor = await now(desk)
    await says(desk, cast.bo, CARPENTER)
    await worked()
    assert await happened(AbilityIndexed, HelpersChanged) == [
        AbilityIndexed(cast.bo.id),
        HelpersChanged(cast.problem),
    ]
    helping = await shown(app, desk, cursor, f"problem:{cast.problem}")
    assert list(helping) == ["#helping-moved"]
    assert "Bo" not in helping["#helping-moved"], "and nothing of whom"
    on_page = await shown(app, desk, cursor, f"for-you:{cast.bo.id}")
    assert "Basements on Brook Lane flood" in on_page["#notices"]


async def test_who_was_told_by_a_tag_looks_again_once_it_was_read(desk, cast, worked, happened):
    """It may fit them better, for another reason, or no longer."""
    await says(desk, cast.cy, "Anything with a bow", tags=["music"])
    await worked()
    await happened()
    await a_need(desk, cast.ada, cast.problem, "A quartet", kind="skill", tags=["music"])
    await worked()
    told = await happened(ProblemSuited, FitChanged)
    assert told.index(ProblemSuited(cast.cy.id, cast.problem)) < told.index(FitChanged(cast.cy.id, cast.problem))
    assert told.count(ProblemSuited(cast.cy.id, cast.problem)) == 1


async def test_an_edited_need_that_fits_no_longer_by_meaning_goes_from_the_page(app, desk, cast, worked, happened):
    await says(desk, cast.bo, CARPENTER)
    need = await a_need(desk, cast.ada, cast.problem, **BENCH)
    await worked()
    await happened()
    cursor = await now(desk)
    async with desk.writing(cast.ada) as work:
        await edit_need(work, need, kind="skill", what="Someone with an oboe")
    await worked()
    assert await happened(ProblemIndexed, ProblemReindexed) == [ProblemReindexed(cast.problem)]
    assert "no longer needed" in (await shown(app, desk, cursor, f"for-you:{cast.bo.id}"))[f"fit-{cast.problem}"]


async def test_done_again_it_tells_nobody_anew(desk, cast, ideas, worked, happened):
    """A worker that died after it, or between the two errands, does either again."""
    await says(desk, cast.bo, CARPENTER)
    need = await a_need(desk, cast.ada, cast.problem, **BENCH)
    await worked()
    await happened()
    await index_one(desk, ideas, {"kind": "need", "id": need})
    await index_one(desk, ideas, {"kind": "person", "id": cast.bo.id})
    assert await worked() == []
    for _ in range(2):
        await suit(desk, {"problem_id": cast.problem, "read": 1})
    assert await happened(ProblemSuited, ProblemIndexed, AbilityIndexed) == []


async def test_a_few_that_the_clock_finds_are_told_and_an_import_or_a_whole_board_is_not(desk, cast, ideas, happened):
    kinds = (ProblemIndexed, ProblemReindexed, AbilityIndexed)
    await happened()
    assert await index_missing(desk, ideas) == 1
    assert await happened(*kinds) == [ProblemIndexed(cast.problem)]
    for _ in range(MOST_TOLD + 1):
        await an_imported_problem(desk)
    assert await index_missing(desk, ideas) == MOST_TOLD + 1
    another = FewIdeas("another")
    assert await index_all(desk, another, "problem", lambda _: None) == MOST_TOLD + 2
    assert await happened(*kinds) == []


def test_a_worker_does_both_errands():
    assert {"suit", "suit_person"} <= {runner.name for runner in RUNNERS}
