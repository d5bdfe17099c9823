"""What people may do with their own account, and what somebody may be called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from civicboard.kit.viewer import Viewer

#: How long somebody may take at the provider's pages.
ATTEMPT_LASTS = timedelta(minutes=15)
#: How long what a provider proved waits for a name, lest the next person at a library's computer finds it.
PROOF_LASTS = timedelta(hours=1)
#: How long somebody stays signed in.
SESSION_LASTS = timedelta(days=60)
#: How long what a sign-in proved vouches for somebody, unless they sign in that way again: longer than a session lasts.
VOUCHES_FOR = timedelta(days=90)
#: How long an account counts as new, which quarters its rates.
NEW_FOR = timedelta(hours=24)

#: The forms whose drafts are kept: those that there is one of, and those of each thing, as in ``reply:7``.
DRAFTS = ("problem", "abilities", "abilities-levels", "abilities-when", "abilities-who")
DRAFTS_OF = (
    *("edit", "post", "reply", "stage", "need", "offer", "welcome", "refusal"),
    *("members", "together", "invitation"),
)
_DRAFT = re.compile(rf"{'|'.join(DRAFTS)}|(?:{'|'.join(DRAFTS_OF)}):[1-9][0-9]{{0,17}}")

HANDLE_LENGTH = (2, 30)
NAME_LENGTH = (1, 80)

# No hyphen at the end, or an @mention at the end of a thought would swallow a dash.
_HANDLE = re.compile(r"[a-z0-9][a-z0-9-]{0,28}[a-z0-9]")

#: Handles that would pass for the board itself, or for a word in its addresses.
RESERVED = frozenset(
    """
    about account admin administrator all anonymous api board bot civicboard convenor council
    councillor deleted edit editor everybody everyone feeds for-you former-neighbour help here host
    info login logout mail me mod moderation moderator moderators neighbour new news nobody notices
    null office officer official operator owner people places police postmaster problems quiet root
    search security sessions settings somebody space staff static support system team thanks
    undefined us webmaster you
    """.split()  # noqa: SIM905  # eighty quotation marks would hide the words
)


@dataclass(frozen=True, slots=True)
class Vouched:
    """What may vouch for somebody's belonging somewhere: the domain of a verified address, and claims by name.

    ``is_whole`` is False when the provider could not be asked for all it has to say.
    """

    email_domain: str = ""
    claims: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_whole: bool = True


#: A sign-in that vouches for nothing.
NOTHING = Vouched()


def is_handle(handle: str) -> bool:
    """Whether this has the form of a handle: 2 to 30 of ``a-z 0-9 -``, with no hyphen at an end."""
    return _HANDLE.fullmatch(handle) is not None


def is_reserved(handle: str) -> bool:
    return handle in RESERVED


def is_draft(name: str) -> bool:
    """Whether there is a form of this name, so that what is typed there may be kept."""
    return _DRAFT.fullmatch(name) is not None


def may_edit_profile(viewer: Viewer) -> bool:
    """Everybody their own, nobody another's: the action has no parameter for whose."""
    return viewer.signed_in


def may_end_sessions(viewer: Viewer) -> bool:
    return viewer.signed_in


def may_add_identity(viewer: Viewer, begun_by: int) -> bool:
    """Only the person who set out to add it, and who is still the one signed in when it comes back."""
    return viewer.id == begun_by


def may_remove_identity(viewer: Viewer, how_many: int) -> bool:
    """Never the last: nobody could sign in with the account again."""
    return viewer.signed_in and how_many > 1


def may_block(viewer: Viewer, person_id: int) -> bool:
    """Anybody but oneself."""
    return viewer.signed_in and viewer.id != person_id


def is_new(joined_at: datetime, now: datetime) -> bool:
    return now - joined_at < NEW_FOR


def may_finish(begun_at: datetime, now: datetime) -> bool:
    """Whether a sign-in that began then can still be finished."""
    return now - begun_at < ATTEMPT_LASTS


def may_join(proved_at: datetime, now: datetime) -> bool:
    """Whether what a provider proved then is fresh enough to make an account with."""
    return now - proved_at < PROOF_LASTS
