from __future__ import annotations

import pytest

from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.offers import policy

ADA, BO = Viewer(1, "ada", "Ada"), Viewer(2, "bo", "Bo")


def test_anyone_with_an_account_may_offer():
    assert policy.may_offer(BO)
    assert not policy.may_offer(NOBODY)


@pytest.mark.parametrize(("viewer", "poster_id", "fits"), [(BO, 1, True), (ADA, 1, False), (BO, None, True)])
def test_an_offer_is_for_somebody_elses_problem(viewer, poster_id, fits):
    assert policy.is_for_another(viewer, poster_id) is fits


@pytest.mark.parametrize(
    ("viewer", "poster_id", "may"),
    [(ADA, 1, True), (BO, 1, False), (NOBODY, 1, False), (NOBODY, None, False)],
)
def test_only_the_poster_answers(viewer, poster_id, may):
    assert policy.may_answer(viewer, poster_id) is may


@pytest.mark.parametrize(("viewer", "may"), [(BO, True), (ADA, False), (NOBODY, False)])
def test_only_the_helper_withdraws(viewer, may):
    assert policy.may_withdraw(viewer, 2) is may
