"""The cast: Ada posted it, Bo helps, Cy is the officer, Dee is nobody here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from civicboard.kit import web
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Desk
from civicboard.people.models import Identity, Person, Session
from civicboard.places.actions import put_place
from civicboard.problems.actions import post_problem

NAMES = {"ada": "Ada Kaur", "bo": "Bo Adeyemi", "cy": "Cy Barnes", "dee": "Dee Novak"}
ISSUER = "https://issuer.example"


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
    tokens: dict[str, str] = {}
    async with desk.writing() as work:
        town = await put_place(work, slug="millbrook", name="Millbrook", kind="town")
        await put_place(work, slug="brook-lane", name="Brook Lane", kind="street", parent_id=town)
        for handle, name in NAMES.items():
            person = Person(handle=handle, name=name, joined_at=work.now - timedelta(days=30))
            work.session.add(person)
            await work.session.flush()
            identity = Identity(
                person_id=person.id,
                provider="council",
                issuer=ISSUER,
                subject=handle,
                label=name,
                added_at=work.now,
            )
            work.session.add(identity)
            await work.session.flush()
            tokens[handle] = f"{handle}-session-token-that-is-long-enough-to-be-one"
            session = Session(
                person_id=person.id,
                identity_id=identity.id,
                token_hash=web.hashed(tokens[handle]),
                started_at=work.now,
                seen_at=work.now,
                ends_at=work.now + timedelta(days=30),
            )
            work.session.add(session)
            await work.session.flush()
            viewers[handle] = Viewer(id=person.id, handle=handle, name=name, session_id=session.id)
    cast = Cast(**viewers, tokens=tokens)
    async with desk.writing(cast.ada) as work:
        cast.problem = (await post_problem(work, Told())).id
    return cast
