"""Civicboard: a board where the people of a place solve its problems together, in the open."""

__version__ = "0.1.0"
