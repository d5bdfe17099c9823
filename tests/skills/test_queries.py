from __future__ import annotations

import pytest

from civicboard.kit.work import Missing
from civicboard.skills.actions import say_ability
from civicboard.skills.queries import find_neighbour


async def test_a_person_with_what_they_can_do(desk, cast):
    async with desk.writing(cast.bo) as work:
        await say_ability(work, tags=["drainage"], words="Eleven years.", lends="A van")
    async with desk.reading() as work:
        bo = await find_neighbour(work, "BO")
    assert (bo.id, bo.handle, bo.path) == (cast.bo.id, "bo", "/people/bo")
    assert (list(bo.tags), bo.words, bo.lends) == (["drainage"], "Eleven years.", "A van")


async def test_a_person_who_has_said_nothing_yet(desk, cast):
    async with desk.reading() as work:
        dee = await find_neighbour(work, "dee")
    assert (list(dee.tags), dee.words, dee.lends, dee.id) == ([], "", "", cast.dee.id)


async def test_nobody_of_that_handle(desk, cast):
    async with desk.reading() as work:
        with pytest.raises(Missing):
            await find_neighbour(work, "nobody-of-this-name")
