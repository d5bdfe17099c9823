"""What a person says of themselves."""

from __future__ import annotations

from sqlalchemy import update

from civicboard.kit.work import Work, require
from civicboard.people import policy
from civicboard.people.events import ProfileEdited
from civicboard.people.models import Person


async def update_profile(work: Work, *, name: str, about: str, place_id: int | None, shows_presence: bool) -> None:
    """Change what the viewer says of themselves."""
    require(policy.may_edit_profile(work.viewer), "Sign in first.")
    assert work.viewer.id is not None  # the policy has just said so
    await work.session.execute(
        update(Person)
        .where(Person.id == work.viewer.id)
        .values(name=name, about=about, place_id=place_id, shows_presence=shows_presence)
    )
    work.record(ProfileEdited(work.viewer.id))
