from __future__ import annotations

from datetime import UTC, datetime

import pytest

from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.offers import policy

ADA, BO, CY = Viewer(1, "ada", "Ada"), Viewer(2, "bo", "Bo"), Viewer(3, "cy", "Cy")


def test_anyone_with_an_account_may_offer():
    assert policy.may_offer(BO)
    assert not policy.may_offer(NOBODY)


@pytest.mark.parametrize(("viewer", "poster_id", "fits"), [(BO, 1, True), (ADA, 1, False), (BO, None, True)])
def test_an_offer_is_for_somebody_elses_problem(viewer, poster_id, fits):
    assert policy.is_for_another(viewer, poster_id) is fits


@pytest.mark.parametrize(
    ("viewer", "poster_id", "convenor_id", "helper_id", "may"),
    [
        (ADA, 1, None, 2, True),
        (BO, 1, None, 3, False),
        (NOBODY, 1, None, 2, False),
        (NOBODY, None, None, 2, False),
        (CY, 1, 3, 2, True),
        (ADA, 1, 3, 2, True),
        (CY, None, 3, 2, True),
        (CY, 1, 3, 3, False),
        (ADA, 1, 3, 3, True),
        (CY, None, 3, 3, False),
        (CY, 1, None, 2, False),
        (NOBODY, 1, 3, 2, False),
    ],
)
def test_the_poster_and_the_convenor_answer_and_nobody_their_own(viewer, poster_id, convenor_id, helper_id, may):
    sides = {"poster_id": poster_id, "convenor_id": convenor_id, "helper_id": helper_id}
    assert policy.may_answer(viewer, **sides) is may


def test_across_a_block_a_convenor_leaves_the_answer_to_others():
    sides = {"poster_id": 1, "convenor_id": 3, "helper_id": 2, "is_apart": True}
    assert not policy.may_answer(CY, **sides)
    assert policy.may_answer(ADA, **sides)


@pytest.mark.parametrize(
    ("poster_id", "convenor_id", "helper_id", "nobody"),
    [(1, None, 2, False), (None, None, 2, True), (None, 3, 2, False), (None, 3, 3, True), (1, 3, 3, False)],
)
def test_where_nobody_can_answer_nobody_waits(poster_id, convenor_id, helper_id, nobody):
    sides = {"poster_id": poster_id, "convenor_id": convenor_id, "helper_id": helper_id}
    assert policy.has_nobody_to_answer(**sides) is nobody


NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("viewer", "welcomed_by_id", "state", "sees"),
    [
        (CY, 3, "welcomed", True),
        (BO, 3, "welcomed", True),
        (ADA, 3, "welcomed", False),  # who posted it, and didn't welcome it
        (CY, 1, "welcomed", False),  # who looks after it, and didn't welcome it
        (BO, None, "welcomed", False),
        (CY, 3, "ended", True),
        (CY, 3, "withdrawn", False),
        (NOBODY, None, "welcomed", False),
    ],
)
def test_a_contact_is_for_the_helper_and_whoever_welcomed_them(viewer, welcomed_by_id, state, sees):
    facts = {"state": state, "ended_at": NOW if state == "ended" else None, "helper_id": 2, "now": NOW}
    assert policy.sees_contact(viewer, welcomed_by_id=welcomed_by_id, **facts) is sees


def test_what_was_welcomed_before_it_was_kept_by_whom_was_welcomed_by_the_poster():
    assert policy.welcomed_by(state="welcomed", answered_by_id=None, poster_id=1) == 1
    assert policy.welcomed_by(state="welcomed", answered_by_id=3, poster_id=1) == 3
    assert policy.welcomed_by(state="welcomed", answered_by_id=None, poster_id=None) is None
    assert policy.welcomed_by(state="waiting", answered_by_id=None, poster_id=1) is None


@pytest.mark.parametrize(
    ("viewer", "poster_id", "convenor_id", "involved", "may"),
    [
        (CY, 1, 3, True, True),
        (BO, 1, 3, True, False),
        (BO, None, 3, True, False),  # somebody looks after it now, so it is for them
        (BO, None, None, True, True),
        (BO, None, None, False, False),
        (NOBODY, None, None, False, False),
    ],
)
def test_a_convenor_settles_a_need_as_the_poster_does(viewer, poster_id, convenor_id, involved, may):
    facts = {"by_id": 9, "poster_id": poster_id, "convenor_id": convenor_id, "involved": involved}
    assert policy.may_settle_need(viewer, **facts) is may


@pytest.mark.parametrize(("viewer", "may"), [(BO, True), (ADA, False), (NOBODY, False)])
def test_only_the_helper_withdraws(viewer, may):
    assert policy.may_withdraw(viewer, 2) is may
