"""The doors of people: signing in and out, the account, and drafts."""

from __future__ import annotations

from markupsafe import Markup

from civicboard.kit.web import FLASHES
from civicboard.people.routes.account import ROUTES as ACCOUNT
from civicboard.people.routes.blocks import ROUTES as BLOCKS
from civicboard.people.routes.drafts import ROUTES as DRAFTS
from civicboard.people.routes.drafts import ask_to_sign_in
from civicboard.people.routes.joining import ROUTES as JOINING
from civicboard.people.routes.leaving import ROUTES as LEAVING
from civicboard.people.routes.signing_in import ROUTES as SIGNING_IN

__all__ = ["ROUTES", "ask_to_sign_in"]

FLASHES.update(
    {
        "tapped": "Sign in first. Then press it once more, and it counts.",
        "draft-kept": "What you wrote is kept. Sign in, and it will be waiting for you.",
        # A link, never a wall, and only this once.
        "welcome": Markup(
            "Welcome. This is your account now. If you have a minute,"
            ' <a href="/account/abilities">say what you can do</a>.'
        ),
        "blocked": "You and this person are never suggested to each other from now on. Nobody else sees that.",
        "unblocked": "Taken back. Nobody was told of either.",
        "signed-out": "You are signed out.",
        "profile-saved": "Your profile is saved.",
        "session-ended": "That browser is signed out.",
        "others-ended": "Every other browser is signed out.",
        "identity-added": "You can sign in with that now too.",
        "identity-removed": "You can no longer sign in with that.",
    }
)

ROUTES = [*SIGNING_IN, *JOINING, *LEAVING, *ACCOUNT, *DRAFTS, *BLOCKS]
