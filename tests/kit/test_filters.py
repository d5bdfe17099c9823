"""What templates do with a value."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from civicboard.kit.filters import filters, marked


@pytest.mark.parametrize(
    ("zone", "month", "told"),
    [
        ("UTC", 6, "5 June 2026, 23:30 UTC"),
        ("Europe/London", 6, "6 June 2026, 00:30 BST"),
        ("Europe/London", 1, "5 January 2026, 23:30 GMT"),
    ],
)
def test_an_exact_time_is_told_by_the_clock_of_the_place(zone: str, month: int, told: str) -> None:
    when = filters(ZoneInfo(zone))["when"]
    moment = datetime(2026, month, 5, 23, 30, tzinfo=UTC)
    assert f">{told}</time>" in when(moment)
    assert f'datetime="{moment.isoformat()}"' in when(moment), "scripts get the moment itself"
    assert str(when(moment, "moved")).startswith("<small>moved <time")


def test_a_headline_has_its_matches_marked_and_no_half_pairs() -> None:
    cut = "## Known:** the \u0002culvert\u0003 is `600` mm & **half"
    assert marked(cut) == "Known: the <mark>culvert</mark> is 600 mm &amp; half"
