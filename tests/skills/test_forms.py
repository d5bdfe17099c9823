"""What people may type in the three steps and on the list of words."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from civicboard.kit.forms import Form, Invalid
from civicboard.skills.forms import LevelsForm, NewSynonym, NewWord, WhatForm, WhenForm, WhoForm, WordsFile
from civicboard.skills.forms.abilities import FREE_TIMES, timezones


def test_twelve_tags_each_once_and_no_more() -> None:
    twelve = ", ".join(f"tag {n}" for n in range(12))
    assert len(WhatForm.check({"tags": f"{twelve}, #TAG 0"}).tags) == 12
    with pytest.raises(Invalid) as invalid:
        WhatForm.check({"tags": f"{twelve}, one more", "words": "kept"})
    assert "12 tags" in invalid.value.state.errors["tags"]
    assert invalid.value.state["words"] == "kept"


def test_all_of_the_first_step_may_stay_empty() -> None:
    form = WhatForm.check({"tags": " , ,", "words": "", "things": "\n \n", "languages": ","})
    assert (form.tags, form.words, form.things, form.rooms, form.languages) == ((), "", (), (), ())


def test_things_are_a_line_each() -> None:
    form = WhatForm.check({"things": "- A van,  on Saturdays\r\n\r\n* A ladder\nA ladder", "rooms": "The hut"})
    assert form.things == ("A van, on Saturdays", "A ladder")
    assert form.rooms == ("The hut",)
    assert WhatForm.check({"languages": "polish, English, POLISH"}).languages == ("Polish", "English")


@pytest.mark.parametrize(
    ("form", "field", "value"),
    [
        (WhatForm, "words", "x" * 2001),
        (WhatForm, "tags", "<b>"),
        (WhatForm, "things", "x" * 201),
        (WhatForm, "things", "\n".join(map(str, range(13)))),
        (WhatForm, "rooms", "\n".join(map(str, range(13)))),
        (WhatForm, "languages", "<b>"),
        (WhatForm, "languages", ",".join(f"tongue {n}" for n in range(13))),
        (WhenForm, "hours_a_week", "a few"),
        (WhenForm, "hours_a_week", "81"),
        (WhenForm, "hours_a_week", "0"),
        (WhenForm, "quiet_from", "25:00"),
        (WhenForm, "quiet_until", "at dawn"),
        (WhenForm, "timezone", "Europe/Millbrook"),
        (NewWord, "tag", "one, two"),
        (NewWord, "tag", "_"),
        (NewWord, "synonyms", ",".join(f"word {n}" for n in range(21))),
        (NewWord, "about", "x" * 161),
        (NewSynonym, "word", "<b>"),
        (NewSynonym, "word", "x" * 31),
        (NewSynonym, "word", ""),
    ],
)
def test_what_cannot_be_used_gets_a_message_beside_its_field(form: type[Form], field: str, value: str) -> None:
    given = {"tag": "fine", field: value} if form is NewWord else {field: value}
    with pytest.raises(Invalid) as invalid:
        form.check(given)
    assert list(invalid.value.state.errors) == [field]
    assert invalid.value.state[field] == value


def test_times_and_places_are_ticks() -> None:
    form = WhenForm.check(
        {
            "free_sat-morning": "yes",
            "free_mon-evening": "yes",
            "free_never": "yes",
            "reach_hill": "yes",
            "reach_x": "no",
        }
    )
    assert form.times == ["mon-evening", "sat-morning"]
    assert form.reach == {"hill"}
    assert len(FREE_TIMES) == 21


@pytest.mark.parametrize(
    ("typed", "read"),
    [("21:00", time(21)), ("9.30", time(9, 30)), ("07", time(7)), ("24:00", time(0)), ("22:15:00", time(22, 15))],
)
def test_a_time_of_day(typed: str, read: time) -> None:
    assert WhenForm.check({"quiet_from": typed}).quiet_from == read


def test_quiet_hours_are_those_of_the_night_unless_said_otherwise() -> None:
    form = WhenForm.check({"quiet_from": "", "hours_a_week": "1,5", "timezone": "Europe/London"})
    assert (form.quiet_from, form.quiet_until, form.hours_a_week) == (time(21), time(8), 1.5)
    assert "Europe/London" in timezones()


@pytest.mark.parametrize("said", [{}, {"visibility": "public"}, {"visibility": "all", "asks_a_week": "1"}])
def test_who_sees_it_has_to_be_chosen(said: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        WhoForm.check(said)
    with pytest.raises(Invalid):
        WhoForm.check({"visibility": "public", "asks_a_week": "3"})


def test_how_well_is_one_of_the_levels() -> None:
    assert LevelsForm.check({"level_tree-care": "living", "level_maps": "", "csrf": "x"}).levels == {
        "tree-care": "living"
    }
    with pytest.raises(Invalid):
        LevelsForm.check({"level_tree-care": "best"})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "Invalid JSON"),
        (b'[{"tag": "ok"}, {"tag": "a, b"}]', "Word 2: tag: One at a time"),
        (b'[{"tag": "ok", "synonyms": ["<b>"]}]', "Word 1: synonyms: Tags are words"),
        (b'[{"synonyms": []}]', "Word 1: tag: "),
    ],
)
def test_a_file_that_cannot_be_used_says_where(content: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        WordsFile.read(content)


def test_a_file_is_read_as_a_form_is() -> None:
    words: list[dict[str, Any]] = WordsFile.read(b'[{"tag": "#Tree  Care", "synonyms": ["Trees"]}]')
    assert words == [{"tag": "tree care", "synonyms": ("trees",), "about": ""}]
