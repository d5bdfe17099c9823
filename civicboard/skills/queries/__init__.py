"""Every SELECT about what people can do, and the words for it."""

from __future__ import annotations

from civicboard.skills.queries.abilities import (
    AbilityRow,
    Neighbour,
    abilities_calling_it,
    find_ability,
    find_ability_to_change,
    find_neighbour,
    shown_to,
)
from civicboard.skills.queries.vocabulary import (
    AbleRow,
    ChangeRow,
    SkillRow,
    changes_latest,
    find_skill,
    find_skill_to_change,
    find_vocabulary,
    people_able,
    skills_all,
)

__all__ = [
    "AbilityRow",
    "AbleRow",
    "ChangeRow",
    "Neighbour",
    "SkillRow",
    "abilities_calling_it",
    "changes_latest",
    "find_ability",
    "find_ability_to_change",
    "find_neighbour",
    "find_skill",
    "find_skill_to_change",
    "find_vocabulary",
    "people_able",
    "shown_to",
    "skills_all",
]
