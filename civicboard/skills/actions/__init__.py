"""Saying what one can do, and tending the words for it."""

from __future__ import annotations

from civicboard.skills.actions.abilities import Said, say_ability
from civicboard.skills.actions.vocabulary import add_synonym, add_word, put_words, remove_synonym, seed_words

__all__ = ["Said", "add_synonym", "add_word", "put_words", "remove_synonym", "say_ability", "seed_words"]
