"""The cast: Ada posted it, Bo helps, Cy is the officer, Dee is nobody here. And what they do in many a test."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from civicboard.kit import web
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Desk
from civicboard.networks.actions import agree_to_convening, look_after
from civicboard.networks.models import Convening
from civicboard.offers.actions import add_need, make_offer, welcome_offer
from civicboard.people.models import Identity, Person, Session
from civicboard.places.actions import put_place
from civicboard.posts.actions import write_post
from civicboard.problems.actions import follow, post_problem
from civicboard.problems.models import Problem
from civicboard.problems.queries import ProblemRow, find_problem

NAMES = {"ada": "Ada Kaur", "bo": "Bo Adeyemi", "cy": "Cy Barnes", "dee": "Dee Novak"}
ISSUER = "https://issuer.example"
#: Names one sending of a form.
KEY = "0d9cbb0e-6f0c-4f0e-9d2b-0a8f1f6f7a11"


@dataclass(frozen=True)
class Told:
    """A problem's words, as the actions take them, with defaults that do."""

    title: str = "Basements on Brook Lane flood"
    story: str = "Nine houses, four times since October. Water comes up through the floor."
    place: str = "Brook Lane"
    whereabouts: str = "The brook side"
    coordinates: tuple[float, float] | None = (53.7, -1.95)
    tags: tuple[str, ...] = ("flooding", "drains")
    help_wanted: str = "someone who can read a culvert survey"


@dataclass
class Cast:
    """Viewers by name, the token of each one's session, and the number of Ada's problem."""

    ada: Viewer
    bo: Viewer
    cy: Viewer
    dee: Viewer
    problem: int = 0
    tokens: dict[str, str] = field(default_factory=dict)


async def gather(desk: Desk) -> Cast:
    """Put the cast, a place and Ada's problem into an empty database."""
    viewers: dict[str, Viewer] = {}
    async with desk.writing() as work:
        town = await put_place(work, slug="millbrook", name="Millbrook", kind="town")
        await put_place(work, slug="brook-lane", name="Brook Lane", kind="street", parent_id=town)
        since, ends = work.now - timedelta(days=30), work.now + timedelta(days=30)
        people = {handle: Person(handle=handle, name=name, joined_at=since) for handle, name in NAMES.items()}
        work.session.add_all(people.values())
        await work.session.flush()
        council = {"provider": "council", "issuer": ISSUER}
        proofs = {
            handle: Identity(person_id=one.id, subject=handle, label=one.name, added_at=work.now, **council)
            for handle, one in people.items()
        }
        work.session.add_all(proofs.values())
        await work.session.flush()
        tokens = {handle: f"{handle}-session-token-that-is-long-enough-to-be-one" for handle in people}
        sessions = {
            handle: Session(
                person_id=one.person_id,
                identity_id=one.id,
                token_hash=web.hashed(tokens[handle]),
                started_at=work.now,
                seen_at=work.now,
                ends_at=ends,
            )
            for handle, one in proofs.items()
        }
        work.session.add_all(sessions.values())
        await work.session.flush()
        for handle, one in people.items():
            viewers[handle] = Viewer(id=one.id, handle=handle, name=one.name, session_id=sessions[handle].id)
    cast = Cast(**viewers, tokens=tokens)
    async with desk.writing(cast.ada) as work:
        cast.problem = (await post_problem(work, Told())).id
    return cast


def key_in(page: str) -> str:
    """The key that the form of a page sends with it, so that it counts once."""
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found is not None, "no form of this page has a key"
    return found[1]


async def problem_now(desk: Desk, number: int) -> ProblemRow:
    """A problem as anybody sees it at this moment."""
    async with desk.reading() as work:
        return await find_problem(work, number)


async def an_imported_problem(desk: Desk) -> int:
    """The number of a problem that nobody here posted."""
    async with desk.writing() as work:
        problem = Problem(
            title="Lamp out", slug="lamp-out", story="Dark.", posted_at=work.now, moved_at=work.now, poster_id=None
        )
        work.session.add(problem)
        await work.session.flush()
        return problem.id


async def a_post(desk: Desk, who: Viewer, number: int, words: str = "I saw it too.", **said: Any) -> int:
    """The id of what somebody says on a problem: a neighbour's reply, unless ``said`` otherwise."""
    async with desk.writing(who) as work:
        return await write_post(work, number, words=words, **{"kind": "reply", "capacity": "neighbour", **said})


async def an_offer(desk: Desk, who: Viewer, number: int, what: str = "A van on Saturdays", **said: Any) -> int:
    """The id of what somebody offers on a problem; it waits for an answer."""
    async with desk.writing(who) as work:
        return await make_offer(work, number, what=what, **said)


async def a_need(desk: Desk, who: Viewer, number: int, what: str = "A long ladder", **said: Any) -> int:
    """The id of what somebody says a problem needs: a thing, unless ``said`` otherwise."""
    async with desk.writing(who) as work:
        return await add_need(work, number, what=what, **{"kind": "thing", **said})


async def a_welcome_offer(desk: Desk, who: Viewer, cast: Cast, what: str = "A van on Saturdays", **said: Any) -> int:
    """The id of what somebody offers on Ada's problem and Ada welcomes."""
    offer = await an_offer(desk, who, cast.problem, what, **said)
    async with desk.writing(cast.ada) as work:
        await welcome_offer(work, offer)
    return offer


async def a_question(desk: Desk, who: Viewer, number: int) -> int:
    """The id of somebody's question to look after a problem, which they follow; it begins at once on an import."""
    async with desk.writing(who) as work:
        await follow(work, number)
        await look_after(work, number)
    async with desk.reading() as work:
        found: int | None = await work.session.scalar(
            select(Convening.id).where(Convening.person_id == who.id).order_by(Convening.id.desc()).limit(1)
        )
        assert found is not None
        return found


async def a_convenor(desk: Desk, cast: Cast, who: Viewer, number: int = 0) -> int:
    """Somebody looks after a problem, Ada's unless ``number`` says another; with Ada's yes if it is hers."""
    question = await a_question(desk, who, number or cast.problem)
    if number in (0, cast.problem):
        async with desk.writing(cast.ada) as work:
            await agree_to_convening(work, cast.problem, question)
    return question
