"""What two texts have in common: two words, or one that is rare, are a reason, and one that all use is none."""

from __future__ import annotations

import pytest

from civicboard.matching.policy import wording
from civicboard.matching.policy.everyday import is_everyday, same_word
from civicboard.matching.policy.facts import Able, Wanted, facts
from civicboard.matching.policy.scoring import may_fit, reasons, why_you


def fit_of(said: str, wanted: str, alike: float | None = None, **kind: str):
    what = Wanted(what=wanted, text=wanted, means={}, where="", **kind)
    return facts(Able(1, words=said), what, alike)


@pytest.mark.parametrize(
    ("said", "wanted", "told"),
    [
        # One word that everybody uses says nothing, in whatever form.
        ("I will be back on Fridays.", "Somebody to carry it back", []),
        ("Free most evenings.", "An evening with our accounts", []),
        ("I like showing people round.", "Show us what to do", []),
        ("I stopped work in May.", "Can it be stopped?", []),
        # Nor does a word that only begins alike.
        ("Ten years of statistics.", "A lift to the station", []),
        ("I plan my days.", "Plants for the verge", []),
        # One that has a subject does.
        ("I mend bicycles.", "A bicycle for the school run", ["bicycle"]),
        ("I play the ukulele.", "Someone with a ukulele", ["ukulele"]),
        ("I am a plumber.", "The plumbing of the hall", ["plumbing"]),
        ("Ten years on drainage.", "Where does this drain go?", ["drain"]),
        ("I do charts.", "Charts from a table", ["charts"]),
        # And so do two, whichever they are.
        ("Free most afternoons, and I tell tales.", "To tell us, one afternoon", ["tell", "afternoon"]),
        ("I read a culvert survey once.", "somebody who can read a culvert survey", ["culvert", "survey"]),
    ],
)
def test_what_two_have_in_common_is_a_reason(said, wanted, told):
    unread = fit_of(said, wanted)
    assert list(unread.words) == told
    assert may_fit(unread) == bool(told)
    if told:
        assert why_you(unread)[0].startswith(f"It says “{told[0]}”")


@pytest.mark.parametrize("alike", [None, 0.3])
def test_a_common_word_is_never_told_as_the_reason(alike):
    """Also where a model has read both, and something else is the reason."""
    fit = fit_of("I will be back on Fridays.", "Somebody to carry it back", alike)
    assert may_fit(fit) == (alike is not None)
    assert "back" not in " ".join((*why_you(fit), *reasons(fit)))


@pytest.mark.parametrize(
    ("said", "wanted", "alike", "told"),
    [
        ("Thirty winters on becks.", "An eye on the water", 0.5, "It is close to what you said you can do."),
        ("Thirty winters on becks.", "An eye on the water", 0.3, "It may be close to what you said you can do."),
        ("I drive a bus.", "Where can a bus turn?", 0.5, "It is close to what you said you can do: both say “bus”."),
        (
            "I drive a bus.",
            "Where can a bus turn?",
            0.3,
            "It may be close to what you said you can do: both say “bus”.",
        ),
        # Words that everybody uses would only be in the way there.
        ("I can tell you much.", "Tell us how much, if you can", 0.5, "It is close to what you said you can do."),
    ],
)
def test_what_a_model_makes_of_it_is_told_no_surer_than_it_is(said, wanted, alike, told):
    assert why_you(fit_of(said, wanted, alike)) == [told]


@pytest.mark.parametrize(
    ("wanted", "thing", "is_it"),
    [
        ("A long ladder", "Ladder, 5 m", True),
        ("A long ladder", "A long table", False),
        ("A projector for Friday evening", "PA system, evenings only", False),
        ("Folding tables", "Two folding chairs", False),
        ("Something that measures speed", "A measuring wheel", False),
        ("Tables", "A folding table", True),
        ("Something to borrow that pumps water", "I lend my water pump", True),
    ],
)
def test_a_thing_is_what_is_wanted_and_not_only_like_it(wanted, thing, is_it):
    assert wording.is_such(wanted, thing) is is_it
    fit = facts(Able(1, things=[thing]), Wanted(what=wanted, text=wanted, means={}, kind="thing"), None)
    assert bool(fit.lends) is is_it


@pytest.mark.parametrize(
    ("word", "is_one"), [("planned", True), ("happily", True), ("replies", True), ("culverts", False)]
)
def test_a_word_is_everyday_in_all_its_forms(word, is_one):
    assert is_everyday(word) is is_one


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("drain", "drainage", True),
        ("counsellor", "counselling", True),
        ("bicycles", "bicycle", True),
        ("translate", "translation", True),
        ("communal", "community", False),
        ("plan", "plant", False),
        ("counts", "county", False),
    ],
)
def test_forms_of_one_word(one, other, same):
    assert same_word(one, other) is same_word(other, one) is same
