from __future__ import annotations

import pytest

from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.problems.models import STAGES
from civicboard.progress.policy import lacks_why, may_set_stage

ADA, BO = Viewer(1, "ada", "Ada"), Viewer(2, "bo", "Bo")


@pytest.mark.parametrize(
    ("viewer", "poster_id", "may"),
    [(ADA, 1, True), (BO, 1, False), (NOBODY, 1, False), (NOBODY, None, False)],
)
def test_for_now_the_poster_sets_the_stage(viewer, poster_id, may):
    assert may_set_stage(viewer, poster_id) is may


@pytest.mark.parametrize("stage", STAGES)
def test_an_end_or_a_halt_needs_a_reason(stage):
    needs = stage in ("sorted", "stuck", "passed_on")
    assert bool(lacks_why(stage, "")) is needs
    assert bool(lacks_why(stage, "too short")) is needs
    assert not lacks_why(stage, "long enough")
