"""Every text gets its meaning, once for each model, and loses it with its words."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Text, func, select, text, update
from sqlalchemy import cast as cast_as

from civicboard.kit.meaning import Vector, literal
from civicboard.kit.work import Desk, Work
from civicboard.linking import make_desk
from civicboard.matching.actions.meanings import index
from civicboard.matching.jobs.meanings import (
    Stopped,
    forget_orphans,
    index_all,
    index_missing,
    index_one,
    index_some,
)
from civicboard.matching.models import KINDS, Meaning
from civicboard.matching.queries.meanings import (
    distance,
    meanings_coverage,
    of_kind,
    texts_of,
    vector_parameter,
    without_meaning,
)
from civicboard.offers.models import Need
from civicboard.posts.actions import edit_post
from civicboard.problems.actions import edit_problem, keep_report
from civicboard.problems.forms import Report
from civicboard.problems.models import Problem
from civicboard.progress.actions import set_stage
from civicboard.progress.models import StageChange
from civicboard.skills.models import Ability, Skill
from civicboard.worker import JOBS, RUNNERS
from tests.cast import Cast, Told, a_post, an_imported_problem
from tests.meaning import FewIdeas, meaning_of


async def near(work: Work, kind: str, vector: Vector, *, model: str, most: int = 100) -> list[tuple[int, float]]:
    """What is nearest in meaning, by the kind's own index, with how alike; as the search and "for you" ask for it."""
    far = distance(vector_parameter())
    wanted = select(Meaning.subject_id, 1 - far).where(of_kind(kind), Meaning.model == model).order_by(far).limit(most)
    found = await work.session.execute(wanted, {"vector": literal(vector)})
    return [(subject, similarity) for subject, similarity in found]


@pytest.fixture
def ideas() -> FewIdeas:
    return FewIdeas()


@pytest_asyncio.fixture
async def said(desk: Desk, cast: Cast) -> dict[str, int]:
    """One thing of each kind, by its id."""
    async with desk.writing() as work:
        work.session.add(Skill(tag="drainage", synonyms=["drains", "culverts", "sewers", "ditches", "soakaways"]))
        ability = Ability(
            person_id=cast.bo.id, tags=["drainage"], words="Twenty years on brooks", things=["a pump"], rooms=["a barn"]
        )
        need = Need(
            problem_id=cast.problem,
            by_id=cast.ada.id,
            kind="skill",
            what="Somebody to read a survey",
            words="of the culvert",
            tags=["drainage"],
            added_at=work.now,
        )
        work.session.add_all([ability, need])
    post = await a_post(desk, cast.bo, cast.problem, "The bus was late too.")
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="sorted", why="The culvert was cleared.")
    async with desk.reading() as work:
        ended = await work.session.scalar(select(StageChange.id))
    assert ended is not None
    return {"problem": cast.problem, "need": need.id, "person": cast.bo.id or 0, "post": post, "outcome": ended}


async def errands_left(desk: Desk) -> list[Any]:
    async with desk.reading() as work:
        found = await work.session.execute(text("SELECT payload FROM pgqueuer WHERE entrypoint = 'index' ORDER BY id"))
        return [bytes(payload) for (payload,) in found]


async def kept(desk: Desk) -> dict[tuple[str, int], str]:
    async with desk.reading() as work:
        found = await work.session.execute(select(Meaning.kind, Meaning.subject_id, Meaning.made_of))
        return {(kind, subject): made_of for kind, subject, made_of in found}


async def test_each_kind_says_what_it_should(desk: Desk, cast: Cast, said: dict[str, int]) -> None:
    async with desk.reading() as work:
        says = {kind: (await texts_of(work, kind, [said[kind], 10**9]))[said[kind]] for kind in KINDS}
    assert says["problem"] == (
        "Basements on Brook Lane flood\nflooding, drains\nsomeone who can read a culvert survey\n"
        "Nine houses, four times since October. Water comes up through the floor."
    )
    assert says["need"] == "Basements on Brook Lane flood\nSomebody to read a survey\ndrainage\nof the culvert"
    # Of synonyms a few: a person is more than the vocabulary.
    assert says["person"] == "drainage\nTwenty years on brooks\ndrains, culverts, sewers, ditches\na pump\na barn"
    assert says["post"] == "The bus was late too."
    assert says["outcome"] == "Basements on Brook Lane flood\nThe culvert was cleared."


async def test_a_stage_on_the_way_is_no_ending(desk: Desk, cast: Cast) -> None:
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="trying", why="We dig.")
    async with desk.reading() as work:
        number = await work.session.scalar(select(StageChange.id))
        assert await texts_of(work, "outcome", [number or 0]) == {}
        assert await without_meaning(work, "outcome", "few-ideas", most=9) == []


async def test_what_an_import_says_of_itself_is_not_what_a_report_means(desk: Desk) -> None:
    row = {"service_request_id": "7", "summary": "Lamp out", "description": "Dark.", "votes": 3}
    async with desk.writing() as work:
        await keep_report(work, Report.read_row(row, source="town"))
    async with desk.reading() as work:
        stored = await work.session.scalar(select(Problem.story))
        (says,) = (await texts_of(work, "problem", list(await work.session.scalars(select(Problem.id))))).values()
    assert "Where it was first reported" in (stored or "")
    assert says == "Lamp out\nDark."


async def test_an_edited_title_is_read_with_its_needs_and_its_ending(
    desk: Desk, cast: Cast, said: dict[str, int], ideas: FewIdeas
) -> None:
    await index_missing(desk, ideas)
    async with desk.writing(cast.ada) as work:
        await edit_problem(work, cast.problem, Told(title="Cellars flood"), why="", seen_revision=1)
    ideas.asked.clear()
    await index_one(desk, ideas, {"kind": "problem", "id": cast.problem})
    assert len(ideas.asked) == 3
    assert all(text.startswith("Cellars flood\n") for text in ideas.asked)


async def test_who_has_said_nothing_has_no_meaning(desk: Desk, cast: Cast, ideas: FewIdeas) -> None:
    async with desk.writing() as work:
        work.session.add(Ability(person_id=cast.dee.id or 0))
    async with desk.reading() as work:
        assert await without_meaning(work, "person", "few-ideas", most=9) == []
        assert await texts_of(work, "person", [cast.dee.id or 0]) == {}


async def test_what_is_written_is_left_to_a_worker_with_the_deed(desk: Desk, cast: Cast) -> None:
    posted = await a_post(desk, cast.bo, cast.problem)
    async with desk.writing(cast.bo) as work:
        await edit_post(work, posted, words="Other words.", seen_version=1)
    async with desk.writing(cast.ada) as work:
        await edit_problem(work, cast.problem, Told(title="Cellars flood"), why="", seen_revision=1)
    left = [f"{kind} {number}" for kind, number in map(_read, await errands_left(desk))]
    assert left == [f"problem {cast.problem}", f"post {posted}", f"post {posted}", f"problem {cast.problem}"]


def _read(payload: bytes) -> tuple[str, int]:
    from civicboard.kit.queue import Errand

    read = Errand.read(payload)
    return read["kind"], read["id"]


def test_a_worker_does_these_errands() -> None:
    assert "index" in {runner.name for runner in RUNNERS}
    assert {"index_missing", "forget_meanings"} <= {job.name for job in JOBS}


async def test_the_same_words_are_read_once(desk: Desk, cast: Cast, ideas: FewIdeas) -> None:
    errand = {"kind": "problem", "id": cast.problem}
    await index_one(desk, ideas, errand)
    assert len(ideas.asked) == 1
    await index_one(desk, ideas, errand)
    assert len(ideas.asked) == 1
    async with desk.writing(cast.ada) as work:
        await edit_problem(work, cast.problem, Told(title="Cellars flood"), why="", seen_revision=1)
    await index_one(desk, ideas, errand)
    assert len(ideas.asked) == 2
    assert ideas.asked[1].startswith("Cellars flood\n")


async def test_another_model_reads_everything_again_and_is_never_compared_with_the_old_one(
    desk: Desk, cast: Cast, ideas: FewIdeas
) -> None:
    await index_missing(desk, ideas)
    async with desk.reading() as work:
        flooded = meaning_of("flooded cellar")
        assert [subject for subject, _ in await near(work, "problem", flooded, model="few-ideas")] == [cast.problem]
        assert await near(work, "problem", flooded, model="another") == []
    assert await index_missing(desk, FewIdeas("another")) == 1
    async with desk.reading() as work:
        assert len(await near(work, "problem", flooded, model="another")) == 1
        assert await near(work, "problem", flooded, model="few-ideas") == []


async def test_without_an_answer_changed_words_lose_their_meaning_until_the_clock_finds_them(
    desk: Desk, cast: Cast, ideas: FewIdeas
) -> None:
    await index_missing(desk, ideas)
    async with desk.writing(cast.ada) as work:
        await edit_problem(
            work, cast.problem, Told(title="Lamps out", story="Dark.", tags=(), help_wanted=""), why="", seen_revision=1
        )
    ideas.away = True
    await index_one(desk, ideas, {"kind": "problem", "id": cast.problem})
    assert await kept(desk) == {}
    assert await index_missing(desk, ideas) == 0
    ideas.away = False
    assert await index_missing(desk, ideas) == 1
    async with desk.reading() as work:
        ((_, similarity),) = await near(work, "problem", meaning_of("electric light"), model="few-ideas")
    assert similarity > 0.9


async def test_what_was_not_changed_keeps_its_meaning_when_the_model_is_away(
    desk: Desk, cast: Cast, ideas: FewIdeas
) -> None:
    await index_missing(desk, ideas)
    ideas.away = True
    await index_one(desk, ideas, {"kind": "problem", "id": cast.problem})
    assert len(await kept(desk)) == 1


async def test_words_that_changed_while_the_model_read_are_not_given_the_old_meaning(desk: Desk, cast: Cast) -> None:
    class Slow(FewIdeas):
        async def of_documents(self, texts: Any) -> Any:
            async with desk.writing(cast.ada) as work:
                await edit_problem(work, cast.problem, Told(title="Lamps out"), why="", seen_revision=1)
            return await super().of_documents(texts)

    assert await index_some(desk, Slow(), "problem", [cast.problem]) == 0
    assert await kept(desk) == {}


async def test_the_clock_finds_imports_a_few_at_a_time(desk: Desk, cast: Cast, ideas: FewIdeas) -> None:
    for _ in range(4):
        await an_imported_problem(desk)
    assert await index_missing(desk, ideas, most=3) == 3
    assert await index_missing(desk, ideas, most=3) == 2
    assert await index_missing(desk, ideas, most=3) == 0
    async with desk.reading() as work:
        standing = {one.kind: (one.meant, one.things) for one in await meanings_coverage(work, "few-ideas")}
    assert standing["problem"] == (5, 5)


async def test_a_whole_board_is_gone_through_and_goes_on_where_it_stopped(
    desk: Desk, cast: Cast, ideas: FewIdeas
) -> None:
    for _ in range(3):
        await an_imported_problem(desk)
    moved: list[int] = []
    assert await index_all(desk, ideas, "problem", moved.append) == 4
    assert sum(moved) == 4
    # Words that were changed behind the board's back, as by a restore.
    async with desk.writing() as work:
        await work.session.execute(update(Problem).where(Problem.id == cast.problem).values(title="Other"))
    ideas.asked.clear()
    assert await index_all(desk, ideas, "problem", moved.append) == 1
    assert len(ideas.asked) == 1
    ideas.away = True
    with pytest.raises(Stopped, match="doesn't answer"):
        await index_all(desk, ideas, "problem", moved.append)


async def test_a_meaning_goes_with_what_had_it(desk: Desk, cast: Cast, said: dict[str, int], ideas: FewIdeas) -> None:
    for kind, number in said.items():
        await index_some(desk, ideas, kind, [number])
    assert set(await kept(desk)) == set(said.items())
    async with desk.writing() as work:
        await work.session.execute(text("DELETE FROM problems"))
        await work.session.execute(text("DELETE FROM abilities"))
    await index_one(desk, ideas, {"kind": "person", "id": said["person"]})
    assert ("person", said["person"]) not in await kept(desk)
    await forget_orphans(desk)
    assert await kept(desk) == {}


async def test_two_at_once_keep_one_meaning(desk: Desk, cast: Cast, ideas: FewIdeas) -> None:
    import asyncio

    await asyncio.gather(*(index_some(desk, ideas, "problem", [cast.problem]) for _ in range(4)))
    assert len(await kept(desk)) == 1


async def test_near_things_come_nearest_first_and_a_condition_does_not_starve_them(desk: Desk, cast: Cast) -> None:
    """Two hundred that are nearer but not wanted don't hide the one that is."""
    async with desk.writing() as work:
        made = {
            number: meaning_of(f"flood water {'x' * number}" if number < 1200 else "flood lamp")
            for number in range(1000, 1201)
        }
        ids = list(made)
        await work.session.execute(
            text(
                "INSERT INTO meanings SELECT 'problem', n, 'few-ideas', '', now(), v::halfvec"
                " FROM unnest(CAST(:ids AS bigint[]), CAST(:vectors AS text[])) AS given(n, v)"
            ),
            {"ids": ids, "vectors": [str(vector) for vector in made.values()]},
        )
    async with desk.reading() as work:
        flooded = meaning_of("flood water")
        found = await near(work, "problem", flooded, model="few-ideas", most=5)
        assert len(found) == 5
        assert [similarity for _, similarity in found] == sorted((s for _, s in found), reverse=True)
        assert 1200 not in dict(found)
        assert await work.session.scalar(select(func.count()).select_from(Meaning)) == 201


async def test_a_meaning_is_kept_to_three_digits(desk: Desk, cast: Cast) -> None:
    vector = meaning_of("flood lamp bench")
    async with desk.writing() as work:
        texts = await texts_of(work, "problem", [cast.problem])
        assert await index(work, "problem", {cast.problem: vector}, model="m", texts=texts) == [cast.problem]
    async with desk.reading() as work:
        stored = await work.session.scalar(select(cast_as(Meaning.vector, Text)).where(of_kind("problem")))
    assert [float(number) for number in str(stored)[1:-1].split(",")] == pytest.approx(vector, abs=1e-3)


def test_whatever_writes_follows_these_reactions() -> None:
    desk = make_desk(None)  # type: ignore[arg-type]  # nothing is asked of it
    written = {
        "ProblemPosted",
        "ReplyPosted",
        "PostEdited",
        "StageChanged",
        "NeedAdded",
        "NeedEdited",
        "AbilityChanged",
    }
    assert {event.__name__ for event in desk.reactions.by_event} >= written
