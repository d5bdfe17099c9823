"""What people do with accounts: sign in, join, sign out, say who they are; and the drafts of a browser."""

from __future__ import annotations

from civicboard.people.actions.blocks import block_person, unblock_person
from civicboard.people.actions.drafts import drop_draft, drop_drafts, keep_draft
from civicboard.people.actions.forgetting import forget_old
from civicboard.people.actions.identities import add_identity, remove_identity
from civicboard.people.actions.profile import update_profile
from civicboard.people.actions.sessions import (
    end_other_sessions,
    end_provider_sessions,
    end_session,
    end_this_session,
    touch_session,
)
from civicboard.people.actions.signing_in import (
    begin_login,
    join,
    keep_newcomer,
    remember_app,
    sign_in,
    use_login_attempt,
)
from civicboard.people.actions.vouching import want_claims

__all__ = [
    "add_identity",
    "begin_login",
    "block_person",
    "drop_draft",
    "drop_drafts",
    "end_other_sessions",
    "end_provider_sessions",
    "end_session",
    "end_this_session",
    "forget_old",
    "join",
    "keep_draft",
    "keep_newcomer",
    "remember_app",
    "remove_identity",
    "sign_in",
    "touch_session",
    "unblock_person",
    "update_profile",
    "use_login_attempt",
    "want_claims",
]
