"""The score, the rings and the rules of asking, as plain arithmetic."""

from __future__ import annotations

import ast
import dataclasses
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.matching.policy import rings, scoring
from civicboard.matching.policy.asking import WEEK, AskPreferences, is_quiet, may_see_helpers, next_waking, when_to_ask
from civicboard.matching.policy.scoring import Fit, Weights, free_in_words, may_ask_uninvited, may_fit, reasons, score

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
#: What says who somebody is, and not what they can do.
STATUS = ("affiliation", "organisation", "role", "department", "handle", "joined_at", "thanks", "officer", "name")
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001
PEACES = st.builds(
    AskPreferences,
    zone=st.sampled_from(["UTC", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"]).map(
        ZoneInfo
    ),
    quiet_from=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    quiet_until=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    a_week=st.integers(0, 5),
)


def test_status_is_no_input_of_the_score() -> None:
    fields = {field.name for field in dataclasses.fields(Fit)}
    assert not {field for field in fields if any(word in field for word in STATUS)}
    source = ast.parse(Path(scoring.__file__).read_text())
    imported = {node.module for node in ast.walk(source) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"__future__", "collections.abc", "dataclasses", "civicboard.kit.in_words"}


def test_each_part_of_the_score_counts_for_itself() -> None:
    plain = Fit(meaning=0.2)
    better = [
        dataclasses.replace(plain, meaning=0.4),
        dataclasses.replace(plain, tags=(("drainage", "living"),)),
        dataclasses.replace(plain, near="same", place="Brook Lane"),
        dataclasses.replace(plain, free=("thu-evening",)),
    ]
    assert all(score(one, Weights()) > score(plain, Weights()) for one in better)
    assert score(better[2], Weights(near=0)) == score(plain, Weights(near=0))


def test_who_has_nothing_in_common_but_a_little_meaning_is_not_shown() -> None:
    """As near as most who have nothing to do with it, of those that a need is compared with."""
    assert not may_fit(Fit(meaning=0.22))
    assert may_fit(Fit(meaning=0.26))
    assert may_fit(Fit(meaning=0.22, tags=(("traffic", ""),)))


def test_reasons_are_words() -> None:
    fit = Fit(
        tags=(("drainage", "living"),),
        near="beside",
        place="Brook Lane",
        next_kind="ward",
        free=("thu-evening",),
        said="10 years on urban brooks",
    )
    assert reasons(fit) == [
        "drainage (does it for a living): “10 years on urban brooks”",
        "lives in the next ward",
        "free on Thursday evenings",
    ]
    assert reasons(dataclasses.replace(fit, near="reach"))[1] == "can get to Brook Lane"
    assert free_in_words(["mon-morning", "mon-evening", "tue-morning", "tue-evening"]) == "free on Mondays and Tuesdays"


def test_a_high_score_alone_is_not_enough_to_be_asked_uninvited() -> None:
    assert not may_ask_uninvited(Fit(meaning=0.9, free=("thu-evening",)), Weights())
    assert may_ask_uninvited(Fit(meaning=0.6, near="same"), Weights())
    romanian = Fit(tags=(("translation", "living"),), near="same", unspoken=True)
    assert may_ask_uninvited(dataclasses.replace(romanian, unspoken=False), Weights())
    assert not may_ask_uninvited(romanian, Weights())
    # Words in common and a place: "table", said of what one lends and of a room that is wanted.
    assert not may_ask_uninvited(Fit(words=("start", "show", "table"), near="reach", free=("thu-evening",)), Weights())
    assert not may_fit(Fit(tags=(("drainage", ""),), online_only=True, where="there"))


@pytest.mark.parametrize(
    ("near", "is_officer", "ring"), [("beside", False, 1), ("online", True, 2), ("", False, 3), ("same", True, 1)]
)
def test_rings_are_local_then_officers_then_everybody(near: str, is_officer: bool, ring: int) -> None:
    assert [rings.is_in(one, near, is_officer=is_officer) for one in rings.RINGS] == [
        one >= ring for one in rings.RINGS
    ]
    assert not rings.moves_on(1, NOON, NOON + timedelta(hours=71))
    assert rings.moves_on(1, NOON, NOON + timedelta(hours=72))
    assert not rings.moves_on(3, NOON, NOON + timedelta(days=99))


@given(MOMENTS, PEACES)
def test_who_waits_for_the_morning_is_not_in_their_quiet_hours(moment: datetime, preferences: AskPreferences) -> None:
    woken = next_waking(moment, preferences)
    assert woken >= moment
    assert not is_quiet(woken, preferences)


def test_quiet_hours_are_by_the_clock_on_the_wall_when_clocks_change() -> None:
    london = AskPreferences(ZoneInfo("Europe/London"), time(21), time(8))
    assert next_waking(datetime(2026, 3, 28, 23, tzinfo=UTC), london) == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert next_waking(datetime(2026, 10, 24, 23, tzinfo=UTC), london) == datetime(2026, 10, 25, 8, tzinfo=UTC)


@given(st.lists(MOMENTS, max_size=12), PEACES)
def test_never_more_than_two_in_any_seven_days(wishes: list[datetime], preferences: AskPreferences) -> None:
    asked: list[datetime] = []
    for now in sorted(wishes):
        due = when_to_ask(max([now, *asked]), asked, preferences)
        if due is None:
            assert preferences.a_week == 0
            continue
        assert not is_quiet(due, preferences)
        asked.append(due)
    for first in asked:
        assert len([one for one in asked if first <= one <= first + WEEK]) <= min(2, preferences.a_week)


@pytest.mark.parametrize("fact", ["poster_id", "is_member", "affected", "follows"])
def test_who_could_help_is_for_who_has_to_do_with_the_problem(fact: str) -> None:
    dee = Viewer(id=4, handle="dee", name="Dee")
    passes_by = {"poster_id": 1, "is_member": False, "affected": False, "follows": False}
    assert not may_see_helpers(dee, **passes_by)
    assert may_see_helpers(dee, **{**passes_by, fact: 4 if fact == "poster_id" else True})
    imported = {**passes_by, "poster_id": None}
    assert not may_see_helpers(NOBODY, **{**imported, "follows": True})
    assert not may_see_helpers(NOBODY, **imported)
