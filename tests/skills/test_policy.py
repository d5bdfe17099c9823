from __future__ import annotations

from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.skills.policy import may_say_ability


def test_each_says_what_they_can_do_themselves():
    assert may_say_ability(Viewer(1, "ada", "Ada"))
    assert not may_say_ability(NOBODY)
