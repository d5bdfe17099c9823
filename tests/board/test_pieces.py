"""The piece of a story that a search shows, cut out without PostgreSQL and marked as it would mark it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from civicboard.board.queries.search.pieces import BEFORE, LONG, SHORT, SHOWN, piece_of

STORY = (
    "The families on Mill Street were told that the culverts flood whenever it rains. Nobody was telling them why. "
    "Málaga's engineers had cleaned theirs, and lying dogs sleep on the skies of others. She believed the children's "
    "studies, which were studied twice by the council's councillors. Running water ran past running shoes."
)


@pytest.mark.parametrize(
    ("words", "marked"),
    [
        (["family"], ["families"]),
        (["flooding"], ["flood"]),
        (["tell"], ["telling"]),
        (["MALAGA"], ["Málaga"]),
        (["lie"], ["lying"]),
        (["sky"], ["skies"]),
        (["study"], ["studies", "studied"]),
        (["run"], ["Running", "running"]),
        (["cleaning", "believes"], ["cleaned", "believed"]),
        (["streets"], ["Street"]),
        (["stress"], []),
        (["mill-street"], ["Mill", "Street"]),
    ],
)
async def test_it_marks_what_postgresql_would(desk, words, marked):
    found = re.findall("\u0002(.+?)\u0003", piece_of(STORY, words))
    assert found == marked
    whole = text("SELECT ts_headline('civic', :story, websearch_to_tsquery('civic', :asked), 'HighlightAll=true')")
    async with desk.reading() as work:
        theirs = await work.session.scalar(whole.bindparams(story=STORY, asked=" ".join(words).replace("-", " ")))
    assert re.findall("<b>(.+?)</b>", theirs) == marked


def test_it_says_nothing_but_what_the_text_says():
    piece = piece_of(STORY, ["shoes"])
    assert piece.replace("\u0002", "").replace("\u0003", "") in STORY
    assert piece.endswith("\u0002shoes\u0003."), "the end is the end"


def test_it_begins_where_most_of_the_words_stand_near_each_other():
    long = "The heron came. " + "Nobody saw it then. " * 40 + "A heron drowned in the culvert. " + "Nobody came. " * 400
    piece = piece_of(long, ["heron", "drowning"])
    assert "\u0002heron\u0003 \u0002drowned\u0003" in piece
    assert len(piece.split()) == SHOWN
    assert piece.split().index("\u0002heron\u0003") == BEFORE


def test_of_a_text_that_is_too_long_to_look_through_no_more_is_shown_than_of_any():
    long = "Nobody came. " * (LONG // 13 - 2) + "A heron drowned. " + "Nobody saw it. " * 400
    piece = piece_of(long, ["heron"])
    assert "\u0002heron\u0003" in piece
    assert len(piece.split()) <= SHOWN


def test_a_mark_that_is_no_letter_is_passed_over():
    """U+FF9E is a word to Python, and nothing once accents are taken off."""
    assert piece_of("Here \uff9e is a heron.", ["heron", "\uff9e"]) == "Here \uff9e is a \u0002heron\u0003."


def test_a_short_text_is_shown_whole():
    short = "Twice told: a heron drowned."
    assert len(short) < SHORT
    assert piece_of(short, ["heron"]) == "Twice told: a \u0002heron\u0003 drowned."


@pytest.mark.parametrize("words", [[], ["zeppelin"], ["—"], ["*"]])
def test_where_nothing_is_found_there_is_no_piece(words):
    assert piece_of(STORY, words) == ""
    assert piece_of("", words) == ""
