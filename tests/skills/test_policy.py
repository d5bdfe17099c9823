"""Which word stands for which, and who may do and see what."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.skills.actions.vocabulary import SEED
from civicboard.skills.forms import WordsFile
from civicboard.skills.policy import (
    Vocabulary,
    address_of,
    key,
    may_edit_vocabulary,
    may_say_ability,
    may_see_ability,
)

ADA, BO, NEW = Viewer(1, "ada", "Ada"), Viewer(2, "bo", "Bo"), Viewer(3, "eve", "Eve", is_new=True)
WORDS = Vocabulary.of(
    [
        ("bookkeeping", ["book-keeping", "keeping accounts", "treasurer"]),
        ("tree care", ["trees", "arboriculture"]),
        ("first aid", ["first aider", "cpr"]),
        ("buses", ["bus routes"]),
        ("surveys", ["polling"]),
        ("café work", []),
    ]
)
SEEDED = json.loads(SEED.read_text(encoding="utf-8"))
SEED_WORDS = Vocabulary.of([(word["tag"], word["synonyms"]) for word in SEEDED])


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        (["bookkeeping"], ["bookkeeping"]),
        (["Book-Keeping"], ["bookkeeping"]),
        (["book keeping"], ["bookkeeping"]),
        (["treasurers"], ["bookkeeping"]),
        (["tree"], ["tree care"]),
        (["First-Aid"], ["first aid"]),
        (["bus"], ["buses"]),
        (["survey"], ["surveys"]),
        (["cafe work"], ["café work"]),
        (["CAFÉ WORKS"], ["café work"]),
        (["Herding cats"], ["Herding cats"]),
        (["herding cats", "Herding  Cats"], ["herding cats"]),
        (["cpr", "juggling", "first aid", "treasurer"], ["first aid", "juggling", "bookkeeping"]),
        (["glass"], ["glass"]),
        ([], []),
    ],
)
def test_what_people_type_becomes_the_word_that_stands_for_it(typed: list[str], tags: list[str]) -> None:
    assert WORDS.canonical(typed) == tags


def test_the_other_words_for_a_tag() -> None:
    assert WORDS.words_for("bookkeeping") == ["bookkeeping", "book-keeping", "keeping accounts", "treasurer"]
    assert WORDS.words_for("Treasurers") == WORDS.words_for("bookkeeping")
    assert WORDS.words_for("herding cats") == ["herding cats"]


def test_only_what_is_called_otherwise_is_told() -> None:
    assert WORDS.renamed(["bookkeeping", "cpr", "juggling"]) == [("cpr", "first aid")]


_word = st.text(alphabet="abcsé -'’ies/ÀÑßı", max_size=8) | st.text(max_size=6)


@given(st.lists(st.tuples(_word, st.lists(_word, max_size=4)), max_size=6), st.lists(_word, max_size=8))
def test_to_do_it_again_changes_nothing(words: list[tuple[str, list[str]]], typed: list[str]) -> None:
    """Whatever the vocabulary, also one that is in a muddle: a tag stays a tag, and an unknown word as it was."""
    vocabulary = Vocabulary.of(words)
    once = vocabulary.canonical(typed)
    assert vocabulary.canonical(once) == once
    assert set(once) <= {*vocabulary.tags, *typed}
    assert len(once) <= len(typed)


def test_the_words_that_come_with_the_board() -> None:
    """About as many as a place needs, each with two to six others, each of which stands once, however spelled."""
    assert 120 <= len(SEEDED) <= 150
    every = [word for one in SEEDED for word in (one["tag"], *one["synonyms"])]
    assert len({key(word) for word in every}) == len(every)
    for one in SEEDED:
        assert 2 <= len(one["synonyms"]) <= 6, one["tag"]
        assert one["about"].endswith(".")
        assert SEED_WORDS.canonical([one["tag"], *one["synonyms"]]) == [one["tag"]]
    assert all(word == word.lower() and len(word) <= 30 for word in every)
    assert WordsFile.read(SEED.read_bytes()) == [{**one, "synonyms": tuple(one["synonyms"])} for one in SEEDED]
    assert len({address_of(one["tag"]) for one in SEEDED}) == len(SEEDED)


NEEDED = """
drainage hydrology carpentry translation bookkeeping mapping accessibility safeguarding fundraising photography
facilitation cycling
"""


@pytest.mark.parametrize("word", NEEDED.split())
def test_what_a_place_needs_is_among_them(word: str) -> None:
    assert word in SEED_WORDS.tags


@pytest.mark.parametrize(
    ("tag", "address"),
    [
        ("driving a van", "driving-a-van"),
        ("café & co", "cafe-co"),
        ("r/c boats", "r-c-boats"),
        ("садоводство", "садоводство"),
    ],
)
def test_a_tag_in_an_address(tag: str, address: str) -> None:
    assert address_of(tag) == address
    assert Vocabulary.of([(tag, [])]).at(address) == tag
    assert Vocabulary.of([(tag, [])]).at("another") is None


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        # The longest that belongs together, once.
        ("Reads a culvert survey", ["culvert surveys"]),
        ("tree planting on Saturday", ["tree care"]),
        ("Public rights of way", ["footpaths"]),
        ("Show us how the council decides", ["council procedures"]),
        ("Knows planning applications", ["planning law"]),
        ("A tree surgeon, or somebody with a van", ["tree care", "driving a van"]),
        # A thing is not what one does with a word of the same sound.
        ("A sign for the hall", ["sign painting"]),
        ("New signs by the ford", ["sign painting"]),
        ("sign an assessment", []),
        ("What happens if we don't sign?", []),
        ("Somebody to sign the form", []),
        ("Signs of damp in the hall", []),
        ("Signing a lease", []),
        ("sign language at a meeting", ["british sign language"]),
        ("A lock for the shed", ["locksmithing"]),
        ("Lock the gate at night", []),
        ("Somewhere to lock to", []),
        ("Bridge the gap", []),
        ("Grant us an hour", []),
        ("small grants", ["grant applications"]),
        # Who maps does mapping.
        ("Map the lanes", ["mapping"]),
        ("Interview the neighbours", ["interviewing"]),
        ("To pump it dry", ["pumps"]),
        # Words that mostly mean something else.
        ("Five minutes of your time", []),
        ("Keys to the hall", []),
        ("They refuse to collect it", []),
        ("refuse collection", ["waste collection"]),
        ("Help with writing to the council", []),
        ("To collect from three shops", []),
        ("Somebody to take minutes", ["minutes and agendas"]),
        ("A network of carers", ["social care"]),
        ("Our drains are blocked", ["drainage"]),
        ("sign", ["sign painting"]),
        ("", []),
    ],
)
def test_what_a_line_says_is_taken_as_a_reader_would(text: str, tags: list[str]) -> None:
    assert SEED_WORDS.tags_in(text) == tags


def test_said_of_oneself_each_word_counts() -> None:
    """What is passed over in a text is a skill all the same when somebody says it as one."""
    assert SEED_WORDS.canonical(["signing", "writing", "minutes"]) == [
        "british sign language",
        "storytelling",
        "minutes and agendas",
    ]
    assert all(SEED_WORDS.tags_in(tag) == [tag] for tag in SEED_WORDS.tags), "each by its name"


def test_each_says_what_they_can_do_themselves() -> None:
    assert may_say_ability(ADA)
    assert not may_say_ability(NOBODY)


@pytest.mark.parametrize(
    ("visibility", "seen_by"), [("public", {NOBODY, ADA, BO}), ("signed_in", {ADA, BO}), ("matching", {ADA})]
)
def test_who_sees_what_ada_can_do(visibility: str, seen_by: set[Viewer]) -> None:
    assert {viewer for viewer in (NOBODY, ADA, BO) if may_see_ability(viewer, 1, visibility)} == seen_by


def test_words_are_tended_by_whoever_has_been_here_for_a_day() -> None:
    assert may_edit_vocabulary(ADA)
    assert not may_edit_vocabulary(NEW)
    assert not may_edit_vocabulary(NOBODY)
