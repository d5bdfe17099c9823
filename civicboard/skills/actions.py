"""Saying what one can do."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Work, require
from civicboard.skills import policy
from civicboard.skills.models import Ability


async def say_ability(work: Work, *, tags: Sequence[str], words: str, lends: str) -> None:
    """Put what the viewer can do in the place of what they said before."""
    require(policy.may_say_ability(work.viewer), "Please sign in to say what you can do.")
    values = {"tags": list(tags), "words": words, "lends": lends}
    await work.session.execute(
        insert(Ability)
        .values(person_id=work.viewer.id, **values)
        .on_conflict_do_update(index_elements=[Ability.person_id], set_=values)
    )
