"""Saying what one can do, when and where, and who may know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from typing import TypedDict, Unpack

from civicboard.kit.work import Work, require
from civicboard.skills import policy
from civicboard.skills.events import AbilityChanged
from civicboard.skills.models import Ability
from civicboard.skills.queries import find_ability_to_change, find_vocabulary


class Said(TypedDict, total=False):
    """What somebody says of themselves; what isn't there stays as it was. See ``models.Ability``.

    ``lends`` has things to lend, a line each, for those who say it in one piece.
    """

    tags: Sequence[str]
    words: str
    levels: Mapping[str, str]
    things: Sequence[str]
    rooms: Sequence[str]
    lends: str
    reach_ids: Sequence[int]
    online_only: bool
    languages: Sequence[str]
    hours_a_week: float | None
    free: Sequence[str]
    quiet_from: time
    quiet_until: time
    timezone: str
    visibility: str
    asks_a_week: int


async def say_ability(work: Work, **said: Unpack[Said]) -> None:
    """Put what the viewer says of themselves in the place of what they said of it before.

    Tags become words of the vocabulary where it has them; how well is kept for the tags that are still there.
    """
    require(policy.may_say_ability(work.viewer), "Please sign in to say what you can do.")
    assert work.viewer.id is not None  # the policy has just said so
    vocabulary = await find_vocabulary(work)
    # Two tabs saved at once: the second waits for the first, whether or not there is a row yet.
    await work.one_at_a_time(f"ability:{work.viewer.id}")
    ability = await find_ability_to_change(work)
    if ability is None:
        ability = Ability(person_id=work.viewer.id)
        work.session.add(ability)
    values = dict(said)
    if "lends" in values:
        values["things"] = [line.strip() for line in str(values["lends"]).splitlines() if line.strip()]
    if "things" in values:
        # What an older process wrote there has been read with the things, and comes back among them.
        values["lends"] = ""
    for name, value in values.items():
        setattr(ability, name, list(value) if isinstance(value, (list, tuple)) else value)
    _keep_words(ability, vocabulary)
    ability.said_at = work.now
    work.record(AbilityChanged(work.viewer.id))


def _keep_words(ability: Ability, vocabulary: policy.Vocabulary) -> None:
    """Let the words of the vocabulary stand for the tags of this row, and how well for no others."""
    levels = {vocabulary.tag_of(tag) or tag: level for tag, level in ability.levels.items()}
    ability.tags = vocabulary.canonical(ability.tags)
    ability.levels = {tag: levels[tag] for tag in ability.tags if tag in levels}


def call_it(work: Work, ability: Ability, vocabulary: policy.Vocabulary) -> None:
    """Bring a row up to date with a vocabulary that has just learnt another word."""
    _keep_words(ability, vocabulary)
    work.record(AbilityChanged(ability.person_id))
