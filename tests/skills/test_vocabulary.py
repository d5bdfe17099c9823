"""The list of words: seeded, tended by neighbours, brought in and out by the operator."""

from __future__ import annotations

import asyncio
import json

import pytest
import typer
from sqlalchemy import text

from civicboard.cli import export_words, import_words
from civicboard.commands.migrating import migrate_database
from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.kit.work import Missing, Refused, Unfit
from civicboard.people.actions import block_person
from civicboard.skills.actions import add_synonym, add_word, put_words, remove_synonym, say_ability, seed_words
from civicboard.skills.events import AbilityChanged
from civicboard.skills.queries import (
    changes_latest,
    find_ability,
    find_skill,
    find_vocabulary,
    people_able,
    skills_all,
)


@pytest.fixture
def tend(desk, cast):
    """Do something to the list as somebody (Ada), and say what happened."""

    async def tending(deed, *given, by=None, **more):
        async with desk.writing(by or cast.ada) as work:
            await deed(work, *given, **more)
            return work.events

    return tending


@pytest.fixture
async def books(tend):
    await tend(add_word, tag="bookkeeping", synonyms=["book-keeping"], about="The books of a group.")


async def the_list(desk):
    async with desk.reading() as work:
        return {row.tag: list(row.synonyms) for row in await skills_all(work)}


async def test_the_seed_is_sown_once_and_keeps_what_people_changed(desk, tend):
    async with desk.writing() as work:
        assert await seed_words(work) == 149
    sown = await the_list(desk)
    await tend(remove_synonym, "bookkeeping", "ledgers")
    await tend(add_synonym, "drainage", "culverts and gullies")
    async with desk.writing() as work:
        assert await seed_words(work) == 0
    now = await the_list(desk)
    assert "ledgers" in sown["bookkeeping"]
    assert "ledgers" not in now["bookkeeping"]
    assert "culverts and gullies" in now["drainage"]


async def test_the_seed_gives_way_to_what_people_had_before(desk, tend):
    await tend(add_word, tag="sums", synonyms=["bookkeeping", "ledgers", "excel"], about="")
    async with desk.writing() as work:
        await seed_words(work)
    async with desk.reading() as work:
        vocabulary = await find_vocabulary(work)
    assert vocabulary.canonical(["bookkeeping", "ledgers", "Excel"]) == ["sums"]
    assert "excel" not in vocabulary.words_for("spreadsheets")
    assert "bookkeeping" not in vocabulary.tags


async def test_migrating_sows_it(desk, settings, capsys):
    await migrate_database(settings)
    assert len(await the_list(desk)) == 149
    async with desk.reading() as work:
        assert await changes_latest(work) == [], "nobody did that"


async def test_who_adds_a_word_stands_in_the_list_of_changes(desk, tend, books, cast, clock):
    await tend(add_synonym, "bookkeeping", "treasurer", by=cast.bo)
    await tend(remove_synonym, "bookkeeping", "book-keeping", by=cast.cy)
    async with desk.reading() as work:
        changes = await changes_latest(work)
        row = (await work.session.execute(text("SELECT changed_by_id, changed_at FROM skills"))).one()
    assert [(one.by_handle, one.did, one.word) for one in changes] == [
        ("cy", "took another word for it out", "book-keeping"),
        ("bo", "added another word for it", "treasurer"),
        ("ada", "added the word", "bookkeeping"),
    ]
    assert tuple(row) == (cast.cy.id, clock.now)
    assert await the_list(desk) == {"bookkeeping": ["treasurer"]}


async def test_a_word_belongs_in_one_place_only(tend, books, desk):
    await tend(add_word, tag="welding", synonyms=[], about="")
    for deed, given, field, says in [
        (add_word, {"tag": "Bookkeepings", "synonyms": [], "about": ""}, "tag", "as bookkeeping"),
        (add_word, {"tag": "book-keeping", "synonyms": [], "about": ""}, "tag", "as bookkeeping"),
        (add_word, {"tag": "welding", "synonyms": [], "about": ""}, "tag", "is on the list already."),
        (
            add_word,
            {"tag": "wel.ding!", "synonyms": ["book keeping"], "about": ""},
            "synonyms",
            "stands for bookkeeping",
        ),
        (add_word, {"tag": "sums", "synonyms": ["adding", "Adding"], "about": ""}, "synonyms", "twice"),
        (add_word, {"tag": "sums", "synonyms": ["SUMS"], "about": ""}, "synonyms", "the word itself"),
    ]:
        with pytest.raises(Unfit, match=says) as unfit:
            await tend(deed, **given)
        assert unfit.value.field == field
    for word, says in (("welding", "stands for welding"), ("book keepings", "understood as bookkeeping")):
        with pytest.raises(Unfit, match=says):
            await tend(add_synonym, "bookkeeping", word)
    assert await the_list(desk) == {"bookkeeping": ["book-keeping"], "welding": []}


async def test_two_who_add_the_same_at_once_make_one(tend, books, desk, cast):
    await tend(add_word, tag="welding", synonyms=[], about="")
    tries = [tend(add_synonym, tag, "ledgers", by=by) for tag, by in (("bookkeeping", cast.bo), ("welding", cast.cy))]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(isinstance(one, Unfit) for one in results) == [False, True]
    assert sum("ledgers" in synonyms for synonyms in (await the_list(desk)).values()) == 1


async def test_doing_it_twice_counts_once(tend, books, desk):
    for _ in range(2):
        await tend(add_synonym, "bookkeeping", "ledgers")
    for _ in range(2):
        await tend(remove_synonym, "bookkeeping", "book-keeping")
    async with desk.reading() as work:
        assert len(await changes_latest(work)) == 3
    with pytest.raises(Missing):
        await tend(add_synonym, "no-such-word", "ledgers")


async def test_nobody_new_and_nobody_signed_out_tends_it(tend, books, cast):
    young = Viewer(cast.dee.id, "dee", "Dee", is_new=True)
    for by, says in ((young, "a day old"), (NOBODY, "sign in")):
        for deed, given in (
            (add_word, {"tag": "sums", "synonyms": [], "about": ""}),
            (add_synonym, {"address": "bookkeeping", "word": "sums"}),
            (remove_synonym, {"address": "bookkeeping", "word": "book-keeping"}),
        ):
            with pytest.raises(Refused, match=says):
                await tend(deed, by=by, **given)


async def test_who_said_it_before_is_found_by_a_word_that_came_later(desk, tend, books, cast):
    """And is told of by a fact, so that whatever was made of what they said is made anew."""
    await tend(
        say_ability, tags=["treasurers", "juggling"], levels={"treasurers": "do"}, visibility="public", by=cast.bo
    )
    await tend(say_ability, tags=["treasurer", "bookkeeping"], visibility="public", by=cast.cy)
    await tend(say_ability, tags=["juggling"], visibility="public", by=cast.dee)
    events = await tend(add_synonym, "bookkeeping", "treasurer")
    assert events == [AbilityChanged(cast.bo.id), AbilityChanged(cast.cy.id)]
    async with desk.reading(cast.bo) as work:
        said = await find_ability(work)
    assert (said.tags, said.levels) == (["bookkeeping", "juggling"], {"bookkeeping": "do"})
    async with desk.reading() as work:
        able = await people_able(work, await find_skill(work, "bookkeeping"))
        assert {(one.handle, one.level) for one in able} == {("bo", "I can do it"), ("cy", "")}
    assert await tend(add_word, tag="jugglery", synonyms=["juggling"], about="") == [
        AbilityChanged(cast.bo.id),
        AbilityChanged(cast.dee.id),
    ]
    await tend(remove_synonym, "bookkeeping", "treasurer")
    async with desk.reading(cast.cy) as work:
        assert (await find_ability(work)).tags == ["bookkeeping"], "what was understood stays understood"


async def test_blocked_people_are_not_shown_to_each_other(desk, tend, books, cast):
    for who in (cast.bo, cast.cy):
        await tend(say_ability, tags=["bookkeeping"], visibility="public", by=who)
    await tend(block_person, "bo", by=cast.cy)
    for viewer, seen in ((cast.cy, {"cy"}), (cast.bo, {"bo"}), (NOBODY, {"bo", "cy"})):
        async with desk.reading(viewer) as work:
            assert {one.handle for one in await people_able(work, await find_skill(work, "bookkeeping"))} == seen


async def test_what_the_operator_brings_in(desk, tend, books, cast):
    await tend(say_ability, tags=["sums"], visibility="public", by=cast.bo)
    words = [
        {"tag": "bookkeeping", "synonyms": ["ledgers", "sums"], "about": "Books."},
        {"tag": "welding", "synonyms": ["welder"], "about": ""},
    ]
    async with desk.writing() as work:
        assert await put_words(work, words) == (1, 1)
        assert work.events == [AbilityChanged(cast.bo.id)]
    async with desk.writing() as work:
        assert await put_words(work, words) == (0, 0)
    assert await the_list(desk) == {"bookkeeping": ["ledgers", "sums"], "welding": ["welder"]}
    for wrong in ({"tag": "sewing", "synonyms": ["Ledgers"]}, {"tag": "ledgers", "synonyms": []}):
        with pytest.raises(Unfit, match="stands for both"):
            async with desk.writing() as work:
                await put_words(work, [{"about": "", **wrong}])
    assert len(await the_list(desk)) == 2


async def test_what_goes_out_can_come_in_again(desk, books, settings, tmp_path, capsys):
    from civicboard.commands.vocabulary import export_vocabulary, import_vocabulary, read_words

    out = await export_vocabulary(settings)
    assert json.loads(out) == [{"tag": "bookkeeping", "about": "The books of a group.", "synonyms": ["book-keeping"]}]
    (tmp_path / "words.json").write_text(out)
    await import_vocabulary(settings, read_words(tmp_path / "words.json"))
    assert "0 added, 0 changed, 1 as they were" in capsys.readouterr().err
    assert import_words.__doc__
    assert export_words.__doc__


@pytest.mark.parametrize("content", [None, "nonsense", '[{"tag": "a, b"}]'])
def test_a_file_that_cannot_be_used_ends_with_a_reason(tmp_path, capsys, content):
    from civicboard.commands.vocabulary import read_words

    file = tmp_path / "words.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(typer.Exit):
        read_words(file)
    assert "✗" in capsys.readouterr().err
