from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicboard.kit.forms import Invalid
from civicboard.offers.forms import NewOffer, Refusal, Welcome


@pytest.mark.parametrize(
    ("typed", "hours"), [("2", 2.0), ("1.5", 1.5), ("2,5", 2.5), (" 0.25 ", 0.25), ("200", 200.0), ("", None)]
)
def test_hours_as_people_write_them(typed, hours):
    assert NewOffer.check({"what": "A van", "hours": typed}).hours == hours


@pytest.mark.parametrize(
    "typed", ["0", "0.2", "200.5", "-1", "nan", "inf", "1e2", "two", "1,000.5", "²", "٢", "9" * 400, "1.5.5"]
)
def test_hours_that_make_no_sense(typed):
    with pytest.raises(Invalid) as invalid:
        NewOffer.check({"what": "A van", "hours": typed})
    assert list(invalid.value.state.errors) == ["hours"]
    assert invalid.value.state["hours"] == typed


@pytest.mark.parametrize("typed", ["2027-05-31", "31/5/2027", "31.05.2027", " 2027-5-31 "])
def test_days_as_people_write_them(typed):
    assert NewOffer.check({"what": "A van", "until": typed}).until == date(2027, 5, 31)


@pytest.mark.parametrize("typed", ["2027-02-30", "31/2/2027", "0000-01-01", "tomorrow", "1700000000", "31/5/27"])
def test_days_that_there_are_not(typed):
    with pytest.raises(Invalid) as invalid:
        NewOffer.check({"what": "A van", "until": typed})
    assert list(invalid.value.state.errors) == ["until"]


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_typed_is_taken_or_refused_in_words(hours, until):
    errors = {}
    try:
        form = NewOffer.check({"what": "A van", "hours": hours, "until": until})
    except Invalid as invalid:
        errors = invalid.state.errors
    assert set(errors) <= {"hours", "until"}
    assert all(words.endswith(".") for words in errors.values())
    assert errors or form.hours is None or 0.25 <= form.hours <= 200


@pytest.mark.parametrize("what", ["", "ab", "x" * 121, "\u200b\u200b\u200b", "a\0b is"])
def test_what_is_one_line_of_some_length(what):
    with pytest.raises(Invalid) as invalid:
        NewOffer.check({"what": what})
    assert list(invalid.value.state.errors) == ["what"]


def test_a_refusal_needs_a_kind_word_and_a_welcome_does_not():
    assert Welcome.check({}).words == ""
    with pytest.raises(Invalid) as invalid:
        Refusal.check({})
    assert "kind word" in invalid.value.state.errors["reason"]


@pytest.mark.parametrize(
    ("reason", "message"), [("  ", "kind word"), ("no", "kind word"), ("x" * 501, "500 characters at most")]
)
def test_a_kind_word_is_neither_empty_nor_a_speech(reason, message):
    with pytest.raises(Invalid) as invalid:
        Refusal.check({"reason": reason})
    assert message in invalid.value.state.errors["reason"]
