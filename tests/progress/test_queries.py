from __future__ import annotations

import pytest

from civicboard.kit.work import Missing
from civicboard.progress.actions import set_stage
from civicboard.progress.queries import find_stage_change, stage_changes_on


async def test_changes_are_in_the_order_they_happened(desk, cast):
    number = cast.problem
    made = []
    for to in ("exploring", "trying", "open"):
        async with desk.writing(cast.ada) as work:
            made.append(await set_stage(work, number, to=to))
    async with desk.reading() as work:
        changes = await stage_changes_on(work, number)
        assert await find_stage_change(work, made[1]) == changes[1]
    assert [change.id for change in changes] == made
    assert [change.order for change in changes] == sorted(change.order for change in changes)
    assert (changes[1].from_words, changes[1].to_words) == ("Exploring", "Trying something")
    assert changes[0].order == int(changes[0].changed_at.timestamp() * 1_000_000)


async def test_a_change_that_is_not_there_is_missing(desk):
    async with desk.reading() as work:
        with pytest.raises(Missing):
            await find_stage_change(work, 987_654_321)
