from __future__ import annotations

import random
import re
import threading
import time
from dataclasses import dataclass
from html import unescape

import pytest

from civicboard.kit import diff as module
from civicboard.kit.diff import A_PAGE, diff, diffs, page_of, pager, read_before


@dataclass(frozen=True)
class Said:
    number: int


def sides(html: str) -> tuple[str, str]:
    """What a reader of the diff takes for the text before, and for the text after."""
    before = re.sub(r"<ins>.*?</ins>|</?del>", "", html, flags=re.S)
    after = re.sub(r"<del>.*?</del>|</?ins>", "", html, flags=re.S)
    return unescape(before), unescape(after)


def test_words_that_came_and_went():
    assert diff("Four times since May.", "Five times since May.") == "<del>Four</del><ins>Five</ins> times since May."
    assert diff("The same", "The same") == "The same"
    assert diff("", "New") == "<ins>New</ins>"
    assert diff("Old", "") == "<del>Old</del>"


def test_everything_is_escaped():
    assert diff("<b>a</b>", "<i>a</i>") == "&lt;<del>b</del><ins>i</ins>&gt;a&lt;/<del>b</del><ins>i</ins>&gt;"


def test_a_small_change_of_a_long_text_is_shown_by_words():
    long = "\n".join(f"Line {at} of a long story." for at in range(300))
    assert "<del>150</del><ins>fifteen</ins>" in diff(long, long.replace("Line 150 ", "Line fifteen "))


def test_many_changes_are_shown_by_lines_and_very_many_at_once():
    lines = [f"Line {at} is so and so\n" for at in range(500)]
    some = diff(
        "".join(lines), "".join(line.replace("so", "thus") if at % 2 else line for at, line in enumerate(lines))
    )
    assert some.startswith("Line 0 is so and so\n<del>Line 1 is so and so\n</del><ins>Line 1 is thus and thus\n</ins>")
    went, came = "a\n" * 900, "b\n" * 900
    assert diff(went, came) == f"<del>{went}</del><ins>{came}</ins>"


@pytest.mark.parametrize("length", [3, 150, 290, 1000, 2500])
@pytest.mark.parametrize("kinds", [2, 20, 90])
@pytest.mark.parametrize("between", [" ", "\n"])
def test_it_is_quick_and_true_whatever_somebody_makes_up(length, kinds, between):
    dice = random.Random(length)
    before, after = (between.join(f"w{dice.randrange(kinds)}" for _ in range(length)) for _ in range(2))
    began = time.thread_time()
    html = diff(before, after)
    assert time.thread_time() - began < 0.5
    assert sides(html) == (before, after)


async def test_it_is_made_beside_the_event_loop_and_kept(monkeypatch):
    threads = []
    whole = module._same_start

    def watched(*pieces):
        threads.append(threading.current_thread())
        return whole(*pieces)

    monkeypatch.setattr(module, "_same_start", watched)
    pair = ("Kept words, once", "Kept words, twice")
    assert await diffs([pair, ("x", "y")]) == [
        "Kept words, <del>once</del><ins>twice</ins>",
        "<del>x</del><ins>y</ins>",
    ]
    assert threads
    assert threading.main_thread() not in threads
    threads.clear()
    await diffs([pair])
    assert threads == []
    assert diff.cache_info().maxsize == module.KEPT


def test_a_history_comes_a_page_at_a_time():
    versions = [Said(number) for number in range(45, 0, -1)]
    seen, given, pages = [], "", []
    while True:
        before = read_before(given, newest=45)
        shown = page_of([version for version in versions if version.number < before][: A_PAGE + 1])
        assert all((then.number if then else 0) == now.number - 1 for now, then in shown)
        assert len(shown) <= A_PAGE
        seen += [now for now, _ in shown]
        ways = pager("/h", before, newest=45)
        pages.append((ways["newer"], ways["older"]))
        if ways["older"] is None:
            break
        given = ways["older"].partition("=")[2]
    assert seen == versions
    assert pages == [(None, "/h?before=26"), ("/h", "/h?before=6"), ("/h?before=26", None)]


@pytest.mark.parametrize("before", ["", "x", "-1", "²", "1" * 30, "46"])
def test_an_odd_address_leads_to_the_newest(before):
    assert read_before(before, newest=2) == 3


def test_the_versions_of_a_page_stand_with_those_before_them():
    assert page_of([Said(2), Said(1)]) == [(Said(2), Said(1)), (Said(1), None)]
    assert page_of([]) == []


@pytest.mark.parametrize(
    ("before", "newer", "older"),
    [
        (3, None, None),
        (A_PAGE + 1, None, None),
        (A_PAGE + 2, None, "/h?before=2"),
        (2, "/h", None),
        (0, "/h", None),
    ],
)
def test_the_addresses_of_the_other_pages(before, newer, older):
    newest = before - 1 if newer is None else 5
    assert pager("/h", before, newest=newest) == {"newer": newer, "older": older}
