"""What people may do with their own account, and what they may be called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from civicboard.kit import text
from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.people import policy

ADA = Viewer(id=1, handle="ada", name="Ada Kaur", session_id=1)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("handle", ["ada", "a1", "ada-kaur", "2-street", "a" * 30, "a--b"])
def test_a_handle_may_be(handle: str) -> None:
    assert policy.is_handle(handle)
    assert text.mentions(f"Ask @{handle}!") == {handle}, "what is a handle can be mentioned"


@pytest.mark.parametrize(
    "handle", ["", "a", "Ada", "ada ", "-ada", "ada-", "ada_k", "a" * 31, "zoë", "ada\n", "ada/x", "٣٣"]
)
def test_a_handle_may_not_be(handle: str) -> None:
    assert not policy.is_handle(handle)


def test_words_of_the_board_are_reserved() -> None:
    assert all(policy.is_reserved(word) for word in ("admin", "new", "moderator", "council", "former-neighbour"))
    assert not policy.is_reserved("ada")
    assert all(policy.is_handle(word) or len(word) < 2 for word in policy.RESERVED), "else it reserves nothing"


def test_signed_out_people_have_nothing_to_change() -> None:
    assert not policy.may_edit_profile(NOBODY)
    assert not policy.may_end_sessions(NOBODY)
    assert not policy.may_remove_identity(NOBODY, 2)
    assert not policy.may_add_identity(NOBODY, 1)


def test_an_identity_is_added_by_who_began_it_alone() -> None:
    assert policy.may_add_identity(ADA, 1)
    assert not policy.may_add_identity(ADA, 2)


def test_the_last_way_to_sign_in_stays() -> None:
    assert policy.may_remove_identity(ADA, 2)
    assert not policy.may_remove_identity(ADA, 1)


def test_times() -> None:
    minute = timedelta(minutes=1)
    assert policy.may_finish(NOW, NOW + 14 * minute)
    assert not policy.may_finish(NOW, NOW + 15 * minute)
    assert policy.may_join(NOW, NOW + 59 * minute)
    assert not policy.may_join(NOW, NOW + 60 * minute)
    assert policy.is_new(NOW, NOW + timedelta(hours=23))
    assert not policy.is_new(NOW, NOW + timedelta(hours=24))
