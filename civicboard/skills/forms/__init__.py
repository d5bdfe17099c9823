"""What people type about what they can do and about the words for it, made into valid, frozen data."""

from __future__ import annotations

from civicboard.skills.forms.abilities import LevelsForm, WhatForm, WhenForm, WhoForm
from civicboard.skills.forms.vocabulary import NewSynonym, NewWord, OldSynonym, WordsFile

__all__ = ["LevelsForm", "NewSynonym", "NewWord", "OldSynonym", "WhatForm", "WhenForm", "WhoForm", "WordsFile"]
