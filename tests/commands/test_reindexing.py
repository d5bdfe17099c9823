"""``civicboard reindex`` and what ``civicboard doctor`` says of meanings."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from civicboard.commands import reindexing
from civicboard.commands.meaning_check import examine_meaning
from civicboard.commands.reindexing import reindex
from civicboard.kit.meaning import Model, sources
from civicboard.kit.work import Desk
from civicboard.matching.queries.meanings import meanings_coverage
from civicboard.settings import Settings
from tests.cast import Cast, a_post, an_imported_problem
from tests.meaning import FewIdeas


@pytest.fixture
def ideas(monkeypatch: pytest.MonkeyPatch) -> FewIdeas:
    made = FewIdeas()
    monkeypatch.setattr(reindexing, "understanding_for", lambda setting: made)
    return made


async def run(settings: Settings, *, anew: bool = False) -> tuple[bool, str]:
    said = io.StringIO()
    done = await reindex(settings, Console(file=said, width=200), anew=anew)
    return done, said.getvalue()


async def test_a_whole_board_is_indexed_with_counts(
    desk: Desk, cast: Cast, settings: Settings, ideas: FewIdeas
) -> None:
    for _ in range(3):
        await an_imported_problem(desk)
    await a_post(desk, cast.bo, cast.problem)
    done, said = await run(settings)
    assert done
    assert "problems: 4 of 4 looked at, 4 made" in said
    assert "a second" in said
    assert "posts: 1 of 1 looked at, 1 made" in said
    async with desk.reading() as work:
        assert all(one.meant == one.things for one in await meanings_coverage(work, "few-ideas"))
    done, said = await run(settings)
    assert done
    assert "problems: 4 of 4 looked at, 0 made." in said
    done, said = await run(settings, anew=True)
    assert "problems: 4 of 4 looked at, 4 made" in said


async def test_what_was_interrupted_goes_on(
    desk: Desk, cast: Cast, settings: Settings, ideas: FewIdeas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("civicboard.matching.jobs.meanings.AT_ONCE", 2)
    for _ in range(3):
        await an_imported_problem(desk)
    whole = FewIdeas.of_documents

    async def once(self: FewIdeas, texts: object) -> object:
        self.away = True
        return await whole(FewIdeas(), texts)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(FewIdeas, "of_documents", once)
        done, said = await run(settings)
    assert not done
    assert "stopped after 0 of 4" in said
    assert "run it again to go on" in said
    ideas.away = False
    done, said = await run(settings)
    assert done
    assert "problems: 4 of 4 looked at, 2 made" in said


async def test_where_no_model_is_wanted_there_is_nothing_to_do(settings: Settings, cast: Cast) -> None:
    done, said = await run(settings)
    assert done
    assert "CIVICBOARD_MEANING is none" in said
    done, said = await run(settings.model_copy(update={"meaning": "/nowhere"}))
    assert not done
    assert "model.onnx is missing" in said


async def test_the_doctor_says_what_has_no_meaning_yet(desk: Desk, cast: Cast, settings: Settings) -> None:
    real = settings.model_copy(update={"meaning": "minilm"})
    there, lacking = await examine_meaning(real)
    assert there.ok
    assert "whole, by its sha256" in there.says
    assert not lacking.ok
    assert "1 of 1 texts have no meaning yet" in lacking.says
    assert "civicboard reindex" in lacking.mend
    done, said = await run(real)  # with the model itself
    assert done, said
    assert [finding.ok for finding in await examine_meaning(real)] == [True, True]


async def test_the_doctor_says_that_a_model_is_not_the_one_it_should_be(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    monkeypatch.setattr(sources, "_MINILM_SHA256", "0" * 64)
    sources.find_model.cache_clear()
    (finding,) = await examine_meaning(settings.model_copy(update={"meaning": "minilm"}))
    sources.find_model.cache_clear()
    assert not finding.ok
    assert "is not the one it should be" in finding.says
    assert Model("").wrong == ""
    (off,) = await examine_meaning(settings)
    assert off.ok
    assert "by words only" in off.says
