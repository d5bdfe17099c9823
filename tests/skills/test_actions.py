from __future__ import annotations

import pytest

from civicboard.kit.viewer import NOBODY
from civicboard.kit.work import Refused
from civicboard.skills.actions import say_ability
from civicboard.skills.queries import AbilityRow, find_ability


async def test_saying_again_replaces_what_was_said(desk, cast):
    for tags, words, lends in ((["drainage"], "Eleven years.", "A van"), (["maps", "polish"], "", "")):
        async with desk.writing(cast.bo) as work:
            await say_ability(work, tags=tags, words=words, lends=lends)
        async with desk.reading() as work:
            assert await find_ability(work, cast.bo.id) == AbilityRow(tags, words, lends)
    async with desk.reading() as work:
        assert await find_ability(work, cast.ada.id) == AbilityRow()


async def test_signed_out_nobody_says_it(desk):
    with pytest.raises(Refused):
        async with desk.writing(NOBODY) as work:
            await say_ability(work, tags=[], words="", lends="")
