"""Reactions and errands: what follows from a deed happens with it, or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from civicboard.kit.clockwork import Runner
from civicboard.kit.database import Database
from civicboard.kit.outbox import Event
from civicboard.kit.upon import Reactions, upon
from civicboard.kit.work import Desk, Work
from civicboard.settings import Settings
from tests.test_worker import until, working


@dataclass(frozen=True)
class LampBroke(Event):
    lamp_id: int


@dataclass(frozen=True)
class LampReported(Event):
    lamp_id: int


def test_one_reaction_answers_several_events():
    """Named together or one above the other: an event that is passed over in silence is found by nobody."""

    @upon(LampBroke)
    @upon(LampReported)
    async def look(work: Work, happened: LampBroke | LampReported) -> None: ...

    assert Reactions([look]).by_event == {LampBroke: [look], LampReported: [look]}


@upon(LampBroke)
async def report(work: Work, happened: LampBroke) -> None:
    work.record(LampReported(happened.lamp_id))
    work.leave("mend_lamp", lamp_id=happened.lamp_id)


@upon(LampReported)
async def notify(work: Work, happened: LampReported) -> None:
    if happened.lamp_id == 13:
        raise LookupError("no such lamp")


@pytest.fixture
def linked(database: Database) -> Desk:
    return Desk(database, reactions=Reactions([report, notify]))


async def kinds(desk: Desk) -> list[str]:
    async with desk.reading() as work:
        return list(await work.session.scalars(text("SELECT kind FROM events ORDER BY id")))


async def errands(desk: Desk) -> list[str]:
    async with desk.reading() as work:
        return list(await work.session.scalars(text("SELECT entrypoint FROM pgqueuer ORDER BY id")))


async def test_what_follows_is_recorded_with_the_deed(linked: Desk) -> None:
    async with linked.writing() as work:
        work.record(LampBroke(7))
    assert await kinds(linked) == ["LampBroke", "LampReported"]
    assert await errands(linked) == ["mend_lamp"]


async def test_a_reaction_that_fails_takes_the_deed_with_it(linked: Desk) -> None:
    with pytest.raises(LookupError):
        async with linked.writing() as work:
            work.record(LampBroke(13))
    assert await kinds(linked) == []
    assert await errands(linked) == []


async def test_an_errand_is_done_once_and_one_that_fails_is_tried_again(linked: Desk, settings: Settings) -> None:
    done: list[int] = []
    failures = [1]

    async def mend(desk: Desk, settings: Settings, payload: dict[str, Any]) -> None:
        if failures:
            failures.pop()
            raise OSError("the ladder slipped")
        done.append(payload["lamp_id"])

    async with linked.writing() as work:
        work.record(LampBroke(7))
    async with working(settings, runners=(Runner("mend_lamp", mend),)):
        await until(lambda: done == [7])
        async with linked.writing() as work:
            work.record(LampBroke(8))
        await until(lambda: done == [7, 8])
        await asyncio.sleep(0.2)
    assert done == [7, 8]
    assert await errands(linked) == []
