"""Lists, hours and days as people read them."""

from __future__ import annotations

from datetime import date

import pytest

from civicboard.kit.in_words import day_in_words, hours_in_words, listed


@pytest.mark.parametrize(
    ("words", "read"), [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list(words, read):
    assert listed(words) == read


@pytest.mark.parametrize(
    ("hours", "read"), [(None, ""), (0.25, "15 minutes"), (1.0, "1 hour"), (1.5, "1.5 hours"), (40, "40 hours")]
)
def test_hours(hours, read):
    assert hours_in_words(hours) == read


def test_a_day():
    assert day_in_words(date(2026, 5, 1)) == "1 May 2026"
    assert day_in_words(None) == ""
