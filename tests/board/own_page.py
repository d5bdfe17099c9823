"""What the tests of somebody's own page share: who can do what, what needs it, and what an open page was sent."""

from __future__ import annotations

from sqlalchemy import select, text, update

from civicboard.app import RENDERERS
from civicboard.board.jobs import suit
from civicboard.board.queries.for_you import (
    suggestions_for,
)
from civicboard.kit.hub.rendering import Renderers
from civicboard.kit.outbox import present, since
from civicboard.kit.queue import Errand
from civicboard.matching.models import Meaning
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.able import find_able
from civicboard.offers.models import Need
from civicboard.people.models import Person
from civicboard.problems.actions import post_problem
from civicboard.problems.models import Problem
from civicboard.skills.models import Ability
from tests.cast import Told

#: Directions of meaning: what is near one has the same first number.
FLOODING, MUSIC = [1.0, *[0.0] * 383], [0.0, 1.0, *[0.0] * 382]
NEAR_FLOODING = [0.8, 0.0, 0.6, *[0.0] * 381]


async def able_to(desk, who, *tags, words="", place="", **more):
    """Somebody says what they can do, and perhaps where they live."""
    async with desk.writing() as work:
        work.session.add(Ability(person_id=who.id, tags=list(tags), words=words, **{"visibility": "public", **more}))
        if place:
            slug = (await work.session.execute(text("SELECT id FROM places WHERE slug = :s"), {"s": place})).scalar()
            await work.session.execute(update(Person).where(Person.id == who.id).values(place_id=slug))


async def a_problem(desk, who, title="The pump has stopped", **told):
    async with desk.writing(who) as work:
        return (await post_problem(work, Told(title=title, **{"tags": (), "help_wanted": "", **told}))).id


async def a_need(desk, cast, number, what="somebody who can read a culvert survey", **said):
    async with desk.writing() as work:
        values = {"kind": "skill", "by_id": cast.ada.id, "added_at": work.now, **said}
        need = Need(problem_id=number, what=what, **values)
        work.session.add(need)
        await work.session.execute(
            update(Problem).where(Problem.id == number).values(need_count=Problem.need_count + 1)
        )
        await work.session.flush()
        return need.id


async def means(desk, kind, subject, vector, model="a-model"):
    async with desk.writing() as work:
        work.session.add(
            Meaning(kind=kind, subject_id=subject, model=model, made_of="x", made_at=work.now, vector=vector)
        )


async def for_person(desk, who):
    async with desk.reading(who) as work:
        return await suggestions_for(work, await find_able(work, who.id), Weights())


async def title_of(desk, number):
    async with desk.reading() as work:
        return await work.session.scalar(select(Problem.title).where(Problem.id == number))


async def titles(desk, who):
    return [one.title for one in await for_person(desk, who)]


async def cursor_of(desk):
    async with desk.reading() as work:
        return await present(work.session)


async def errands(desk, *, again=1):
    """What was left to a worker, done as a worker does it, and ``again``; and what that was."""
    async with desk.writing() as work:
        found = await work.session.execute(text("SELECT payload FROM pgqueuer WHERE entrypoint = 'suit' ORDER BY id"))
        left = [Errand.read(bytes(payload)) for (payload,) in found]
        await work.session.execute(text("DELETE FROM pgqueuer"))
    for payload in left:
        for _ in range(again):
            await suit(desk, payload)
    return left


async def shown(app, desk, cursor, topic):
    """What the open pages on a topic got since then, as HTML, by the renderers that the hub goes by."""
    async with desk.reading() as work:
        found = [one for one in await since(work.session, cursor) if one.event is not None]
        fragments = await Renderers(RENDERERS, weights=Weights()).render(work, found, topic)
    return {one.key or one.target: app.state.kit.pages.envelope(one) for one in fragments}


async def shown_to(app, desk, cursor, who):
    """What the open page of somebody got of what is theirs alone."""
    return await shown(app, desk, cursor, f"for-you:{who.id}")
