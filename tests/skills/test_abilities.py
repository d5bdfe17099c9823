"""Saying what one can do, and who sees it where."""

from __future__ import annotations

import asyncio
from datetime import time
from typing import Any

import pytest
from sqlalchemy import text

from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Missing, Refused
from civicboard.skills.actions import add_word, say_ability
from civicboard.skills.events import AbilityChanged
from civicboard.skills.queries import AbilityRow, find_ability, find_neighbour, find_skill, people_able
from tests.cast import Cast

ALL_OF_IT: dict[str, Any] = {
    "tags": ["drainage"],
    "words": "Eleven years.",
    "levels": {"drainage": "living"},
    "things": ["A van"],
    "rooms": ["A shed"],
    "online_only": False,
    "languages": ["Polish"],
    "hours_a_week": 3.5,
    "free": ["thu-morning", "thu-evening", "sat-morning", "sat-afternoon", "sat-evening"],
    "quiet_from": time(20),
    "quiet_until": time(7, 30),
    "timezone": "Pacific/Auckland",
    "asks_a_week": 1,
}


@pytest.fixture
def say(desk, cast: Cast):
    async def saying(who=None, **said: Any):
        async with desk.writing(who or cast.bo) as work:
            await say_ability(work, **said)
            return work.events

    return saying


@pytest.fixture
def own(desk, cast: Cast):
    async def finding(who=None) -> AbilityRow:
        async with desk.reading(who or cast.bo) as work:
            return await find_ability(work)

    return finding


async def test_saying_again_replaces_what_was_said(say, own, cast):
    for tags, words, things in ((["drainage"], "Eleven years.", ["A van"]), (["maps", "polish"], "", [])):
        assert await say(tags=tags, words=words, things=things) == [AbilityChanged(cast.bo.id)]
        said = await own()
        assert (said.tags, said.words, said.things) == (tags, words, things)
    assert await own(cast.ada) == AbilityRow()


async def test_each_step_leaves_the_others_as_they_were(say, own, clock):
    for name, value in ALL_OF_IT.items():
        if name != "levels":
            await say(**{name: value})
    await say(levels={"drainage": "living", "juggling": "do"})
    said = await own()
    assert {name: getattr(said, name) for name in ALL_OF_IT} == ALL_OF_IT, "and no level of what nobody said"
    assert said.said_at == clock.now
    await say(tags=["maps"])
    assert (await own()).levels == {}


async def test_who_has_said_nothing_has_the_usual_quiet_hours(say, own):
    await say(words="Hello.")
    said = await own()
    assert (said.quiet_from, said.quiet_until, said.timezone, said.asks_a_week) == (time(21), time(8), "", 2)
    assert said.visibility == "matching", "who sees it is for them to say"


async def test_the_words_of_the_list_are_kept(desk, say, own, cast):
    async with desk.writing(cast.ada) as work:
        await add_word(work, tag="bookkeeping", synonyms=["book-keeping", "treasurer"], about="")
    await say(tags=["juggling", "treasurer", "book-keeping"], levels={"treasurer": "do"})
    said = await own()
    assert (said.tags, said.levels) == (["juggling", "bookkeeping"], {"bookkeeping": "do"})


async def test_what_an_older_process_wrote_is_read_and_moved(desk, say, own, cast):
    """During an upgrade the version before still writes what people lend into its own column."""
    await say(things=["A van"], visibility="public")
    async with desk.writing() as work:
        await work.session.execute(text("UPDATE abilities SET lends = E'A ladder\n\n A cake '"))
    assert (await own()).things == ["A van", "A ladder", "A cake"]
    async with desk.reading() as work:
        assert (await find_neighbour(work, "bo")).can.things == ["A van", "A ladder", "A cake"]
    await say(things=["A ladder"])
    assert (await own()).things == ["A ladder"]
    await say(lends="A boat\nA tent")
    assert (await own()).things == ["A boat", "A tent"]


async def test_two_tabs_saved_at_once_both_count(say, own):
    await asyncio.gather(say(words="Eleven years."), say(rooms=["A shed"]))
    said = await own()
    assert (said.words, said.rooms) == ("Eleven years.", ["A shed"])


async def test_signed_out_nobody_says_it(say, cast):
    with pytest.raises(Refused):
        await say(NOBODY, words="Hello.")


async def test_a_person_with_what_they_can_do(desk, say, cast):
    async with desk.writing(cast.ada) as work:
        await add_word(work, tag="drainage", synonyms=[], about="")
    async with desk.reading() as work:
        places = (await work.session.scalars(text("SELECT id FROM places"))).all()
    await say(**{**ALL_OF_IT, "tags": ["drainage", "juggling"]}, visibility="public", reach_ids=list(places))
    async with desk.reading() as work:
        bo = await find_neighbour(work, "BO")
    assert (bo.id, bo.handle, bo.path, bo.tags) == (cast.bo.id, "bo", "/people/bo", ["drainage", "juggling"])
    assert bo.can.skills == [("drainage", "I do it for a living", "drainage"), ("juggling", "", "")]
    assert (bo.can.things, bo.can.rooms, bo.can.languages) == (["A van"], ["A shed"], ["Polish"])
    assert bo.can.free == ["Thursday morning and evening", "all Saturday"]
    assert bo.can.reach == ["Brook Lane", "Millbrook"]
    await say(online_only=True)
    async with desk.reading() as work:
        bo = await find_neighbour(work, "bo")
    assert (bo.can.online_only, bo.can.reach) == (True, [])


async def test_a_person_who_has_said_nothing_yet(desk, cast):
    async with desk.reading() as work:
        dee = await find_neighbour(work, "dee")
        assert (dee.tags, dee.can.words, dee.can.things, dee.id) == ([], "", (), cast.dee.id)
        with pytest.raises(Missing):
            await find_neighbour(work, "nobody-of-this-name")


VIEWERS = {"public": {"stranger", "ada", "bo"}, "signed_in": {"ada", "bo"}, "matching": {"bo"}}


@pytest.mark.parametrize(("visibility", "seen_by"), VIEWERS.items())
async def test_only_those_whom_bo_chose_see_what_he_can_do(desk, say, cast, visibility, seen_by):
    async with desk.writing(cast.ada) as work:
        await add_word(work, tag="drainage", synonyms=["drains"], about="")
    await say(**ALL_OF_IT, visibility=visibility)
    on_page, under_skill = set(), set()
    for name, viewer in {"stranger": NOBODY, "ada": cast.ada, "bo": cast.bo}.items():
        async with desk.reading(viewer) as work:
            bo = await find_neighbour(work, "bo")
            seen = [bo.can.skills, bo.can.words, bo.can.things, bo.can.rooms, bo.can.languages, bo.can.free]
            assert any(seen) == all(seen)
            on_page |= {name} if any(seen) else set()
            able = await people_able(work, await find_skill(work, "drainage"))
            under_skill |= {name} if [one.handle for one in able] == ["bo"] else set()
    assert on_page == under_skill == seen_by
