"""What people can do, a need of Ada's problem, and who is asked: for the tests of matching."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Desk, Work
from civicboard.matching.actions.asking import ask_person, put_ask
from civicboard.matching.jobs.asking import deliver, mind_asks
from civicboard.matching.models import Ask
from civicboard.matching.policy.config import MatchingConfig
from civicboard.offers.actions import add_need
from civicboard.offers.queries import find_need_to_change
from civicboard.people.models import Person
from civicboard.places.actions import put_place
from civicboard.skills.models import Ability
from tests.cast import Cast

CONFIG = MatchingConfig(ZoneInfo("UTC"))
#: A Monday, at noon: nobody's quiet hours.
NOON = datetime.fromisoformat("2026-11-23T12:00:00+00:00")


async def a_person(desk: Desk, handle: str, *, place: str | None = None, **says: Any) -> Viewer:
    """Somebody with an account, and what they can do if they have said so."""
    async with desk.writing() as work:
        person = Person(handle=handle, name=f"{handle.title()} Newcome", joined_at=work.now - timedelta(days=30))
        if place is not None:
            person.place_id = await put_place(work, slug=place, name=place.replace("-", " ").title(), kind="street")
        work.session.add(person)
        await work.session.flush()
        viewer = Viewer(id=person.id, handle=handle, name=person.name)
    if says:
        await can(desk, viewer, **says)
    return viewer


async def can(desk: Desk, who: Viewer, *tags: str, **says: Any) -> None:
    """Somebody says what they can do."""
    assert who.id is not None
    async with desk.writing() as work:
        said = await work.session.get(Ability, who.id)
        if said is None:
            said = Ability(person_id=who.id, said_at=work.now, visibility="public")
            work.session.add(said)
        for name, value in {**({"tags": list(tags)} if tags else {}), **says}.items():
            setattr(said, name, value)


async def a_need(desk: Desk, cast: Cast, what: str = "Somebody who knows drains", **said: Any) -> int:
    """A need of Ada's problem, for which the board does not ask round by itself yet."""
    async with desk.writing(cast.ada) as work:
        return await add_need(work, cast.problem, **{"kind": "skill", "what": what, "tags": ["drainage"], **said})


async def an_ask(desk: Desk, who: Viewer, need_id: int, handle: str, **said: Any) -> int:
    async with desk.writing(who) as work:
        return await ask_person(work, need_id, handle, config=CONFIG, **said)


async def delivered(desk: Desk, ask_id: int) -> Ask:
    """What the worker does with an ask, at once; and how it stands then."""
    await deliver(desk, CONFIG, {"id": ask_id})
    return await the_ask(desk, ask_id)


async def a_standing_ask(work: Work, need_id: int, person_id: int) -> int:
    """Somebody asked for a need by the viewer, whatever they can do and whatever the hour."""
    need, _ = await find_need_to_change(work, need_id)
    made = await put_ask(
        work, need, person_id, by_id=work.viewer.id, why=["You know about drainage."], words="Could you?", named=True
    )
    assert made is not None
    found = await work.session.get_one(Ask, made)
    found.state, found.asked_at = "asked", work.now
    return made


async def by_the_clock(desk: Desk) -> None:
    await mind_asks(desk, CONFIG)


async def the_ask(desk: Desk, ask_id: int) -> Ask:
    async with desk.reading() as work:
        return (await work.session.execute(select(Ask).where(Ask.id == ask_id))).scalar_one()


async def all_asks(desk: Desk) -> list[Ask]:
    async with desk.reading() as work:
        return list(await work.session.scalars(select(Ask).order_by(Ask.id)))
